// What folders and archives have in common. Inside intake/ only.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "intake/contents.hpp"

namespace labctl {

// Whether a student's file can be one of the sources.
bool is_source_name(std::string_view path);

// Whether a folder of this name is never looked into: version control, and what systems and editors leave.
bool is_clutter(std::string_view name);

// What kbuild leaves of a module (NAME.mod.c), and files that systems and editors hide.
bool is_made(const std::string& path);

// What stands behind the last '/'.
std::string file_name(const std::string& path);

// A few of them, for a message.
std::string in_words(const std::vector<std::string>& paths);

// Keeps account of what was read, against the limits.
class Keeper {
 public:
  explicit Keeper(const IntakeLimits& limits) : limits_(limits) {}

  // Takes note of an item. False: it is too much, and the reading ends.
  bool add(Item item);
  // Whether this much of a source may be read; a refusal is kept where it may not.
  bool may_read(const std::string& path, std::uint64_t bytes);
  void refuse(std::string why) { contents_.refusals.push_back(std::move(why)); }
  Contents take();

 private:
  const IntakeLimits& limits_;
  Contents contents_;
  std::uint64_t bytes_ = 0;
};

}  // namespace labctl
