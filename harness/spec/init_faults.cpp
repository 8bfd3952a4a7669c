#include "init_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {

bool parse_faults(Context& context, const YamlNode& node) {
  static const std::vector<std::string> kinds = {"init"};
  return choice_value(context, node, "faults", kinds).has_value();
}

void check_faults(Context& context, const YamlNode& node, const Test& test) {
  if (!test.reports.empty())
    context.faults.add(node.position, "\"faults\" contradicts \"reports\"",
                       "whatever allocation fails, the kernel must have nothing to report: make two tests");
  bool loads = false;
  std::set<std::string> under_way;
  for (const Step& step : test.steps) {
    const Position position{step.where.line, step.where.column};
    const auto* load = std::get_if<LoadStep>(&step.action);
    if (step.ends != StepEnd::completes)
      context.faults.add(position, "\"ends\" contradicts the test's \"faults\"",
                         "only a test whose steps complete is done with allocations failing: make two tests");
    if (const auto* wait = std::get_if<WaitStep>(&step.action)) under_way.erase(wait->name);
    if (!step.background.empty()) under_way.insert(step.background);
    if (load == nullptr || load->expect_errno != 0) continue;
    loads = true;
    if (!under_way.empty())
      context.faults.add(position,
                         fmt::format("{} is under way in the background while {} is loaded", shown(*under_way.begin()),
                                     shown(load->module)),
                         "the test has \"faults\", so a run may end with any load: wait for the step before");
  }
  if (!loads && !test.steps.empty())
    context.faults.add(node.position, "no step loads a module, so no allocation of an init function can fail",
                       "a load step that expects no errno");
}

}  // namespace labctl::spec
