#include "keys.hpp"

#include <algorithm>
#include <stdexcept>

#include "model/leftover.hpp"

namespace labctl::spec {
namespace {

using Keys = std::vector<std::string>;

Keys together(Keys first, const Keys& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

Keys leftover_kind_names() {
  Keys names;
  for (const LeftoverKind& kind : leftover_kinds())
    names.emplace_back(kind.name);
  return names;
}

std::vector<MapKeys> make_maps() {
  const Keys text = {"equals",   "contains", "lacks",  "matches", "lines", "sequence", "unordered",
                     "includes", "missing",  "number", "table",   "json",  "hex",      "bytes"};
  return {
      {"lab",
       {"lab", "title", "topic", "minutes", "prerequisites", "kernel", "flavour", "cpus", "memory", "devices", "disk",
        "command_line", "modules", "symbols", "programs", "values", "leftovers", "tests"}},
      {"kernel", {"min", "max", "config"}},
      {"module", {"name", "sources", "cflags", "tree", "folder", "makefile", "make", "replace"}},
      {"symbols", {"allow", "forbid"}},
      {"replacement", {"file", "line", "with"}},
      {"course", {"title", "topics"}},
      {"topic", {"name", "about"}},
      {"mutants", {"mutants", "spared"}},
      {"mutant", {"name", "about", "replace", "kills"}},
      {"kill", {"test", "because"}},
      {"spared", {"mutant", "because"}},
      {"program", {"name", "sources", "code", "cflags"}},
      {"test",
       {"name", "points", "hint", "hidden", "needs", "flavour", "cpus", "runs", "values", "leftovers", "reports",
        "faults", "steps"}},
      {"leftovers", {"flavour", "allow", "kmemleak"}},
      {"allowed_leftover", together({"reason", "any"}, leftover_kind_names())},
      {"report", {"kind", "in", "line", "optional"}},
      {"value", {"integer", "integers", "letters", "bytes", "one_of"}},
      {"integers", {"count", "range", "distinct"}},
      {"step_repeat", {"repeat"}},
      {"repeat", {"times", "steps"}},
      {"request", {"type", "number", "direction", "size"}},
      {"input", {"after", "pause", "text"}},
      {"policy", {"fifo", "rr"}},
      {"dmesg", {"has", "lacks", "matches", "sequence", "count", "level", "since", "within"}},
      {"count", {"text", "times"}},
      {"text_checks", text},
      {"number", {"of", "equals", "min", "max", "near", "within"}},
      {"table", {"columns", "skip", "separator", "row", "cells", "absent", "rows"}},
      {"expect_errno", {"errno"}},
      {"expect_text", together({"errno"}, text)},
      {"expect_write", {"errno", "bytes"}},
      {"expect_stat", {"errno", "type", "mode", "owner", "major", "minor", "size", "links"}},
      {"expect_seek", {"errno", "offset"}},
      {"expect_poll", {"ready"}},
      {"expect_ioctl", together({"errno", "result", "integer"}, text)},
      {"expect_run", {"exit", "signal", "stdout", "stderr"}},
      {"expect_elapsed", {"min", "max"}},
      {"expect_build", {"warnings", "sparse", "checkpatch", "error", "uses", "avoids", "licence"}},
  };
}

}  // namespace

const std::vector<MapKeys>& all_maps() {
  static const std::vector<MapKeys> maps = make_maps();
  return maps;
}

const std::vector<std::string>& keys_of(std::string_view map) {
  const auto& maps = all_maps();
  const auto found = std::find_if(maps.begin(), maps.end(), [map](const MapKeys& one) { return one.first == map; });
  // A mistake in this library, which its first test finds.
  if (found == maps.end()) throw std::logic_error("no such map: " + std::string(map));
  return found->second;
}

}  // namespace labctl::spec
