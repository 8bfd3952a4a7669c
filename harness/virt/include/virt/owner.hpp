// Who a machine on a libvirt host belongs to: one process of labctl. Kept in the domain's metadata, so that what a
// killed process left behind can be told from what another one uses.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace labctl {

struct Owner {
  // The kernel that the process runs under, from its start, and the process's pid namespace: 16 hexadecimal digits.
  // Only of processes in the same place can be said whether they are there.
  std::string place;
  pid_t pid = 0;
  std::uint64_t started = 0;  // in clock ticks after the kernel's start (proc(5), /proc/PID/stat): a pid is used again

  bool operator==(const Owner&) const = default;
};

Owner this_process();

// "place-pid-started", without anything that a domain's or a volume's name cannot have.
std::string owner_text(const Owner& owner);
std::optional<Owner> parse_owner(const std::string& text);

// Whether that process is known to have ended. False for those of other machines and containers: nobody here knows.
bool has_ended(const Owner& owner);

}  // namespace labctl
