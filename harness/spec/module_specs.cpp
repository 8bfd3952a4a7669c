#include "module_specs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

namespace fs = std::filesystem;
using Kind = YamlNode::Kind;

constexpr std::size_t max_modules = 64;
constexpr std::size_t max_replacements = 100;
constexpr std::size_t max_with = 1 << 16;  // bytes

// Variables that say what is built, with what and where: labctl's, kbuild's and make's own. Besides these all that
// begin with KBUILD_ or MAKE.
constexpr std::string_view taken_variables =
    " AR ARCH AS C CC CF CHECK CHECKFLAGS CPP CROSS_COMPILE CURDIR GNUMAKEFLAGS HOSTCC HOSTCXX KAFLAGS "
    "KCFLAGS KCPPFLAGS KDIR KERNELDIR KERNELRELEASE KERNELVERSION KSRC LD LLVM LLVM_IAS M MFLAGS NM O "
    "OBJCOPY OBJDUMP PATH PWD READELF SHELL SRCARCH STRIP SUBARCH UBSAN_SANITIZE V VPATH ";

constexpr const char* outside_folder_hint = "sources are relative to the folder and below it";

// A path below a folder in normal form; what leaves it begins with "..".
std::string joined(const std::string& folder, const std::string& path) {
  return (fs::path(folder) / path).lexically_normal().string();
}

bool is_plain_path(const std::string& path) {
  return only_has(path, letters_and_digits, "_-+./");
}

// Whether a file, relative to its folder, is where it may be. It goes into a makefile, so its name is plain.
bool check_place(Context& context, const YamlNode& node, const std::string& name, const std::string* folder) {
  const fs::path path(name);
  // Without a tree there is nothing to go up to, and one file would have two names.
  const bool climbs = folder == nullptr && std::find(path.begin(), path.end(), "..") != path.end();
  const bool out = name.starts_with('/') || climbs || joined(folder == nullptr ? "" : *folder, name).starts_with("..");
  if (!out) return true;
  context.faults.add(
      node.position,
      shown(name) + (folder == nullptr ? " is outside the module's folder" : " is outside the module's tree"),
      folder == nullptr ? outside_folder_hint
                        : "files are relative to the module's folder; ../ goes up to the tree's root");
  return false;
}

bool check_source_name(Context& context, const YamlNode& node, const std::string& name) {
  const bool c_file = name.size() > 2 && (name.ends_with(".c") || name.ends_with(".h"));
  if (c_file && (is_plain_path(name) || name.starts_with('/'))) return true;
  context.faults.add(node.position, shown(name) + " is no source file",
                     "a .c or .h file; letters, digits, _ - + . and / in its name");
  return false;
}

bool check_flag(Context& context, const YamlNode& node, const std::string& flag) {
  if (flag.starts_with('-') && only_has(flag, letters_and_digits, "_-=.,+:/@%^~")) return true;
  context.faults.add(node.position, shown(flag) + " is no compiler flag",
                     "one flag an item, as in -DDEBUG=1; no blanks, quotes, $ or #");
  return false;
}

// "my-mod" and "my_mod" are the same module to the kernel.
std::string kernel_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// Where the module is, when the lab says it.
void parse_place(Context& context, const YamlNode& node, ModuleSpec& module) {
  const YamlNode* tree = node.find("tree");
  if (tree != nullptr) module.tree = line_value(context, *tree, "tree").value_or("");
  for (const char* key : {"folder", "makefile"})
    if (const auto* entry = node.find_entry(key); entry != nullptr && tree == nullptr)
      context.faults.add(entry->position, fmt::format("\"{}\" needs \"tree\"", key),
                         "tree: PATH, the root of the source tree that the module is in");
  if (const auto* folder = node.find("folder")) {
    const auto path = line_value(context, *folder, "folder");
    if (path && (path->starts_with('/') || joined("", *path).starts_with(".."))) {
      context.faults.add(folder->position, shown(*path) + " is outside the tree", "a folder is relative to the tree");
    } else if (path && !is_plain_path(*path)) {
      context.faults.add(folder->position, shown(*path) + " cannot be given to make",
                         "letters, digits, _ - + . and / in its name");
    } else if (path) {
      module.folder = joined("", *path);
      if (module.folder.ends_with('/')) module.folder.pop_back();
      if (module.folder == ".") module.folder.clear();
    }
  }
  if (const auto* makefile = node.find("makefile")) {
    const auto choice = choice_value(context, *makefile, "makefile", {"generated", "own"});
    module.own_makefile = choice && *choice == 1;
  }
}

