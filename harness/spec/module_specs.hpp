// The "modules" of a lab, and what programs have in common with them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

inline constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
// MODULE_NAME_LEN in <linux/moduleparam.h> on 64 bits, without its NUL.
inline constexpr std::size_t max_module_name = 55;

// Whether each character is among `characters` or `more`.
inline bool only_has(std::string_view text, std::string_view characters, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return characters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

// The lab's modules; their names go into the context.
std::vector<ModuleSpec> parse_modules(Context& context, const YamlNode& root);

// One of the edits of "replace". usual_file: the file that is meant where none is named; empty: one must be.
std::optional<LineReplacement> parse_replacement(Context& context, const YamlNode& node, const ModuleSpec& module,
                                                 const std::string& usual_file);

// "sources" of a module or program, NAME.c by default. folder: where in a tree they are, so that they may climb as far
// as its root; null: they are below their folder.
std::vector<std::string> source_list(Context& context, const YamlNode& node, const std::string& name,
                                     const std::string* folder);
// "cflags".
std::vector<std::string> flag_list(Context& context, const YamlNode& node);

}  // namespace labctl::spec
