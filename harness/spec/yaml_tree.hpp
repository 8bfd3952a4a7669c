// YAML bytes → a small tree with positions. Of YAML it takes what a lab needs: maps with plain keys, lists, scalars.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults.hpp"
#include "source_text.hpp"

namespace labctl::spec {

struct YamlEntry;

struct YamlNode {
  // refused: a fault about it has been added already (an alias, a tag, ...); say nothing more.
  enum class Kind { null, scalar, list, map, refused };

  Kind kind = Kind::null;
  Position position;       // of a null without text: its key's, or its list's
  std::size_t offset = 0;  // of a scalar's first byte in the source, its quote if it has one
  bool plain = false;      // a scalar without quotes or block indicator
  std::string text;        // a scalar's, as written: 007 stays 007
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  // no key twice

  // A map's value, null where there is none.
  const YamlNode* find(std::string_view key) const;
  const YamlEntry* find_entry(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  Position position;
  YamlNode value;
};

constexpr int max_depth = 32;
constexpr int max_nodes = 100'000;

// The only document in the source, which check_source() has passed. Nothing when the YAML is not valid or a limit was
// passed, with a fault; faults that leave a usable tree (a duplicate key, an alias) are added too. Never throws.
std::optional<YamlNode> read_yaml(const SourceText& source, Faults& faults);

}  // namespace labctl::spec
