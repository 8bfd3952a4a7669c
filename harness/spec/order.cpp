// What must stand before what: faults for steps that can never do what they expect, whatever the module does.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "steps.hpp"
#include "support/text.hpp"

namespace labctl::spec {
namespace {

void check_modules(Context& context, const Test& test) {
  // Programs may load and unload what they like; after one, and after a failure that was let pass, nothing is sure.
  bool sure = true;
  bool acted = false;
  std::set<std::string> loaded;
  for (const Step& step : test.steps) {
    const Position position{step.where.line, step.where.column};
    if (const auto* load = std::get_if<LoadStep>(&step.action)) {
      if (load->expect_errno == 0 && !loaded.insert(load->module).second && sure) {
        context.faults.add(position, fmt::format("{} is loaded already at this step", shown(load->module)),
                           "unload it before, or expect {errno: EEXIST}");
      }
    } else if (const auto* unload = std::get_if<UnloadStep>(&step.action); unload && unload->expect_errno == 0) {
      if (loaded.erase(unload->module) == 0 && sure) {
        context.faults.add(position, fmt::format("{} is not loaded at this step", shown(unload->module)),
                           "nothing is loaded when a machine has booted: load it first");
      }
    } else if (std::holds_alternative<RebootStep>(step.action)) {
      loaded.clear();
      sure = true;
    } else if (std::holds_alternative<RunStep>(step.action) || !step.background.empty()) {
      sure = false;
    } else if (const auto* dmesg = std::get_if<DmesgStep>(&step.action)) {
      if (dmesg->scope == LogScope::step && !acted) {
        context.faults.add(position, "\"since: step\" without a step before it to look at",
                           "do something first, or leave it out");
      }
      continue;
    }
    acted = true;
    if (step.continue_on_failure || step.ends != StepEnd::completes) sure = false;
  }
}

// The names that steps give each other: open files, background steps, marks.
class Names {
 public:
  explicit Names(Context& context) : context_(context) {}

  void take(const Step& step) {
    where_ = {step.where.line, step.where.column};
    std::visit([this](const auto& action) { look(action); }, step.action);
    if (!step.background.empty()) begin(step.background);
    // The clock begins anew in a reboot: nothing is so long ago as what it took.
    if (!step.mark.empty() && !std::holds_alternative<RebootStep>(step.action)) marks_.insert(step.mark);
  }

  void end() {
    for (const auto& [name, where] : under_way_)
      context_.faults.add(where, fmt::format("nothing waits for {}, so what it expects is never judged", shown(name)),
                          fmt::format("a later step, before any reboot: \"- wait: {}\"", name));
  }

 private:
  void begin(const std::string& name) {
    if (!under_way_.emplace(name, where_).second)
      context_.faults.add(where_, fmt::format("{} is under way already", shown(name)),
                          "wait for it before, or give another name");
  }

  void needs_open(const std::string& name) {
    if (name.starts_with('/') || open_.contains(name)) return;
    context_.faults.add(where_, fmt::format("no file is open as {} at this step", shown(name)),
                        "a path begins with /; a name is what an open step since the last boot gave \"as\"");
  }

  void needs_background(const std::string& name) {
    if (!under_way_.contains(name))
      context_.faults.add(where_, fmt::format("nothing called {} is under way at this step", shown(name)),
                          "an earlier step, since the last boot, says \"background: " + name + "\"");
  }

  void look(const ReadStep& step) { needs_open(step.file); }
  void look(const WriteStep& step) { needs_open(step.file); }
  void look(const SeekStep& step) { needs_open(step.name); }
  void look(const PollStep& step) { needs_open(step.name); }
  void look(const IoctlStep& step) { needs_open(step.name); }
  void look(const OpenStep& step) {
    if (step.expect_errno != 0 || step.name.empty()) return;
    if (!open_.insert(step.name).second)
      context_.faults.add(where_, fmt::format("a file is open as {} already", shown(step.name)),
                          "close it before, or give another name");
  }
  void look(const CloseStep& step) {
    needs_open(step.name);
    open_.erase(step.name);
  }
  void look(const RebootStep&) {
    end();
    under_way_.clear();
    open_.clear();
    marks_.clear();
  }
  void look(const WaitStep& step) {
    needs_background(step.name);
    under_way_.erase(step.name);
  }
  void look(const RunningStep& step) { needs_background(step.name); }
  void look(const KillStep& step) { needs_background(step.name); }
  void look(const ElapsedStep& step) {
    if (!marks_.contains(step.since))
      context_.faults.add(where_, fmt::format("no step before this is marked {}", shown(step.since)),
                          "an earlier step, since the last boot, says \"mark: " + step.since + "\"");
  }
  template <class Other>
  void look(const Other&) {}

  Context& context_;
  Position where_;
  std::set<std::string> open_, marks_;
  std::map<std::string, Position> under_way_;
};

// After the machine has gone down nothing can be asked of it.
void check_ends(Context& context, const Test& test) {
  const auto dies =
      std::find_if(test.steps.begin(), test.steps.end(), [](const Step& step) { return step.ends == StepEnd::dies; });
  if (dies == test.steps.end() || dies + 1 == test.steps.end()) return;
  const SourceLocation& where = (dies + 1)->where;
  context.faults.add(
      {where.line, where.column},
      fmt::format("this step is never done: the one in line {} takes the machine down", dies->where.line),
      "\"ends: dies\" is for the last step of a test");
}

}  // namespace

void check_order(Context& context, const Test& test) {
  check_modules(context, test);
  check_ends(context, test);
  Names names(context);
  for (const Step& step : test.steps)
    names.take(step);
  names.end();
}

}  // namespace labctl::spec
