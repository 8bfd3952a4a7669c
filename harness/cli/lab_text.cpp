#include "lab_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/device.hpp"
#include "runner/plan.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string kernel_text(const KernelNeeds& needs) {
  std::vector<std::string> parts;
  if (!needs.min_version.empty()) parts.push_back("from " + needs.min_version);
  if (!needs.max_version.empty()) parts.push_back("to " + needs.max_version);
  std::string text = parts.empty() ? "any" : join(parts, " ");
  return needs.config.empty() ? text : text + ", with " + join(needs.config, ", ");
}

std::string built_text(const std::string& name, const std::vector<std::string>& sources,
                       const std::vector<std::string>& cflags) {
  std::string text = fmt::format("{} ({})", name, join(sources, ", "));
  return cflags.empty() ? text : text + " with " + join(cflags, " ");
}

// Where a module comes from and what is done to it, where that is not the usual.
void add_origin(std::string& text, const ModuleSpec& module) {
  const auto line = [&text](const std::string& what) { text += fmt::format("           {}\n", printable(what)); };
  if (!module.tree.empty())
    line(fmt::format("in {}{}, built by {}", module.tree.string(),
                     module.folder.empty() ? "" : ", folder " + module.folder,
                     module.own_makefile ? "its own makefile" : "a generated makefile"));
  for (const auto& [name, value] : module.make)
    line(fmt::format("with {}={}", name, labctl::quoted(value, 60)));
  for (const auto& replacement : module.replace)
    line(fmt::format("with {} for {} in {}", labctl::quoted(replacement.with, 60), labctl::quoted(replacement.line, 60),
                     replacement.file));
}

std::string value_text(const ValueSpec& value) {
  using Kind = ValueSpec::Kind;
  const auto range = [&] { return fmt::format("from {} to {}", value.min, value.max); };
  switch (value.kind) {
    case Kind::constant: return labctl::quoted(value.constant, 120);
    case Kind::integer: return "a whole number " + range();
    case Kind::integers:
      return fmt::format("{}{} {}", value.distinct ? "distinct: " : "", counted(value.count, "whole number"), range());
    case Kind::letters: return counted(value.count, "letter");
    case Kind::bytes: return counted(value.count, "byte");
    case Kind::one_of: {
      std::vector<std::string> choices;
      for (const auto& choice : value.choices)
        choices.push_back(labctl::quoted(choice, 60));
      return "one of " + join(choices, ", ");
    }
  }
  return {};
}

// What a program runs as and on, where that is not the usual.
void add_setting(std::vector<std::string>& notes, const RunStep& run) {
  for (const auto& [name, value] : run.environment)
    notes.push_back(fmt::format("with {}={}", name, labctl::quoted(value, 60)));
  if (run.tty) notes.push_back("on a terminal");
  if (!run.stdin_data.empty()) notes.push_back("reads " + labctl::quoted(run.stdin_data, 60));
  for (const auto& part : run.input) {
    std::string note = "reads " + labctl::quoted(part.text, 60);
    if (!part.after.empty()) note += " once it has printed " + labctl::quoted(part.after, 60);
    if (part.pause.count() > 0) note += (part.after.empty() ? " after " : " and after ") + human_duration(part.pause);
    notes.push_back(note);
  }
  if (run.user) notes.push_back(fmt::format("as user {}", *run.user));
  std::vector<std::string> cpus;
  for (const int cpu : run.cpus)
    cpus.push_back(std::to_string(cpu));
  if (!cpus.empty()) notes.push_back("on CPU " + join(cpus, ", "));
  if (!run.policy.empty())
    notes.push_back(run.priority > 0 ? fmt::format("policy {} with priority {}", run.policy, run.priority)
                                     : "policy " + run.policy);
  if (run.nice != 0) notes.push_back(fmt::format("nice {}", run.nice));
}

// How a step is done, where that is not the usual.
std::vector<std::string> notes_of(const Step& step) {
  std::vector<std::string> notes;
  if (step.round > 0) notes.push_back(fmt::format("round {}", step.round));
  if (const auto* run = std::get_if<RunStep>(&step.action)) add_setting(notes, *run);
  if (step.within) notes.push_back("done again until it passes, at most " + human_duration(*step.within));
  notes.push_back("limit " + human_duration(step.limit.value_or(Limits{}.step)));
  for (const auto& save : step.save)
    notes.push_back(save.pattern.empty() ? fmt::format("saves {}", save.name)
                                         : fmt::format("saves {} by {}", save.name, labctl::quoted(save.pattern, 60)));
  if (!step.mark.empty()) notes.push_back("marks " + step.mark);
  if (step.points) notes.push_back(counted(static_cast<std::size_t>(*step.points), "point"));
  if (step.continue_on_failure) notes.push_back("the test goes on when it fails");
  return notes;
}

std::string flavours_text(const std::vector<std::string>& flavours) {
  return flavours.empty() ? "the user's choice" : join(flavours, ", ");
}

