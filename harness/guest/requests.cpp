#include "requests.hpp"

#include <algorithm>

#include "agent/protocol.h"

namespace labctl {
namespace {

// "hello-lkm" is hello_lkm to the kernel (scripts/Makefile.lib: dashes cannot be in a C identifier).
std::string kernel_module_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// As modprobe quotes: the kernel splits parameters at blanks outside double quotes (kernel/params.c).
std::string parameter_string(const std::vector<std::pair<std::string, std::string>>& params) {
  std::string text;
  for (const auto& [name, value] : params) {
    if (!text.empty()) text += ' ';
    const bool blank = value.find_first_of(" \t\n") != std::string::npos;
    text += name + "=" + (blank ? "\"" + value + "\"" : value);
  }
  return text;
}

struct Translate {
  std::uint64_t cap;

  AgentRequest operator()(const LoadStep& step) const {
    Fields fields;
    fields.add(TAG_PATH, "/lab/modules/" + step.module + ".ko");
    fields.add(TAG_PARAMS, parameter_string(step.params));
    if (step.failing_allocation != 0) fields.add_number(TAG_FAIL_NTH, step.failing_allocation);
    return {AGENT_LOAD, fields};
  }
  AgentRequest operator()(const UnloadStep& step) const {
    Fields fields;
    fields.add(TAG_NAME, kernel_module_name(step.module));
    return {AGENT_UNLOAD, fields};
  }
  // The host's own matter.
  AgentRequest operator()(const BuildStep&) const { return {AGENT_PING, {}}; }
  AgentRequest operator()(const ReadStep& step) const {
    Fields fields = file(step.file);
    fields.add_number(TAG_CAP, cap);
    // A name stands for a device, of which a read to the end may never end.
    if (step.bytes || !is_path(step.file)) fields.add_number(TAG_COUNT, step.bytes ? number(*step.bytes) : one_read);
    if (step.at) fields.add_number(TAG_OFFSET, number(*step.at));
    return {AGENT_READ, fields};
  }
  AgentRequest operator()(const WriteStep& step) const {
    Fields fields = file(step.file);
    fields.add(TAG_DATA, step.data);
    if (step.at) fields.add_number(TAG_OFFSET, number(*step.at));
    return {AGENT_WRITE, fields};
  }
  AgentRequest operator()(const StatStep& step) const { return {AGENT_STAT, file(step.path)}; }
  AgentRequest operator()(const ListStep& step) const {
    Fields fields = file(step.path);
    fields.add_number(TAG_CAP, cap);
    return {AGENT_LIST, fields};
  }
  AgentRequest operator()(const OpenStep& step) const {
    Fields fields = file(step.path);
    fields.add(TAG_NAME, step.name);
    fields.add_number(TAG_FLAGS, static_cast<std::uint64_t>(step.flags));
    return {AGENT_OPEN, fields};
  }
  AgentRequest operator()(const CloseStep& step) const { return {AGENT_CLOSE, file(step.name)}; }
  AgentRequest operator()(const SeekStep& step) const {
    Fields fields = file(step.name);
    fields.add_number(TAG_OFFSET, number(step.to));
    fields.add_number(TAG_WHENCE, static_cast<std::uint64_t>(step.whence));
    return {AGENT_SEEK, fields};
  }
  AgentRequest operator()(const PollStep& step) const {
    Fields fields = file(step.name);
    fields.add_number(TAG_EVENTS, static_cast<std::uint64_t>(step.events));
    fields.add_number(TAG_TIMEOUT_MS, static_cast<std::uint64_t>(step.timeout.count()));
    return {AGENT_POLL, fields};
  }
  AgentRequest operator()(const IoctlStep& step) const {
    Fields fields = file(step.name);
    fields.add_number(TAG_REQUEST, number(step.request));
    using Argument = IoctlStep::Argument;
    if (step.argument == Argument::value) fields.add_number(TAG_VALUE, number(step.value));
    if (step.argument == Argument::data) fields.add(TAG_DATA, step.data);
    if (step.argument == Argument::integer) {
      std::string bytes;
      for (int i = 0; i < step.size; ++i)
        bytes += static_cast<char>(number(step.value) >> (8 * i) & 0xFF);
      fields.add(TAG_DATA, bytes);
    }
    return {AGENT_IOCTL, fields};
  }
  AgentRequest operator()(const RunStep& step) const {
    Fields fields;
    for (const auto& word : step.argv)
      fields.add(TAG_ARG, word);
    add_input(fields, step);
    fields.add_number(TAG_CAP, cap);
    for (const auto& [name, value] : step.environment)
      fields.add(TAG_ENV, name + "=" + value);
    if (step.user) fields.add_number(TAG_USER, static_cast<std::uint64_t>(*step.user));
    std::uint64_t cpus = 0;
    for (const int cpu : step.cpus)
      cpus |= 1ULL << static_cast<unsigned>(cpu);
    if (cpus != 0) fields.add_number(TAG_CPUS, cpus);
    if (!step.policy.empty()) fields.add_number(TAG_POLICY, policy(step.policy));
    if (step.priority != 0) fields.add_number(TAG_PRIORITY, static_cast<std::uint64_t>(step.priority));
    if (step.nice != 0) fields.add_number(TAG_NICE, static_cast<std::uint64_t>(static_cast<std::int64_t>(step.nice)));
    return {AGENT_RUN, fields};
  }
  AgentRequest operator()(const SleepStep& step) const {
    Fields fields;
    fields.add_number(TAG_TIMEOUT_MS, static_cast<std::uint64_t>(step.time.count()));
    return {AGENT_SLEEP, fields};
  }
  AgentRequest operator()(const RebootStep&) const { return {AGENT_REBOOT, {}}; }
  // What these speak of, the host knows; or, of a kill, the session adds.
  AgentRequest operator()(const WaitStep&) const { return {AGENT_PING, {}}; }
  AgentRequest operator()(const RunningStep&) const { return {AGENT_PING, {}}; }
  AgentRequest operator()(const KillStep& step) const {
    Fields fields;
    fields.add_number(TAG_SIGNAL, static_cast<std::uint64_t>(step.signal));
    return {AGENT_KILL, fields};
  }
  AgentRequest operator()(const ElapsedStep&) const { return {AGENT_PING, {}}; }
  AgentRequest operator()(const DmesgStep&) const { return {AGENT_PING, {}}; }

