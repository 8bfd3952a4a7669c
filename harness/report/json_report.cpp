#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/json_list.hpp"
#include "report/report.hpp"

namespace labctl {
namespace {

using Json = nlohmann::ordered_json;

// Raised when a key changes its meaning or goes away; new keys do not raise it.
constexpr int schema_version = 1;

template <class Duration>
std::int64_t in_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string_view step_status_name(StepStatus status) {
  switch (status) {
    case StepStatus::passed: return "passed";
    case StepStatus::failed: return "failed";
    case StepStatus::not_run: return "not-run";
  }
  return "not-run";
}

Json number_or_null(const std::optional<int>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json where_json(const SourceLocation& where) {
  return {{"file", where.file.string()}, {"line", where.line}, {"column", where.column}};
}

Json check_json(const CheckResult& check) {
  return {{"passed", check.passed}, {"what", check.what}, {"expected", check.expected}, {"seen", check.seen}};
}

Json record_json(const KmsgRecord& record) {
  // Sequence number and caller (a thread's id) are as the boot had it: equal runs would have reports that differ.
  return {{"level", record.level},
          {"facility", record.facility},
          {"timestamp_us", record.timestamp_us},
          {"text", record.text}};
}

Json step_json(const StepResult& step) {
  return {{"summary", step.summary},
          {"status", step_status_name(step.status)},
          {"points", number_or_null(step.points)},
          {"where", where_json(step.where)},
          {"checks", json_list(step.checks, check_json)},
          {"log", json_list(step.log, record_json)},
          {"took_ms", in_ms(step.took)}};
}

Json source_json(const SourceLine& line) {
  return {{"function", line.function}, {"file", line.file.string()}, {"line", line.line}, {"text", line.text}};
}

Json frame_json(const StackFrame& frame) {
  return {{"function", frame.function},
          {"offset", frame.offset},
          {"size", frame.size},
          {"module", frame.module},
          {"exact", frame.exact},
          {"inlined", frame.inlined},
          {"interrupted", frame.interrupted},
          {"source", json_list(frame.source, source_json)}};
}

Json lock_json(const LockSide& side) {
  return {{"lock", side.lock}, {"trace", json_list(side.trace, frame_json)}};
}

Json access_json(const std::optional<MemoryAccess>& access) {
  static constexpr std::string_view modes[] = {"unknown", "read", "write", "execute"};
  if (!access) return nullptr;
  // In hexadecimal, and a string: an address has more bits than JSON's numbers have in many readers.
  return {{"mode", modes[static_cast<int>(access->mode)]},
          {"bytes", access->bytes},
          {"address", fmt::format("{:#018x}", access->address)}};
}

Json object_json(const std::optional<MemoryObject>& object) {
  static constexpr std::string_view sides[] = {"inside", "left", "right"};
  if (!object) return nullptr;
  return {{"cache", object->cache},
          {"variable", object->variable},
          {"size", object->size},
          {"side", sides[static_cast<int>(object->side)]},
          {"distance", object->distance}};
}

Json kernel_report_json(const KernelReport& report) {
  return {{"kind", report.kind},
          {"title", report.title},
          {"log_begin", report.log_begin},
          {"log_end", report.log_end},
          {"region", report.region},
          {"process", report.process},
          {"pid", number_or_null(report.pid)},
          {"cpu", number_or_null(report.cpu)},
          {"access", access_json(report.access)},
          {"object", object_json(report.object)},
          {"trace", json_list(report.trace, frame_json)},
          {"alloc_trace", json_list(report.alloc_trace, frame_json)},
          {"free_trace", json_list(report.free_trace, frame_json)},
          {"callback", json_list(report.callback, frame_json)},
          {"locks", json_list(report.locks, lock_json)},
          {"corrupted", report.corrupted},
          {"expected", report.expected},
          {"suspect", report.suspect},
          {"explanation", report.explanation}};
}

Json leftover_json(const Leftover& leftover) {
  const LeftoverKind* kind = find_leftover_kind(leftover.kind);
  return {{"kind", leftover.kind},
          {"name", leftover.name},
          {"detail", leftover.detail},
          {"remedy", kind == nullptr ? "" : kind->remedy}};
}

Json failed_allocation_json(const std::optional<FailedAllocation>& failed) {
  if (!failed) return nullptr;
  return {{"module", failed->module}, {"number", failed->number}, {"of", failed->of}, {"place", failed->place}};
}

// What one run is told from another by.
Json run_json(const TestRun& run) {
  return {{"run", run.number},
          {"flavour", run.flavour},
          {"cpus", run.cpus},
          {"failed_allocation", failed_allocation_json(run.failed_allocation)}};
}

Json run_result_json(const TestRunResult& result) {
  Json json = run_json(result.run);
  json["status"] = status_name(result.status);
  json["message"] = result.message;
  json["folder"] = result.folder.string();
  json["took_ms"] = in_ms(result.took);
  return json;
}

Json debug_run_json(const DebugRun& run) {
  return {{"missing", run.missing},
          {"status", status_name(run.status)},
          {"message", run.message},
          {"reports", json_list(run.reports, kernel_report_json)},
          {"folder", run.folder.string()}};
}

Json test_json(const TestResult& test) {
  Json json;
  json["name"] = test.name;
  json["status"] = status_name(test.status);
  const bool scored = test.points && test.status != TestStatus::infrastructure_error;
  json["points"] = number_or_null(test.points);
  json["earned"] = scored ? Json(test.earned) : Json(nullptr);
  json["hidden"] = test.hidden;
  json["message"] = test.message;
  json["note"] = test.note;
  json.update(run_json(test.run));
  json["runs"] = json_list(test.runs, run_result_json);
  json["hint"] = test.hint;
  json["where"] = where_json(test.where);
  json["steps"] = json_list(test.steps, step_json);
  json["reports"] = json_list(test.reports, kernel_report_json);
  json["report_checks"] = json_list(test.report_checks, check_json);
  json["in_debug"] = test.in_debug ? debug_run_json(*test.in_debug) : Json(nullptr);
  json["leftovers"] = json_list(test.leftovers, leftover_json);
  json["log_excerpt"] = test.log_excerpt;
  json["console_tail"] = test.console_tail;
  json["folder"] = test.folder.string();
  json["took_ms"] = in_ms(test.took);
  return json;
}

Json build_json(const BuildResult& build) {
  return {{"module", build.module},       {"flavour", build.flavour},
          {"succeeded", build.succeeded}, {"meant_to_fail", build.meant_to_fail},
          {"cached", build.cached},       {"message", build.message},
          {"output", build.output},       {"ko", build.ko.string()},
          {"ko_sha256", build.ko_sha256}, {"took_ms", in_ms(build.took)}};
}

Json kernel_json(const KernelIdentity& kernel) {
  return {{"name", kernel.name}, {"release", kernel.release}, {"flavour", kernel.flavour}, {"key", kernel.key}};
}

Json lab_json(const LabResult& lab) {
  Json json;
  json["lab"] = lab.lab;
  json["title"] = lab.title;
  json["passed"] = passed(lab);
  json["infrastructure_failed"] = infrastructure_failed(lab);
  const Score points = score(lab);
  json["points"] = points.possible;
  json["earned"] = points.earned;
  json["not_judged"] = points.not_judged;
  json["error"] = lab.error;
  json["error_hint"] = lab.error_hint;
  json["kernel"] = kernel_json(lab.kernels.empty() ? KernelIdentity() : lab.kernels.front());
  json["kernels"] = json_list(lab.kernels, kernel_json);
  json["accelerator"] = lab.accelerator;
  json["builds"] = json_list(lab.builds, build_json);
  json["tests"] = json_list(lab.tests, test_json);
  json["folder"] = lab.folder.string();
  json["spec"] = lab.spec.string();
  json["took_ms"] = in_ms(lab.took);
  return json;
}

}  // namespace

std::string json_report(const RunResult& run) {
  Json json;
  json["schema_version"] = schema_version;
  json["tool_version"] = run.tool_version;
  json["started"] = run.started;
  json["seed"] = run.seed;
  json["interrupted"] = run.interrupted;
  json["labs"] = json_list(run.labs, lab_json);
  // What a guest wrote may be no UTF-8 at all: bytes that are not become U+FFFD. Everything beyond ASCII is escaped,
  // so that the file can be shown on a terminal without obeying the control characters (C1) in it.
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace labctl
