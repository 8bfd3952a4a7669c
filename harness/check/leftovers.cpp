#include "check/leftovers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "support/text.hpp"

namespace labctl {
namespace {

using Things = std::vector<Leftover>;
using std::string_view;

constexpr std::size_t max_shown = 20;
constexpr std::uint64_t kthread_flag = 0x00200000;          // PF_KTHREAD of linux/sched.h
constexpr std::uint64_t module_space = 0xffffffffa0000000;  // where x86-64 loads modules, up to the end
constexpr std::uint64_t page = 4096;

std::vector<string_view> words_of(string_view line) {
  std::vector<string_view> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<std::uint64_t> number(string_view text, int base = 10) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "240 counter" below "Character devices:" or "Block devices:".
void add_majors(Things& things, string_view text) {
  string_view devices = "character";
  for (const string_view line : split_lines(text)) {
    if (line.starts_with("Block")) devices = "block";
    const auto words = words_of(line);
    if (words.size() < 2 || !number(words[0])) continue;
    const std::string name(line.substr(static_cast<std::size_t>(words[1].data() - line.data())));
    things.push_back({"major", name, fmt::format("{} of {} devices", words[0], devices)});
  }
}

// Whether an area is one that a module may have asked for. Its caller is shown as a function where there is one; a bare
// address in the space of modules is in a module that has gone. In 5.4 the callers of vmalloc() are all vmalloc()
// itself. There those of vzalloc() are too, but so the kernel makes a terminal's buffers, which come and go.
bool may_be_a_modules(string_view caller) {
  if (caller.starts_with("vmalloc+")) return true;
  return caller.starts_with("0x") && number(caller.substr(2), 16).value_or(0) >= module_space;
}

// "0x...-0x...   20480 CALLER pages=4 vmalloc N0=4".
void add_areas(Things& things, string_view text) {
  for (const string_view line : split_lines(text)) {
    const auto words = words_of(line);
    if (words.size() < 3 || !may_be_a_modules(words[2])) continue;
    std::string name = "vmalloc";
    std::uint64_t bytes = number(words[1]).value_or(page) - page;  // one page guards the end
    for (const string_view word : words) {
      if (word.starts_with("pages=")) bytes = number(word.substr(6)).value_or(0) * page;
      if (word == "ioremap" || word == "vmap") name = word;
    }
    things.push_back({"vmalloc", name, fmt::format("{} bytes", bytes)});
  }
}

// "77 (name) S 2 0 0 0 -1 FLAGS ...", see proc(5). kworkers come and go; a thread of an interrupt is its handler's.
void add_kthread(Things& things, string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == string_view::npos || close == string_view::npos || close < open) return;
  const auto rest = words_of(stat.substr(close + 1));
  if (rest.size() < 7 || (number(rest[6]).value_or(0) & kthread_flag) == 0) return;
  const string_view name = stat.substr(open + 1, close - open - 1);
  if (name.starts_with("kworker/") || name.starts_with("irq/")) return;
  things.push_back({"kthread", std::string(name), fmt::format("process {}", words_of(stat)[0])});
}

// Of which kind the names in a folder are; nothing: of none.
string_view kind_in(string_view folder) {
  if (folder == "/sys/kernel/debug") return "debugfs";
  if (folder == "/sys/kernel/slab") return "slab";
  if (folder == "/sys/class") return "class";
  if (folder == "/sys/bus") return "bus";
  if (folder == "/sys/devices" || folder.starts_with("/sys/class/")) return "device";
  if (folder.starts_with("/sys/bus/")) return folder.ends_with("/drivers") ? "driver" : "device";
  if (folder.starts_with("/sys")) return "sysfs";
  return folder.starts_with("/proc") ? "proc" : "";
}

void add_names(Things& things, std::string folder, string_view names) {
  if (folder == "/proc/self/net") folder = "/proc/net";
  const bool irq = folder.starts_with("/proc/irq/");
  const std::string kind(irq ? "irq" : kind_in(folder));
  const LeftoverKind* known = find_leftover_kind(kind);
  if (known == nullptr) return;
  for (const string_view name : split_lines(names)) {
    if (folder == "/proc" && number(name)) continue;        // a process
    if (kind == "slab" && name.starts_with(':')) continue;  // what caches share that are alike
    if (!known->below.empty()) {
      things.push_back({kind, fmt::format("{}/{}", folder, name), ""});
    } else {
      things.push_back({kind, std::string(name), irq ? "IRQ " + folder.substr(10) : ""});
    }
  }
}

Things things_in(const Survey& survey) {
  Things things;
  for (const auto& [path, text] : survey.sources) {
    if (path == "/proc/modules") continue;
    if (path == "/proc/devices") {
      add_majors(things, text);
    } else if (path == "/proc/vmallocinfo") {
      add_areas(things, text);
    } else if (path.ends_with("/stat")) {
      add_kthread(things, text);
    } else {
      add_names(things, path, text);
    }
  }
  return things;
}

// What makes two things the same in two surveys: a thread that ended and one that began have one name.
std::string key(const Leftover& thing) {
  return thing.kind + "\n" + thing.name + (thing.kind == "kthread" ? "" : "\n" + thing.detail);
}

// * in the pattern stands for any text.
bool fits(string_view pattern, string_view text) {
  const auto star = pattern.find('*');
  if (star == string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= text.size(); ++at)
    if (fits(rest, text.substr(at))) return true;
  return false;
}

bool is_allowed(const Leftover& leftover, const std::vector<AllowedLeftover>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const AllowedLeftover& one) {
    return (one.kind.empty() || one.kind == leftover.kind) && fits(one.name, leftover.name);
  });
}

