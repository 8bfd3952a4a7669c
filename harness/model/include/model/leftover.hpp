// What modules can leave behind in a kernel when they are gone.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace labctl {

// What a guest's kernel showed of itself at one moment: files and folders, and what was in them. A file's bytes; of a
// folder the names, a line each.
struct Survey {
  std::vector<std::pair<std::string, std::string>> sources;
  bool cut = false;  // there was more than labctl takes: what it lacks may be there all the same
};

// The files and folders that a survey looks at, as the agent takes them (rootfs/agent/protocol.h, AGENT_SURVEY); after
// another survey only those of processes that are new, because they are half of the work. None
// of them makes the kernel follow a pointer into a module, which may be gone: the names of interrupts are read from
// /proc/irq, which has copies, and not from /proc/interrupts, which has not; /proc/sys and /proc/filesystems are left
// out for that reason.
std::vector<std::string> survey_paths(const Survey& before);

struct LeftoverKind {
  std::string_view name;     // "kthread"; specs and reports use it
  std::string_view meaning;  // "a kernel thread"
  std::string_view remedy;   // what removes it: "kthread_stop()"
  std::string_view below;    // the folder whose paths are its names: "/proc/"; empty: it has names of its own
};
const std::vector<LeftoverKind>& leftover_kinds();
// Null when there is none of that name.
const LeftoverKind* find_leftover_kind(std::string_view name);

// Something that was not there before the first module was loaded, and is after the last has gone.
struct Leftover {
  std::string kind;    // one of leftover_kinds()
  std::string name;    // a path, or what the kernel calls it
  std::string detail;  // what tells it from others of that name: "major 240", "IRQ 5", "16384 bytes"; or empty
  friend bool operator==(const Leftover&, const Leftover&) = default;
};

}  // namespace labctl
