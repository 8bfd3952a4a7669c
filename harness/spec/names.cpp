#include "names.hpp"

#include <csignal>
#include <cstring>
#include <utility>

namespace labctl::spec {
namespace {

struct Named {
  std::vector<std::string> names;
  std::vector<int> numbers;

  void add(std::string name, int number) {
    names.push_back(std::move(name));
    numbers.push_back(number);
  }
  std::optional<int> number(std::string_view name) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return numbers[i];
    }
    return std::nullopt;
  }
};

// include/linux/errno.h; 520 is unused.
constexpr std::pair<std::string_view, int> kernel_only[] = {{"ERESTARTSYS", 512},
                                                            {"ERESTARTNOINTR", 513},
                                                            {"ERESTARTNOHAND", 514},
                                                            {"ENOIOCTLCMD", 515},
                                                            {"ERESTART_RESTARTBLOCK", 516},
                                                            {"EPROBE_DEFER", 517},
                                                            {"EOPENSTALE", 518},
                                                            {"ENOPARAM", 519},
                                                            {"EBADHANDLE", 521},
                                                            {"ENOTSYNC", 522},
                                                            {"EBADCOOKIE", 523},
                                                            {"ENOTSUPP", 524},
                                                            {"ETOOSMALL", 525},
                                                            {"ESERVERFAULT", 526},
                                                            {"EBADTYPE", 527},
                                                            {"EJUKEBOX", 528},
                                                            {"EIOCBQUEUED", 529},
                                                            {"ERECALLCONFLICT", 530}};

const Named& errnos() {
  static const Named table = [] {
    Named named;
    // glibc knows the names of the host, which are those of the guest: both use asm-generic/errno.h.
    for (int number = 1; number < 512; ++number) {
      if (const char* name = strerrorname_np(number)) named.add(name, number);
    }
    // Second names of the same numbers, and whichever of a pair glibc does not print.
    for (const auto& [name, number] : {std::pair{"EWOULDBLOCK", EWOULDBLOCK}, std::pair{"EDEADLOCK", EDEADLOCK},
                                       std::pair{"ENOTSUP", ENOTSUP}, std::pair{"EOPNOTSUPP", EOPNOTSUPP}}) {
      if (!named.number(name)) named.add(name, number);
    }
    for (const auto& [name, number] : kernel_only)
      named.add(std::string(name), number);
    return named;
  }();
  return table;
}

const Named& signals() {
  static const Named table = [] {
    Named named;
    for (int number = 1; number < 32; ++number) {
      if (const char* name = sigabbrev_np(number)) named.add(std::string("SIG") + name, number);
    }
    return named;
  }();
  return table;
}

}  // namespace

std::optional<int> errno_by_name(std::string_view name) {
  return errnos().number(name);
}

const std::vector<std::string>& errno_names() {
  return errnos().names;
}

std::optional<int> signal_by_name(std::string_view name) {
  return signals().number(name);
}

const std::vector<std::string>& signal_names() {
  return signals().names;
}

bool signal_ends_program(int signal) {
  switch (signal) {
    case SIGCHLD:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGURG:
    case SIGWINCH: return false;
    default: return true;
  }
}

std::vector<int> version_numbers(std::string_view text) {
  std::vector<int> numbers;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const bool leading_zero = part.size() > 1 && part[0] == '0';
    if (part.empty() || part.size() > 4 || leading_zero) return {};
    if (part.find_first_not_of("0123456789") != std::string_view::npos) return {};
    int number = 0;
    for (const char digit : part)
      number = number * 10 + (digit - '0');
    numbers.push_back(number);
    if (end == text.size()) break;
    begin = end + 1;
  }
  return numbers.size() == 2 || numbers.size() == 3 ? numbers : std::vector<int>{};
}

}  // namespace labctl::spec