// "2 CPUs", "1, 2, 4 CPUs".
std::string cpus_text(const std::vector<int>& cpus) {
  std::vector<std::string> counts;
  for (const int count : cpus)
    counts.push_back(std::to_string(count));
  return join(counts, ", ") + (cpus == std::vector<int>{1} ? " CPU" : " CPUs");
}

void add_test(std::string& text, const Lab& lab, const Test& test, std::size_t number, std::ptrdiff_t runs) {
  text += fmt::format("\ntest {}: {}", number, printable(test.name));
  text += test.points ? fmt::format(" ({})\n", counted(static_cast<std::size_t>(*test.points), "point")) : "\n";
  if (!test.hint.empty()) text += fmt::format("  hint     {}\n", labctl::quoted(test.hint, 400));
  if (test.hidden) text += "  hidden   students learn its name and verdict\n";
  if (!test.needs.empty()) text += fmt::format("  needs    {}\n", printable(join(test.needs, ", ")));
  if (test.flavours != lab.flavours) text += fmt::format("  flavour  {}\n", flavours_text(test.flavours));
  if (test.cpus != lab.cpus) text += fmt::format("  machine  {}\n", cpus_text(test.cpus));
  if (runs > 1)
    text += fmt::format("  runs     {}, {}\n", runs,
                        needs_no_machine(test) ? "one in each flavour" : "each with other values");
  if (test.leftover_flavours != std::vector<std::string>{"debug"})
    text += fmt::format("  leaves   nothing behind in {}\n", join(test.leftover_flavours, ", "));
  if (test.kmemleak) text += "  leaves   no memory behind in debug, as kmemleak sees it\n";
  for (const auto& allowed : test.allowed_leftovers)
    text += fmt::format("  leaves   {} {}: {}\n", allowed.kind.empty() ? "any" : allowed.kind, printable(allowed.name),
                        labctl::quoted(allowed.reason, 120));
  for (const auto& value : test.values)
    text += fmt::format("  value    {}: {}\n", value.name, value_text(value));
  for (const auto& report : test.reports)
    text +=
        fmt::format("  report   {}{}\n", printable(expected_report_text(report)), report.optional ? " (may come)" : "");
  if (test.init_faults) text += "  faults   once more for each allocation of init, with that one failing\n";
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    const Step& step = test.steps[i];
    text += fmt::format("  {:>3}  {}\n", i + 1, step_summary(step));
    for (const auto& expectation : expectations_of(step))
      text += fmt::format("         {}\n", expectation);
    text += fmt::format("         ({})\n", join(notes_of(step), "; "));
  }
}

}  // namespace

std::string lab_text(const Lab& lab) {
  std::string text = fmt::format("{}: {}\n", lab.id, printable(lab.title));
  const auto line = [&text](const char* what, const std::string& value) {
    text += fmt::format("  {:<8} {}\n", what, value);
  };
  if (!lab.topic.empty()) line("topic", printable(lab.topic));
  if (lab.minutes > 0) line("time", fmt::format("about {} min", lab.minutes));
  if (!lab.prerequisites.empty()) line("after", join(lab.prerequisites, ", "));
  line("kernel", kernel_text(lab.kernel));
  line("flavour", flavours_text(lab.flavours));
  line("machine",
       fmt::format("{}, {}", cpus_text(lab.cpus),
                   lab.memory_mib == 0 ? "memory as the flavour needs" : fmt::format("{} MiB", lab.memory_mib)));
  for (const auto& name : lab.devices)
    line("device", name + ": " + find_device(name)->summary);
  if (lab.disk_mib > 0) line("disk", fmt::format("{} MiB, empty at the start of each test", lab.disk_mib));
  if (!lab.command_line.empty()) line("with", "kernel command line " + labctl::quoted(lab.command_line));
  for (const auto& module : lab.modules) {
    line("module", built_text(module.name, module.sources, module.cflags));
    add_origin(text, module);
  }
  const auto& [allowed, forbidden] = lab.symbols;
  if (!allowed.empty()) line("symbols", "that a graded module may take too: " + join(allowed, ", "));
  if (!forbidden.empty()) line("symbols", "that a graded module may not take: " + join(forbidden, ", "));
  for (const auto& program : lab.programs)
    line("program",
         built_text(program.name, program.sources, program.cflags) + (program.code.empty() ? "" : ", from the spec"));
  int points = 0;
  for (const auto& test : lab.tests)
    points += test.points.value_or(0);
  line("tests", fmt::format("{}, {}", lab.tests.size(), counted(static_cast<std::size_t>(points), "point")));
  const auto plan = plan_runs(lab, "", 0);
  for (std::size_t i = 0; i < lab.tests.size(); ++i) {
    const auto runs =
        std::count_if(plan->begin(), plan->end(), [i](const PlannedRun& planned) { return planned.test == i; });
    add_test(text, lab, lab.tests[i], i + 1, runs);
  }
  return text;
}

}  // namespace labctl
