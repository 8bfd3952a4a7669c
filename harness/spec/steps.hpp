// The steps of a test. A step kind is one row in step_kinds(): a further kind is a parser and a row.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

struct StepKind {
  std::string key;                // the action key, which names the kind
  std::vector<std::string> keys;  // what else such a step may have, besides common_step_keys()
  // action is the action key's value, step the whole map. Returns nothing, with a fault, when no Step can be made.
  std::optional<Action> (*parse)(Context& context, const YamlNode& action, const YamlNode& step);
};

const std::vector<StepKind>& step_kinds();
// continue, limit, mark, points.
const std::vector<std::string>& common_step_keys();

std::optional<Step> parse_step(Context& context, const YamlNode& node);

constexpr std::size_t max_steps = 5000;  // of a test, its repeats written out

// The steps of a list, of which a repeat is written out. False when one of them is at fault.
bool parse_list_of_steps(Context& context, const YamlNode& list, std::vector<Step>& steps);

// Faults for steps that can never do what they expect, whatever the module does: an unload of what this test has not
// loaded, a log check since a step that is not there, a wait for nothing.
void check_order(Context& context, const Test& test);

// Of a run step: stdin, tty, env, user, cpus, policy, nice.
void parse_program_setting(Context& context, const YamlNode& step, RunStep& run);

// The parsers, one for each row.
std::optional<Action> parse_load(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_unload(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_build(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_read(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_write(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_run(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_stat(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_list(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_open(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_close(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_seek(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_poll(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_ioctl(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_sleep(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_reboot(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_wait(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_running(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_kill(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_elapsed(Context& context, const YamlNode& action, const YamlNode& step);
std::optional<Action> parse_dmesg(Context& context, const YamlNode& action, const YamlNode& step);

}  // namespace labctl::spec
