#include "virt/owner.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>

#include "support/files.hpp"
#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t place_digits = 16;

std::string this_place() {
  std::error_code ignored;
  const auto boot = read_file("/proc/sys/kernel/random/boot_id").value_or("");
  const auto pids = fs::read_symlink("/proc/self/ns/pid", ignored).string();
  return sha256_hex(boot + pids).substr(0, place_digits);
}

// The 22nd field of /proc/PID/stat. The second one, a name in brackets, may hold anything.
std::optional<std::uint64_t> start_of(pid_t pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat) return std::nullopt;
  const char* at = stat->c_str() + std::min(stat->rfind(')'), stat->size());
  for (int field = 2; field < 22; ++field) {
    while (*at != '\0' && *at != ' ')
      ++at;
    while (*at == ' ')
      ++at;
  }
  std::uint64_t ticks = 0;
  const auto end = stat->c_str() + stat->size();
  if (std::from_chars(at, end, ticks).ec != std::errc()) return std::nullopt;
  return ticks;
}

template <class Number>
bool take_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Owner this_process() {
  return {this_place(), ::getpid(), start_of(::getpid()).value_or(0)};
}

std::string owner_text(const Owner& owner) {
  return fmt::format("{}-{}-{}", owner.place, owner.pid, owner.started);
}

std::optional<Owner> parse_owner(const std::string& text) {
  const auto first = text.find('-');
  const auto second = text.find('-', first + 1);
  if (first != place_digits || second == std::string::npos) return std::nullopt;
  Owner owner{text.substr(0, first)};
  if (owner.place.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  const std::string_view view = text;
  if (!take_number(view.substr(first + 1, second - first - 1), owner.pid) || owner.pid <= 0) return std::nullopt;
  if (!take_number(view.substr(second + 1), owner.started)) return std::nullopt;
  return owner;
}

bool has_ended(const Owner& owner) {
  if (owner.place != this_place()) return false;
  if (::kill(owner.pid, 0) != 0 && errno == ESRCH) return true;
  // Where /proc hides other users' processes, nothing is known of them.
  const auto started = start_of(owner.pid);
  return started && *started != owner.started;
}

}  // namespace labctl