bool check_variable(Context& context, const YamlEntry& entry) {
  const std::string& name = entry.key;
  const bool form =
      !name.empty() && only_has(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_", "0123456789") && (name[0] < '0' || name[0] > '9');
  if (!form) {
    context.faults.add(entry.position, shown(name) + " is no name of a make variable",
                       "capital letters, digits and _, as in MY_OPTION");
    return false;
  }
  const bool taken = name.starts_with("KBUILD_") || name.starts_with("MAKE") ||
                     taken_variables.find(" " + name + " ") != std::string_view::npos;
  if (taken)
    context.faults.add(entry.position, name + " is not the lab's to set",
                       name == "KCFLAGS" ? "compiler flags are \"cflags\"" : "labctl or the kernel's makefiles set it");
  return !taken;
}

void parse_make(Context& context, const YamlNode& node, ModuleSpec& module) {
  const YamlNode* map = node.find("make");
  if (map == nullptr) return;
  if (map->kind == Kind::refused) return;
  if (map->kind != Kind::map || map->entries.empty()) {
    context.faults.add(map->position, fmt::format("\"make\" is a map of variables, not {}", describe(*map)),
                       "make: {MY_OPTION: value}");
    return;
  }
  for (const auto& entry : map->entries) {
    if (!check_variable(context, entry)) continue;
    const auto value = text_value(context, entry.value, entry.key);
    if (!value) continue;
    const bool plain = value->size() <= 200 && value->find_first_of("\"'`$\\#") == std::string::npos &&
                       std::all_of(value->begin(), value->end(), [](char c) { return c >= ' ' && c != 0x7f; });
    if (plain)
      module.make.emplace_back(entry.key, *value);
    else
      context.faults.add(entry.value.position, shown(*value) + " is no value for make",
                         "one line of at most 200 bytes, without quotes, $, # and \\");
  }
}

}  // namespace

std::optional<LineReplacement> parse_replacement(Context& context, const YamlNode& node, const ModuleSpec& module,
                                                 const std::string& usual_file) {
  if (!check_map(context, node, "a replacement", "replacement")) return std::nullopt;
  constexpr const char* example = "- {file: main.c, line: \"return 0;\", with: \"return -EIO;\"}";
  LineReplacement replacement;
  replacement.where = context.location(node.position);
  replacement.file = usual_file;
  const YamlNode* file =
      usual_file.empty() ? required(context, node, "file", "a replacement", example) : node.find("file");
  const YamlNode* line = required(context, node, "line", "a replacement", example);
  const YamlNode* with = required(context, node, "with", "a replacement", example);
  if (file != nullptr)
    if (auto name = line_value(context, *file, "file");
        name && check_place(context, *file, *name, module.tree.empty() ? nullptr : &module.folder))
      replacement.file = *name;
  if (line != nullptr) {
    replacement.line = text_value(context, *line, "line").value_or("");
    if (line->kind == Kind::scalar && replacement.line.find_first_not_of(" \t\n") == std::string::npos)
      context.faults.add(
          line->position, "\"line\" is empty",
          "a line as it stands in the file, or several that follow each other; blanks around them do not count");
  }
  if (with != nullptr) {
    replacement.with = text_value(context, *with, "with").value_or("");
    if (replacement.with.size() > max_with)
      context.faults.add(with->position, "\"with\" is too long", fmt::format("at most {} bytes", max_with));
  }
  return replacement;
}

