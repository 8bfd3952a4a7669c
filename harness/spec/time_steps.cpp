// The steps on time, on boots and on what goes on in the background: sleep, reboot, wait, running, kill, elapsed.
#include <algorithm>

#include "step_expectation.hpp"
#include "steps.hpp"
#include "values.hpp"

namespace labctl::spec {

std::optional<Action> parse_sleep(Context& context, const YamlNode& action, const YamlNode&) {
  const auto time = duration_value(context, action, "sleep");
  if (!time) return std::nullopt;
  return SleepStep{*time};
}

std::optional<Action> parse_reboot(Context& context, const YamlNode& action, const YamlNode&) {
  if (action.kind == YamlNode::Kind::null) return RebootStep{};
  if (action.kind != YamlNode::Kind::refused)
    context.faults.add(action.position, "\"reboot\" takes nothing, not " + describe(action), "\"- reboot:\"");
  return std::nullopt;
}

std::optional<Action> parse_wait(Context& context, const YamlNode& action, const YamlNode&) {
  auto name = label_value(context, action, "wait");
  if (!name) return std::nullopt;
  return WaitStep{std::move(*name)};
}

std::optional<Action> parse_running(Context& context, const YamlNode& action, const YamlNode& step) {
  RunningStep running;
  if (const auto* after = step.find("after"))
    running.time = duration_value(context, *after, "after").value_or(std::chrono::milliseconds(0));
  auto name = label_value(context, action, "running");
  if (!name) return std::nullopt;
  running.name = std::move(*name);
  return running;
}

std::optional<Action> parse_kill(Context& context, const YamlNode& action, const YamlNode& step) {
  KillStep kill;
  if (const auto* node = step.find("signal")) kill.signal = signal_value(context, *node).value_or(kill.signal);
  auto name = label_value(context, action, "kill");
  if (!name) return std::nullopt;
  kill.name = std::move(*name);
  return kill;
}

std::optional<Action> parse_elapsed(Context& context, const YamlNode& action, const YamlNode& step) {
  ElapsedStep elapsed;
  const auto* expect = expect_map(context, step, "expect_elapsed");
  if (expect != nullptr) {
    if (const auto* min = expect->find("min")) elapsed.min = duration_value(context, *min, "min");
    if (const auto* max = expect->find("max")) elapsed.max = duration_value(context, *max, "max");
    if (elapsed.min && elapsed.max && *elapsed.max < *elapsed.min)
      context.faults.add(expect->find("max")->position, "\"max\" is less than \"min\"", "no time is in between");
  } else if (step.find("expect") == nullptr) {
    context.faults.add(action.position, "an elapsed step needs \"expect\": min, max or both",
                       "expect: {min: 900ms, max: 1500ms}");
  }
  auto since = label_value(context, action, "elapsed");
  if (!since) return std::nullopt;
  elapsed.since = std::move(*since);
  return elapsed;
}

}  // namespace labctl::spec
