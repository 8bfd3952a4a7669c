#include "lab_json.hpp"

#include <nlohmann/json.hpp>

#include "lab_text.hpp"
#include "report/json_list.hpp"
#include "support/limits.hpp"

namespace labctl {
namespace {

using Json = nlohmann::ordered_json;

// Raised when a key changes its meaning or goes away; new keys do not raise it.
constexpr int schema_version = 1;

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json or_null(const std::optional<std::chrono::milliseconds>& duration) {
  return duration ? Json(duration->count()) : Json(nullptr);
}

Json module_json(const ModuleSpec& module) {
  const auto replacement_json = [](const LineReplacement& replaced) -> Json {
    return {{"file", replaced.file}, {"line", replaced.line}, {"with", replaced.with}};
  };
  Json make = Json::object();
  for (const auto& [name, value] : module.make)
    make[name] = value;
  return {{"name", module.name},
          {"tree", module.tree.string()},
          {"folder", module.folder},
          {"own_makefile", module.own_makefile},
          {"make", make},
          {"sources", module.sources},
          {"cflags", module.cflags},
          {"replace", json_list(module.replace, replacement_json)}};
}

Json program_json(const ProgramSpec& program) {
  return {{"name", program.name}, {"sources", program.sources}, {"code", program.code}, {"cflags", program.cflags}};
}

Json value_json(const ValueSpec& value) {
  using Kind = ValueSpec::Kind;
  Json json = {{"name", value.name}};
  switch (value.kind) {
    case Kind::constant: json["text"] = value.constant; break;
    case Kind::integer: json["integer"] = {value.min, value.max}; break;
    case Kind::integers:
      json["integers"] = {{"count", value.count}, {"range", {value.min, value.max}}, {"distinct", value.distinct}};
      break;
    case Kind::letters: json["letters"] = value.count; break;
    case Kind::bytes: json["bytes"] = value.count; break;
    case Kind::one_of: json["one_of"] = value.choices; break;
  }
  return json;
}

Json step_json(const Step& step) {
  const auto save_json = [](const Save& save) -> Json { return {{"name", save.name}, {"pattern", save.pattern}}; };
  return {{"kind", step_kind(step)},
          {"summary", step_summary(step)},
          {"expectations", expectations_of(step)},
          {"ends", step_end_name(step.ends)},
          {"points", or_null(step.points)},
          {"continue", step.continue_on_failure},
          {"limit_ms", step.limit.value_or(Limits{}.step).count()},
          {"within_ms", or_null(step.within)},
          {"background", step.background},
          {"mark", step.mark},
          {"save", json_list(step.save, save_json)},
          {"round", step.round},
          {"line", step.where.line}};
}

Json expected_report_json(const ExpectedReport& report) {
  return {{"kinds", report.kinds}, {"in", report.in}, {"line", report.line}, {"optional", report.optional}};
}

Json test_json(const Test& test) {
  const auto allowed_json = [](const AllowedLeftover& one) -> Json {
    return {{"kind", one.kind}, {"name", one.name}, {"reason", one.reason}};
  };
  return {{"name", test.name},
          {"points", or_null(test.points)},
          {"hint", test.hint},
          {"hidden", test.hidden},
          {"needs", test.needs},
          {"flavours", test.flavours},
          {"cpus", test.cpus},
          {"runs", test.runs},
          {"line", test.where.line},
          {"leftovers",
           {{"flavours", test.leftover_flavours},
            {"kmemleak", test.kmemleak},
            {"allow", json_list(test.allowed_leftovers, allowed_json)}}},
          {"values", json_list(test.values, value_json)},
          {"reports", json_list(test.reports, expected_report_json)},
          {"faults", test.init_faults ? Json("init") : Json(nullptr)},
          {"steps", json_list(test.steps, step_json)}};
}

}  // namespace

std::string lab_json(const Lab& lab) {
  int points = 0;
  for (const Test& test : lab.tests)
    points += test.points.value_or(0);
  const Json json = {
      {"schema_version", schema_version},
      {"lab", lab.id},
      {"title", lab.title},
      {"topic", lab.topic},
      {"minutes", lab.minutes},
      {"prerequisites", lab.prerequisites},
      {"kernel", {{"min", lab.kernel.min_version}, {"max", lab.kernel.max_version}, {"config", lab.kernel.config}}},
      {"flavours", lab.flavours},
      {"cpus", lab.cpus},
      {"memory_mib", lab.memory_mib},
      {"devices", lab.devices},
      {"disk_mib", lab.disk_mib},
      {"command_line", lab.command_line},
      {"modules", json_list(lab.modules, module_json)},
      {"symbols", {{"allow", lab.symbols.allow}, {"forbid", lab.symbols.forbid}}},
      {"programs", json_list(lab.programs, program_json)},
      {"points", points},
      {"tests", json_list(lab.tests, test_json)}};
  // As in the JSON report: safe on a terminal, and valid whatever bytes a spec holds.
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace labctl
