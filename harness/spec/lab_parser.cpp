#include "lab_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "names.hpp"
#include "steps.hpp"
#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t max_module_name = 55;  // MODULE_NAME_LEN in <linux/moduleparam.h> on 64 bits, without its NUL
constexpr std::size_t max_modules = 64;
constexpr std::size_t max_tests = 1000;

bool only_has(std::string_view text, std::string_view characters, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return characters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

// The value of a key that must be there; a fault at the map otherwise.
const YamlNode* required(Context& context, const YamlNode& map, std::string_view key, std::string_view of,
                         std::string_view example) {
  const YamlNode* node = map.find(key);
  // Misspelt, it has had its fault already.
  const bool misspelt = std::any_of(map.entries.begin(), map.entries.end(), [key](const YamlEntry& entry) {
    return nearest(entry.key, {std::string(key)}).has_value();
  });
  if (node == nullptr && !misspelt) {
    context.faults.add(map.position, fmt::format("{} needs \"{}\"", of, key), "as in " + std::string(example));
  }
  return node;
}

std::string lab_id(Context& context, const YamlNode& root) {
  const YamlNode* node = required(context, root, "lab", "a lab", "lab: hello-lkm");
  if (node == nullptr) return {};
  auto id = line_value(context, *node, "lab");
  if (!id) return {};
  if (!is_lab_name(*id)) {
    context.faults.add(node->position, shown(*id) + " is no name of a lab",
                       "a to z, 0 to 9 and -, at most 64, not - first");
    return {};
  }
  const std::string folder = context.file.parent_path().filename().string();
  if (!folder.empty() && folder != "." && folder != ".." && folder != *id) {
    context.faults.add(node->position, fmt::format("the lab is {}, its folder is {}", shown(*id), shown(folder)),
                       "a lab has the name of its folder: change one of the two");
  }
  return *id;
}

std::string optional_line(Context& context, const YamlNode& map, const char* key) {
  const YamlNode* node = map.find(key);
  return node == nullptr ? std::string() : line_value(context, *node, key).value_or("");
}

// Whether every release that `max` includes is older than `min`: "6.1" includes every 6.1.y.
bool empty_range(const std::string& min, const std::string& max) {
  std::vector<int> low = version_numbers(min);
  const std::vector<int> high = version_numbers(max);
  low.resize(std::min(low.size(), high.size()));
  return std::lexicographical_compare(high.begin(), high.begin() + static_cast<std::ptrdiff_t>(low.size()), low.begin(),
                                      low.end());
}

bool check_option_name(Context& context, const YamlNode& node, const std::string& name) {
  const bool prefixed = name.starts_with("CONFIG_");
  if (!prefixed && only_has(name, letters_and_digits, "_")) return true;
  context.faults.add(node.position, shown(name) + " is no name of a kernel option",
                     prefixed ? "write it without CONFIG_: " + shown(name.substr(7))
                              : "options that must be set, as in MODULE_UNLOAD");
  return false;
}

KernelNeeds kernel_needs(Context& context, const YamlNode& root) {
  KernelNeeds needs;
  const YamlNode* node = root.find("kernel");
  if (node == nullptr || !check_map(context, *node, "kernel", {"min", "max", "config"})) return needs;
  if (const auto* min = node->find("min")) needs.min_version = version_value(context, *min, "min").value_or("");
  if (const auto* max = node->find("max")) needs.max_version = version_value(context, *max, "max").value_or("");
  if (!needs.min_version.empty() && !needs.max_version.empty() && empty_range(needs.min_version, needs.max_version)) {
    context.faults.add(node->find("max")->position,
                       fmt::format("\"max\" {} is older than \"min\" {}", needs.max_version, needs.min_version),
                       "no kernel is in between");
  }
  const YamlNode* config = node->find("config");
  if (config == nullptr) return needs;
  needs.config = line_list(context, *config, "config", check_option_name);
  return needs;
}

// A source file, relative to the module's folder; it goes into a makefile, so its name is plain.
bool check_source_name(Context& context, const YamlNode& node, const std::string& name) {
  const bool climbs = name == ".." || name.starts_with("../") || name.find("/../") != std::string::npos;
  const bool c_file = name.size() > 2 && (name.ends_with(".c") || name.ends_with(".h"));
  if (name.starts_with('/') || climbs) {
    context.faults.add(node.position, shown(name) + " is outside the module's folder",
                       "sources are relative to the folder and below it");
  } else if (!c_file || !only_has(name, letters_and_digits, "_-+./")) {
    context.faults.add(node.position, shown(name) + " is no source file",
                       "a .c or .h file; letters, digits, _ - + . and / in its name");
  } else {
    return true;
  }
  return false;
}

std::vector<std::string> module_sources(Context& context, const YamlNode& node, const std::string& name) {
  const YamlNode* list = node.find("sources");
  if (list == nullptr) return {name + ".c"};
  std::vector<std::string> sources = line_list(context, *list, "sources", check_source_name);
  const bool all_good = sources.size() == list->items.size();
  const bool has_c =
      std::any_of(sources.begin(), sources.end(), [](const auto& source) { return source.ends_with(".c"); });
  if (all_good && !sources.empty() && !has_c) context.faults.add(list->position, "\"sources\" has no .c file");
  return sources;
}

bool check_flag(Context& context, const YamlNode& node, const std::string& flag) {
  if (flag.starts_with('-') && only_has(flag, letters_and_digits, "_-=.,+:/@%^~")) return true;
  context.faults.add(node.position, shown(flag) + " is no compiler flag",
                     "one flag an item, as in -DDEBUG=1; no blanks, quotes, $ or #");
  return false;
}

std::vector<std::string> module_cflags(Context& context, const YamlNode& node) {
  const YamlNode* list = node.find("cflags");
  return list == nullptr ? std::vector<std::string>{} : line_list(context, *list, "cflags", check_flag);
}

// "my-mod" and "my_mod" are the same module to the kernel.
std::string kernel_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::optional<ModuleSpec> parse_module(Context& context, const YamlNode& node, std::map<std::string, int>& lines) {
  if (!check_map(context, node, "a module", {"name", "sources", "cflags"})) return std::nullopt;
  const YamlNode* name_node = required(context, node, "name", "a module", "- name: hello-lkm");
  ModuleSpec module;
  module.where = context.location(node.position);
  if (name_node != nullptr) module.name = line_value(context, *name_node, "name").value_or("");
  module.sources = module_sources(context, node, module.name);
  module.cflags = module_cflags(context, node);
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

void parse_steps(Context& context, const YamlNode& list, Test& test) {
  if (!check_list(context, list, "steps")) return;
  for (const YamlNode& item : list.items) {
    if (auto step = parse_step(context, item)) test.steps.push_back(std::move(*step));
  }
  if (test.steps.size() == list.items.size()) check_order(context, test);
}

Test parse_test(Context& context, const YamlNode& node, std::map<std::string, int>& lines) {
  Test test;
  test.where = context.location(node.position);
  if (!check_map(context, node, "a test", {"name", "points", "hint", "steps"})) return test;
  if (const auto* name = required(context, node, "name", "a test", "- name: loads and unloads")) {
    test.name = line_value(context, *name, "name").value_or("");
    if (!test.name.empty()) {
      const auto [first, added] = lines.emplace(test.name, name->position.line);
      if (!added) {
        context.faults.add(name->position, fmt::format("a second test {}", shown(test.name)),
                           fmt::format("the first is in line {}; reports tell tests by their names", first->second));
      }
    }
  }
  if (const auto* points = node.find("points")) {
    if (auto value = integer_value(context, *points, "points", 0, 1000)) test.points = static_cast<int>(*value);
  }
  if (const auto* hint = node.find("hint")) test.hint = text_value(context, *hint, "hint").value_or("");
  if (const auto* steps = required(context, node, "steps", "a test", "steps: [{load: hello-lkm}]")) {
    parse_steps(context, *steps, test);
  }
  return test;
}

std::vector<Test> parse_tests(Context& context, const YamlNode& root) {
  std::vector<Test> tests;
  const YamlNode* list = required(context, root, "tests", "a lab", "tests: [{name: ..., steps: [...]}]");
  if (list == nullptr || !check_list(context, *list, "tests")) return tests;
  if (list->items.size() > max_tests) {
    context.faults.add(list->position, fmt::format("{} tests in one lab", list->items.size()),
                       fmt::format("at most {}", max_tests));
    return tests;
  }
  std::map<std::string, int> lines;
  for (const YamlNode& item : list->items)
    tests.push_back(parse_test(context, item, lines));
  return tests;
}

}  // namespace

Lab parse_tree(Context& context, const YamlNode& root) {
  Lab lab;
  if (root.kind == Kind::null) {
    context.faults.add({}, "the spec is empty", "a lab begins with \"lab: NAME\"");
    return lab;
  }
  const std::vector<std::string> keys = {"lab",  "title",  "topic",   "kernel", "flavour",
                                         "cpus", "memory", "modules", "tests"};
  if (!check_map(context, root, "the lab", keys)) return lab;
  lab.id = lab_id(context, root);
  lab.title = optional_line(context, root, "title");
  if (lab.title.empty()) lab.title = lab.id;
  lab.topic = optional_line(context, root, "topic");
  lab.kernel = kernel_needs(context, root);
  if (const auto* node = root.find("flavour")) {
    const std::vector<std::string> flavours = {"release", "debug"};
    if (const auto flavour = choice_value(context, *node, "flavour", flavours)) lab.flavour = flavours[*flavour];
  }
  if (const auto* node = root.find("cpus")) {
    lab.cpus = static_cast<int>(integer_value(context, *node, "cpus", 1, 8).value_or(1));
  }
  if (const auto* node = root.find("memory")) lab.memory_mib = memory_value(context, *node, "memory").value_or(0);
  lab.modules = parse_modules(context, root);
  lab.tests = parse_tests(context, root);
  return lab;
}

}  // namespace labctl::spec

namespace labctl {

bool is_lab_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && spec::only_has(name, spec::lower_and_digits, "-") &&
         !name.starts_with('-');
}

}  // namespace labctl