 private:
  static constexpr std::uint64_t one_read = 1 << 16;

  static void add_input(Fields& fields, const RunStep& step) {
    if (step.tty) fields.add_number(TAG_TTY, 1);
    if (!step.input.empty()) fields.add_number(TAG_PARTS, step.input.size());
    for (const auto& part : step.input) {
      if (!part.after.empty()) fields.add(TAG_AFTER, part.after);
      if (part.pause.count() > 0) fields.add_number(TAG_TIMEOUT_MS, static_cast<std::uint64_t>(part.pause.count()));
      fields.add(TAG_DATA, part.text);
    }
    if (!step.stdin_data.empty()) fields.add(TAG_DATA, step.stdin_data);
  }

  static bool is_path(const std::string& file) { return file.starts_with('/'); }

  static Fields file(const std::string& name) {
    Fields fields;
    fields.add(is_path(name) ? TAG_PATH : TAG_NAME, name);
    return fields;
  }

  // A resolved step's numbers are whole ones.
  static std::uint64_t number(const Number& text) { return static_cast<std::uint64_t>(whole_number(text).value_or(0)); }

  // linux/sched.h
  static std::uint64_t policy(const std::string& name) {
    return name == "fifo" ? 1 : name == "rr" ? 2 : name == "batch" ? 3 : name == "idle" ? 5 : 0;
  }
};

}  // namespace

AgentRequest request_for(const Action& action, std::uint64_t cap) {
  return std::visit(Translate{cap}, action);
}

}  // namespace labctl
