#include "lab_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "init_faults.hpp"
#include "leftover_rules.hpp"
#include "machine_settings.hpp"
#include "model/kernel_option.hpp"
#include "module_specs.hpp"
#include "names.hpp"
#include "report_expectations.hpp"
#include "steps.hpp"
#include "support/text.hpp"
#include "symbol_budget.hpp"
#include "value_specs.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr const char* lab_name_form = "a to z, 0 to 9 and -, at most 64, not - first";
constexpr std::size_t max_tests = 1000;
constexpr int max_points = 1000;   // of a test
constexpr int max_minutes = 6000;  // of a lab: a hundred hours
constexpr std::size_t max_programs = 64;
constexpr std::size_t max_code = 1 << 16;  // bytes of a program in the spec

std::string lab_id(Context& context, const YamlNode& root) {
  const YamlNode* node = required(context, root, "lab", "a lab", "lab: hello-lkm");
  if (node == nullptr) return {};
  auto id = line_value(context, *node, "lab");
  if (!id) return {};
  if (!is_lab_name(*id)) {
    context.faults.add(node->position, shown(*id) + " is no name of a lab", lab_name_form);
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

bool check_option(Context& context, const YamlNode& node, const std::string& option) {
  if (kernel_option(option)) return true;
  const bool prefixed = option.starts_with("CONFIG_");
  context.faults.add(node.position, shown(option) + " is no kernel option",
                     prefixed ? "write it without CONFIG_: " + shown(option.substr(7)) : kernel_option_form);
  return false;
}

std::vector<std::string> option_list(Context& context, const YamlNode& node) {
  std::map<std::string, std::string> first;  // how each option is given
  return line_list(context, node, "config", [&first](Context& in, const YamlNode& item, const std::string& text) {
    if (!check_option(in, item, text)) return false;
    const auto [earlier, added] = first.emplace(kernel_option(text)->name, text);
    if (added || earlier->second == text) return true;
    in.faults.add(item.position, fmt::format("{} contradicts {}", shown(text), shown(earlier->second)),
                  "an option has one value");
    return false;
  });
}

KernelNeeds kernel_needs(Context& context, const YamlNode& root) {
  KernelNeeds needs;
  const YamlNode* node = root.find("kernel");
  if (node == nullptr || !check_map(context, *node, "kernel", "kernel")) return needs;
  if (const auto* min = node->find("min")) needs.min_version = version_value(context, *min, "min").value_or("");
  if (const auto* max = node->find("max")) needs.max_version = version_value(context, *max, "max").value_or("");
  if (!needs.min_version.empty() && !needs.max_version.empty() && empty_range(needs.min_version, needs.max_version)) {
    context.faults.add(node->find("max")->position,
                       fmt::format("\"max\" {} is older than \"min\" {}", needs.max_version, needs.min_version),
                       "no kernel is in between");
  }
  if (const auto* config = node->find("config")) needs.config = option_list(context, *config);
  return needs;
}

// Whether there are such labs is asked by who has the whole course at hand: `labctl lab list`, and a test.
std::vector<std::string> prerequisites(Context& context, const YamlNode& node, const std::string& lab) {
  std::vector<std::string> labs;
  for (const auto* item : one_or_more(context, node, "prerequisites")) {
    auto name = line_value(context, *item, "prerequisites");
    if (!name) continue;
    if (!is_lab_name(*name))
      context.faults.add(item->position, shown(*name) + " is no name of a lab", lab_name_form);
    else if (*name == lab)
      context.faults.add(item->position, "a lab cannot be its own prerequisite");
    else if (std::find(labs.begin(), labs.end(), *name) != labs.end())
      context.faults.add(item->position, shown(*name) + " twice");
    else
      labs.push_back(std::move(*name));
  }
  return labs;
}

void parse_steps(Context& context, const YamlNode& list, Test& test) {
  if (!check_list(context, list, "steps")) return;
  if (!parse_list_of_steps(context, list, test.steps)) return;
  if (test.steps.size() > max_steps) {
    context.faults.add(list.position, fmt::format("{} steps in one test", test.steps.size()),
                       fmt::format("at most {}", max_steps));
    return;
  }
  check_order(context, test);
}

// Steps may have points of their own; then their sum is the test's.
void add_up_points(Context& context, const YamlNode& node, Test& test) {
  int sum = 0;
  bool any = false;
  for (const Step& step : test.steps) {
    any = any || step.points;
    sum += step.points.value_or(0);
  }
  if (!any) return;
  if (const auto* entry = node.find_entry("points"))
    context.faults.add(entry->position, fmt::format("\"points\" twice: this test's steps have {} together", sum),
                       "a test is worth what its steps are: drop one of the two");
  if (sum > max_points)
    context.faults.add(node.position, fmt::format("this test's steps have {} points together", sum),
                       fmt::format("at most {}", max_points));
  test.points = sum;
}

// What a test says of leftovers counts instead of what the lab says; what may stay is added to it.
void add_leftover_rules(const LeftoverRules& of_lab, LeftoverRules own, Test& test) {
  test.leftover_flavours = std::move(own.flavours);
  if (test.leftover_flavours.empty()) test.leftover_flavours = of_lab.flavours;
  if (test.leftover_flavours.empty()) test.leftover_flavours = {"debug"};
  test.allowed_leftovers = of_lab.allowed;
  test.allowed_leftovers.insert(test.allowed_leftovers.end(), own.allowed.begin(), own.allowed.end());
  test.kmemleak = own.kmemleak.value_or(of_lab.kmemleak.value_or(false));
}

Test parse_test(Context& context, const YamlNode& node, const LeftoverRules& of_all_tests,
                std::map<std::string, int>& lines) {
  Test test;
  test.where = context.location(node.position);
  if (!check_map(context, node, "a test", "test")) return test;
  // What this test and its steps name is not the next one's.
  const std::vector<std::string> of_the_lab = context.values;
  context.background_values.clear();
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
    if (auto value = integer_value(context, *points, "points", 0, max_points)) test.points = static_cast<int>(*value);
  }
  if (const auto* hint = node.find("hint")) test.hint = text_value(context, *hint, "hint").value_or("");
  if (const auto* hidden = node.find("hidden")) test.hidden = bool_value(context, *hidden, "hidden").value_or(false);
  if (const auto* flavour = node.find("flavour")) test.flavours = parse_flavours(context, *flavour);
  if (const auto* cpus = node.find("cpus")) test.cpus = parse_cpus(context, *cpus);
  if (const auto* runs = node.find("runs"))
    test.runs = static_cast<int>(integer_value(context, *runs, "runs", 1, 1000).value_or(1));
  if (const auto* values = node.find("values")) test.values = parse_values(context, *values);
  if (const auto* reports = node.find("reports")) test.reports = parse_reports(context, *reports);
  if (const auto* faults = node.find("faults")) test.init_faults = parse_faults(context, *faults);
  if (const auto* flavour = node.find("flavour")) check_flavours(context, *flavour, test);
  LeftoverRules leftovers;
  if (const auto* own = node.find("leftovers")) leftovers = parse_leftovers(context, *own);
  add_leftover_rules(of_all_tests, std::move(leftovers), test);
  if (const auto* steps = required(context, node, "steps", "a test", "steps: [{load: hello-lkm}]")) {
    parse_steps(context, *steps, test);
    add_up_points(context, node, test);
  }
  if (test.init_faults && !test.steps.empty()) check_faults(context, *node.find("faults"), test);
  context.values = of_the_lab;
  return test;
}

// A test can need those before it: so there is an order, and no circle.
void parse_needs(Context& context, const YamlNode& node, const std::vector<Test>& before, Test& test) {
  const auto* needs = node.find("needs");
  if (needs == nullptr) return;
  std::vector<std::string> names;
  for (const auto& other : before)
    names.push_back(other.name);
  for (const auto* item : one_or_more(context, *needs, "needs")) {
    auto name = line_value(context, *item, "needs");
    if (!name) continue;
    if (std::find(names.begin(), names.end(), *name) == names.end()) {
      context.faults.add(item->position, "no test before this is called " + shown(*name),
                         names.empty() ? "this is the first test" : context.faults.names_hint(*name, names));
    } else {
      test.needs.push_back(std::move(*name));
    }
  }
}

std::vector<Test> parse_tests(Context& context, const YamlNode& root, const LeftoverRules& leftovers) {
  std::vector<Test> tests;
  const YamlNode* list = required(context, root, "tests", "a lab", "tests: [{name: ..., steps: [...]}]");
  if (list == nullptr || !check_list(context, *list, "tests")) return tests;
  if (list->items.size() > max_tests) {
    context.faults.add(list->position, fmt::format("{} tests in one lab", list->items.size()),
                       fmt::format("at most {}", max_tests));
    return tests;
  }
  std::map<std::string, int> lines;
  for (const YamlNode& item : list->items) {
    Test test = parse_test(context, item, leftovers, lines);
    if (item.kind == Kind::map) parse_needs(context, item, tests, test);
    tests.push_back(std::move(test));
  }
  return tests;
}

std::optional<ProgramSpec> parse_program(Context& context, const YamlNode& node) {
  if (!check_map(context, node, "a program", "program")) return std::nullopt;
  ProgramSpec program;
  program.where = context.location(node.position);
  const auto* name = required(context, node, "name", "a program", "- name: reader");
  if (name == nullptr) return std::nullopt;
  program.name = line_value(context, *name, "name").value_or("");
  if (program.name.empty()) return std::nullopt;
  if (!only_has(program.name, letters_and_digits, "_-") || program.name.size() > max_module_name) {
    context.faults.add(name->position, shown(program.name) + " is no name of a program",
                       fmt::format("letters, digits, _ and -, at most {}", max_module_name));
    return std::nullopt;
  }
  const auto* code = node.find("code");
  if (code != nullptr && node.find("sources") != nullptr)
    context.faults.add(code->position, "\"code\" contradicts \"sources\"", "keep one of the two");
  if (code != nullptr) {
    program.code = text_value(context, *code, "code").value_or("");
    if (program.code.size() > max_code)
      context.faults.add(code->position, "this code is too long for a spec", "put it in a file: sources: [NAME.c]");
    program.sources = {program.name + ".c"};
  } else {
    program.sources = source_list(context, node, program.name, nullptr);
  }
  program.cflags = flag_list(context, node);
  return program;
}

std::vector<ProgramSpec> parse_programs(Context& context, const YamlNode& root) {
  std::vector<ProgramSpec> programs;
  const YamlNode* list = root.find("programs");
  if (list == nullptr || !check_list(context, *list, "programs")) return programs;
  if (list->items.size() > max_programs) {
    context.faults.add(list->position, fmt::format("{} programs in one lab", list->items.size()),
                       fmt::format("at most {}", max_programs));
    return programs;
  }
  for (const YamlNode& item : list->items) {
    auto program = parse_program(context, item);
    if (!program) continue;
    const bool again =
        std::any_of(programs.begin(), programs.end(), [&](const auto& other) { return other.name == program->name; });
    if (again) context.faults.add(item.position, fmt::format("a second program {}", shown(program->name)));
    programs.push_back(std::move(*program));
  }
  return programs;
}

}  // namespace

