#include "report_expectations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/report_kind.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

constexpr std::size_t max_reports = 50;

std::vector<std::string> parse_kinds(Context& context, const YamlNode& node) {
  std::vector<std::string> kinds;
  for (const YamlNode* item : one_or_more(context, node, "kind")) {
    auto kind = line_value(context, *item, "kind");
    if (!kind) continue;
    if (find_report_kind(*kind) == nullptr)
      context.faults.add(item->position, "no kernel report is of the kind " + shown(*kind),
                         context.faults.names_hint(*kind, report_kind_names()));
    else if (std::find(kinds.begin(), kinds.end(), *kind) != kinds.end())
      context.faults.add(item->position, shown(*kind) + " is in \"kind\" twice");
    else
      kinds.push_back(std::move(*kind));
  }
  return kinds;
}

ExpectedReport parse_report(Context& context, const YamlNode& node) {
  ExpectedReport report;
  report.where = context.location(node.position);
  if (node.kind == YamlNode::Kind::scalar) {
    report.kinds = parse_kinds(context, node);
    return report;
  }
  if (!check_map(context, node, "a report", "report")) return report;
  if (const auto* kind = required(context, node, "kind", "a report", "kind: oops-null"))
    report.kinds = parse_kinds(context, *kind);
  if (const auto* in = node.find("in")) report.in = line_value(context, *in, "in").value_or("");
  if (const auto* line = node.find("line")) report.line = line_value(context, *line, "line").value_or("");
  if (const auto* optional = node.find("optional"))
    report.optional = bool_value(context, *optional, "optional").value_or(false);
  return report;
}

}  // namespace

std::vector<ExpectedReport> parse_reports(Context& context, const YamlNode& node) {
  std::vector<ExpectedReport> reports;
  if (node.kind != YamlNode::Kind::list) {
    reports.push_back(parse_report(context, node));
  } else if (check_list(context, node, "reports")) {
    for (const YamlNode& item : node.items)
      reports.push_back(parse_report(context, item));
  }
  if (reports.size() > max_reports)
    context.faults.add(node.position, fmt::format("{} reports in one test", reports.size()),
                       fmt::format("at most {}", max_reports));
  std::erase_if(reports, [](const ExpectedReport& report) { return report.kinds.empty(); });
  return reports;
}

void check_flavours(Context& context, const YamlNode& flavours, const Test& test) {
  if (!needs_debug(test) || test.flavours.empty() || test.flavours == std::vector<std::string>{"debug"}) return;
  context.faults.add(flavours.position,
                     test.init_faults
                         ? "only the debug flavour can have allocations fail, as this test's \"faults\" ask"
                         : "only the debug flavour looks for what this test's \"reports\" expect",
                     "leave \"flavour\" out of the test, or write \"flavour: debug\"");
}

}  // namespace labctl::spec