std::string without_indent(const std::string& line) {
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

std::size_t rank(const Leftover& leftover) {
  const auto& kinds = leftover_kinds();
  return static_cast<std::size_t>(find_leftover_kind(leftover.kind) - kinds.data());
}

std::string shown(const Leftover& leftover) {
  const LeftoverKind& kind = *find_leftover_kind(leftover.kind);
  return fmt::format("{}: {}{}{}, which is removed by {}", leftover.name, kind.meaning,
                     leftover.detail.empty() ? "" : ", ", leftover.detail, kind.remedy);
}

// "keep_table", "64 bytes, allocated at table.c:23 "table = kmalloc(64, GFP_KERNEL);"".
Leftover leak(const LeakedObject& object) {
  const auto in_module =
      std::find_if(object.trace.begin(), object.trace.end(), [](const auto& frame) { return !frame.module.empty(); });
  Leftover leftover{"kmemleak", in_module == object.trace.end() ? "an unknown function" : in_module->function,
                    fmt::format("{} bytes", object.bytes)};
  if (const SourceLine* line = own_line(object.trace)) {
    leftover.name = line->function;
    leftover.detail += fmt::format(", allocated at {}:{} {}", line->file.filename().string(), line->line,
                                   labctl::quoted(without_indent(line->text), 80));
  }
  return leftover;
}

}  // namespace

bool has_modules(const Survey& survey) {
  return std::any_of(survey.sources.begin(), survey.sources.end(),
                     [](const auto& source) { return source.first == "/proc/modules" && !source.second.empty(); });
}

std::vector<Leftover> find_leftovers(const Survey& before, const Survey& after,
                                     const std::vector<AllowedLeftover>& allowed) {
  std::map<std::string, int> known;
  for (const Leftover& thing : things_in(before))
    ++known[key(thing)];
  std::vector<Leftover> leftovers;
  for (Leftover& thing : things_in(after))
    if (--known[key(thing)] < 0 && !is_allowed(thing, allowed)) leftovers.push_back(std::move(thing));
  std::stable_sort(leftovers.begin(), leftovers.end(), [](const Leftover& one, const Leftover& other) {
    return std::pair(rank(one), one.name) < std::pair(rank(other), other.name);
  });
  return leftovers;
}

std::vector<Leftover> leaks_as_leftovers(const std::vector<LeakedObject>& leaks,
                                         const std::vector<AllowedLeftover>& allowed) {
  std::vector<std::pair<Leftover, int>> groups;  // and how many objects
  for (const LeakedObject& object : leaks) {
    Leftover leftover = leak(object);
    const auto same =
        std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == leftover; });
    if (same != groups.end()) {
      ++same->second;
    } else if (!is_allowed(leftover, allowed)) {
      groups.emplace_back(std::move(leftover), 1);
    }
  }
  std::vector<Leftover> leftovers;
  for (auto& [leftover, count] : groups) {
    if (count > 1) leftover.detail = fmt::format("{} times {}", count, leftover.detail);
    leftovers.push_back(std::move(leftover));
  }
  return leftovers;
}

// What the first survey lacks would look new in the second. What the second one shows is there all the same.
std::string why_leftovers_are_unknown(const Surveys& surveys) {
  if (!surveys.before.cut) return {};
  return "not known whether anything was left behind: before its modules were loaded the kernel had more files than "
         "labctl looks at";
}

CheckResult leftover_check(const std::vector<Leftover>& leftovers, bool cut) {
  CheckResult check{leftovers.empty() && !cut, "nothing is left behind when no module is loaded any more", "", ""};
  if (check.passed) return check;
  check.expected = "nothing left behind";
  // Before its modules were loaded there were not so many.
  if (leftovers.empty()) check.seen = "more files in /proc and /sys than labctl looks at";
  // A headline: messages show the first line only.
  if (leftovers.size() > 1)
    check.seen = fmt::format("{} things left behind, such as {}\n", leftovers.size(), leftovers.front().name);
  for (std::size_t i = 0; i < std::min(leftovers.size(), max_shown); ++i)
    check.seen += (i == 0 ? "" : "\n") + shown(leftovers[i]);
  if (leftovers.size() > max_shown) check.seen += fmt::format("\n... {} more", leftovers.size() - max_shown);
  return check;
}

}  // namespace labctl