Lab parse_tree(Context& context, const YamlNode& root) {
  Lab lab;
  if (root.kind == Kind::null) {
    context.faults.add({}, "the spec is empty", "a lab begins with \"lab: NAME\"");
    return lab;
  }
  if (!check_map(context, root, "the lab", "lab")) return lab;
  lab.id = lab_id(context, root);
  lab.title = optional_line(context, root, "title");
  if (lab.title.empty()) lab.title = lab.id;
  lab.topic = optional_line(context, root, "topic");
  if (const auto* minutes = root.find("minutes"))
    lab.minutes = static_cast<int>(integer_value(context, *minutes, "minutes", 1, max_minutes).value_or(0));
  if (const auto* labs = root.find("prerequisites")) lab.prerequisites = prerequisites(context, *labs, lab.id);
  lab.kernel = kernel_needs(context, root);
  if (const auto* node = root.find("flavour")) lab.flavours = parse_flavours(context, *node);
  if (const auto* node = root.find("cpus")) lab.cpus = parse_cpus(context, *node);
  if (const auto* node = root.find("memory"))
    lab.memory_mib = size_value(context, *node, "memory", 64, 4096).value_or(0);
  if (const auto* node = root.find("devices")) lab.devices = parse_devices(context, *node);
  if (const auto* node = root.find("disk")) lab.disk_mib = parse_disk(context, *node);
  lab.command_line = optional_line(context, root, "command_line");
  lab.modules = parse_modules(context, root);
  if (const auto* node = root.find("symbols")) lab.symbols = parse_symbols(context, *node);
  lab.programs = parse_programs(context, root);
  std::vector<ValueSpec> values;
  if (const auto* node = root.find("values")) values = parse_values(context, *node);
  LeftoverRules leftovers;
  if (const auto* node = root.find("leftovers")) leftovers = parse_leftovers(context, *node);
  lab.tests = parse_tests(context, root, leftovers);
  const std::vector<std::string> debug_only = {"debug"};
  for (auto& test : lab.tests) {
    test.values.insert(test.values.begin(), values.begin(), values.end());
    if (test.flavours.empty()) test.flavours = needs_debug(test) ? debug_only : lab.flavours;
    if (test.cpus.empty()) test.cpus = lab.cpus;
  }
  return lab;
}

}  // namespace labctl::spec

namespace labctl {

bool is_lab_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && spec::only_has(name, spec::lower_and_digits, "-") &&
         !name.starts_with('-');
}

}  // namespace labctl