namespace {

void parse_replacements(Context& context, const YamlNode& node, ModuleSpec& module) {
  const YamlNode* list = node.find("replace");
  if (list == nullptr || !check_list(context, *list, "replace")) return;
  if (list->items.size() > max_replacements) {
    context.faults.add(list->position, fmt::format("{} replacements in one module", list->items.size()),
                       fmt::format("at most {}", max_replacements));
    return;
  }
  for (const auto& item : list->items)
    if (auto replacement = parse_replacement(context, item, module, ""))
      module.replace.push_back(std::move(*replacement));
}

std::optional<ModuleSpec> parse_module(Context& context, const YamlNode& node, std::map<std::string, int>& lines) {
  if (!check_map(context, node, "a module", "module")) return std::nullopt;
  const YamlNode* name_node = required(context, node, "name", "a module", "- name: hello-lkm");
  ModuleSpec module;
  module.where = context.location(node.position);
  if (name_node != nullptr) module.name = line_value(context, *name_node, "name").value_or("");
  parse_place(context, node, module);
  module.sources = source_list(context, node, module.name, module.tree.empty() ? nullptr : &module.folder);
  module.cflags = flag_list(context, node);
  parse_make(context, node, module);
  parse_replacements(context, node, module);
  if (module.name.empty()) return std::nullopt;
  if (module.name.size() > max_module_name || !only_has(module.name, letters_and_digits, "_-")) {
    context.faults.add(name_node->position, shown(module.name) + " is no name of a module",
                       fmt::format("letters, digits, _ and -, at most {}", max_module_name));
    return std::nullopt;
  }
  context.modules.push_back(module.name);
  const auto [first, added] = lines.emplace(kernel_name(module.name), name_node->position.line);
  if (!added) {
    context.faults.add(name_node->position, fmt::format("a second module {}", shown(module.name)),
                       fmt::format("the first is in line {}; to the kernel - and _ are the same", first->second));
    return std::nullopt;
  }
  return module;
}

}  // namespace

std::vector<std::string> source_list(Context& context, const YamlNode& node, const std::string& name,
                                     const std::string* folder) {
  const YamlNode* list = node.find("sources");
  if (list == nullptr) return {name + ".c"};
  std::vector<std::string> sources = line_list(context, *list, "sources", check_source_name);
  const bool all_good = sources.size() == list->items.size();
  const bool has_c =
      std::any_of(sources.begin(), sources.end(), [](const auto& source) { return source.ends_with(".c"); });
  if (all_good && !sources.empty() && !has_c) context.faults.add(list->position, "\"sources\" has no .c file");
  for (const auto& item : list->items)
    if (item.kind == Kind::scalar && std::find(sources.begin(), sources.end(), item.text) != sources.end())
      check_place(context, item, item.text, folder);
  return sources;
}

std::vector<std::string> flag_list(Context& context, const YamlNode& node) {
  const YamlNode* list = node.find("cflags");
  return list == nullptr ? std::vector<std::string>{} : line_list(context, *list, "cflags", check_flag);
}

std::vector<ModuleSpec> parse_modules(Context& context, const YamlNode& root) {
  std::vector<ModuleSpec> modules;
  const YamlNode* list = required(context, root, "modules", "a lab", "modules: [{name: hello-lkm}]");
  if (list == nullptr || !check_list(context, *list, "modules")) return modules;
  if (list->items.size() > max_modules) {
    context.faults.add(list->position, fmt::format("{} modules in one lab", list->items.size()),
                       fmt::format("at most {}", max_modules));
    return modules;
  }
  std::map<std::string, int> lines;
  for (const YamlNode& item : list->items) {
    if (auto module = parse_module(context, item, lines)) modules.push_back(std::move(*module));
  }
  // Where one has no name that can be told, it may be the one meant below.
  context.modules_known = context.modules.size() == list->items.size();
  return modules;
}

}  // namespace labctl::spec
