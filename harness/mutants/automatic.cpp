#include "mutants/automatic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "c_source.hpp"

namespace labctl {

namespace {

// A mutant leaves functions and variables unused. A lab that counts warnings should not catch it by that.
constexpr const char* no_warnings =
    "#pragma GCC diagnostic ignored \"-Wunused-function\"\n"
    "#pragma GCC diagnostic ignored \"-Wunused-variable\"\n"
    "#pragma GCC diagnostic ignored \"-Wunused-but-set-variable\"\n"
    "#pragma GCC diagnostic ignored \"-Wunused-label\"\n"
    "#pragma GCC diagnostic ignored \"-Wuninitialized\"\n"
    "#pragma GCC diagnostic ignored \"-Wmaybe-uninitialized\"\n"
    "#line 1\n";

struct Change {
  Range range;
  std::string text;
};

struct ReadSource {
  const MutantSource* source;
  CSource c;
};

// changes: in the order of their places, none inside another. Lines keep their numbers.
std::string changed(const std::string& bytes, const std::vector<Change>& changes) {
  std::string result = no_warnings;
  std::size_t at = 0;
  for (const auto& [range, text] : changes) {
    result.append(bytes, at, range.begin - at);
    result += text;
    const auto lines = std::count(bytes.begin() + static_cast<std::ptrdiff_t>(range.begin),
                                  bytes.begin() + static_cast<std::ptrdiff_t>(range.end), '\n') -
                       std::count(text.begin(), text.end(), '\n');
    if (lines > 0) result.append(static_cast<std::size_t>(lines), '\n');
    at = range.end;
  }
  result.append(bytes, at);
  return result;
}

// Macros and functions that tell people something, or check what the author believes.
bool is_message_or_assertion(const std::string& called) {
  static constexpr std::array<const char*, 13> prefixes = {
      "pr_", "printk", "dev_err",      "dev_warn", "dev_info",         "dev_dbg",      "WARN",
      "BUG", "might_", "BUILD_BUG_ON", "lockdep_", "RCU_LOCKDEP_WARN", "static_assert"};
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const char* prefix) { return called.starts_with(prefix); });
}

bool can_be_dropped(const CStatement& statement) {
  return !is_message_or_assertion(statement.called) && statement.called != "cond_resched" &&
         statement.called != "cpu_relax";
}

class Maker {
 public:
  Maker(const std::vector<MutantSource>& reference, const AutomaticOptions& options)
      : reference_(reference), options_(options) {
    for (const auto& source : reference)
      if (source.name.ends_with(".c")) sources_.push_back({&source, read_c(source.bytes)});
  }

  std::vector<AutomaticMutant> make() {
    if (sources_.empty()) return {};
    add_minimal("empty", "Loads and unloads, and does nothing else.", "0");
    add_minimal("init-fails", "Cannot be loaded.", "-EPERM");
    add_operations();
    add_no_clean_up();
    if (options_.statements) {
      add_unlocked();
      add_dropped();
    }
    return std::move(mutants_);
  }

 private:
  using Changes = std::map<const MutantSource*, std::vector<Change>>;

  void add(std::string name, std::string about, const Changes& changes, std::string file = "", int line = 0) {
    const int count = ++names_[name];
    if (count > 1) name += fmt::format(" #{}", count);
    std::vector<MutantSource> sources = reference_;
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (const auto found = changes.find(&reference_[i]); found != changes.end())
        sources[i].bytes = changed(reference_[i].bytes, found->second);
    mutants_.push_back({std::move(name), std::move(about), std::move(file), line, false, std::move(sources)});
  }

  void add_minimal(const char* name, const char* about, const char* result) {
    std::vector<MutantSource> sources = reference_;
    bool first = true;
    for (auto& source : sources) {
      if (!source.name.ends_with(".c")) continue;
      source.bytes = !first ? "/* Nothing. */\n"
                            : fmt::format(
                                  "// SPDX-License-Identifier: GPL-2.0-only\n"
                                  "#include <linux/module.h>\n\n"
                                  "static int __init minimal_init(void)\n{{\n\treturn {};\n}}\n\n"
                                  "static void __exit minimal_exit(void)\n{{\n}}\n\n"
                                  "module_init(minimal_init);\nmodule_exit(minimal_exit);\n\n"
                                  "MODULE_LICENSE(\"GPL\");\n",
                                  result);
      first = false;
    }
    mutants_.push_back({name, about, "", 0, true, std::move(sources)});
  }

  bool is_called(const CFunction& function) const {
    int calls = 0, definitions = 0;
    for (const auto& source : sources_) {
      calls += count_calls(source.c.code, function.name);
      for (const auto& other : source.c.functions)
        if (other.name == function.name) ++definitions;
    }
    for (const auto& source : reference_)
      if (!source.name.ends_with(".c") && count_calls(read_c(source.bytes).code, function.name) > 0) ++definitions;
    return calls > definitions;
  }

  bool is_init(const CFunction& function) const { return function.init || is_named_in("module_init", function); }
  bool is_exit(const CFunction& function) const { return function.exit || is_named_in("module_exit", function); }

  bool is_named_in(const std::string& macro, const CFunction& function) const {
    return std::any_of(sources_.begin(), sources_.end(), [&](const ReadSource& source) {
      return source.c.code.find(macro + "(" + function.name + ")") != std::string::npos;
    });
  }

  static std::string result_of(const CFunction& function, bool fails) {
    switch (function.returns) {
      case CFunction::Returns::nothing: return "";
      case CFunction::Returns::pointer: return fails ? "return (void *)-EIO;" : "return NULL;";
      case CFunction::Returns::flag: return "return 0;";
      case CFunction::Returns::integer: break;
    }
    if (fails) return "return -EIO;";
    return function.length.empty() ? "return 0;" : "return " + function.length + ";";
  }

  // What the kernel, or another module, calls: nothing in the module itself does.
  void add_operations() {
    Changes successes, failures;
    bool can_fail = false;
    for (const auto& source : sources_)
      for (const auto& function : source.c.functions) {
        if (is_init(function) || is_exit(function) || is_called(function)) continue;
        const std::string success = result_of(function, false), failure = result_of(function, true);
        can_fail = can_fail || success != failure;
        successes[source.source].push_back({function.body, success});
        failures[source.source].push_back({function.body, failure});
      }
    if (successes.empty()) return;
    add("operations-do-nothing", "Every operation does nothing and says that it succeeded.", successes);
    if (can_fail) add("operations-fail", "Every operation does nothing and fails with EIO.", failures);
  }

  void add_no_clean_up() {
    for (const auto& source : sources_)
      for (const auto& function : source.c.functions) {
        if (!is_exit(function)) continue;
        std::vector<Change> changes;
        for (const auto& statement : function.statements)
          if (can_be_dropped(statement)) changes.push_back({statement.range, ";"});
        if (!changes.empty())
          add("no-clean-up", "Its exit function undoes nothing.", {{source.source, changes}}, source.source->name,
              function.line);
      }
  }

  void add_unlocked() {
    for (const auto& source : sources_)
      for (const auto& function : source.c.functions) {
        std::vector<Change> changes;
        for (const auto& lock : function.locks)
          changes.push_back({lock.range, lock.instead});
        std::sort(changes.begin(), changes.end(),
                  [](const Change& a, const Change& b) { return a.range.begin < b.range.begin; });
        if (!changes.empty())
          add("unlocked " + function.name, fmt::format("{}() takes no lock.", function.name),
              {{source.source, changes}}, source.source->name, function.line);
      }
  }

  void add_dropped() {
    for (const auto& source : sources_)
      for (const auto& function : source.c.functions)
        for (const auto& statement : function.statements) {
          const bool unwinds = statement.after_label && is_init(function);
          if (!can_be_dropped(statement) || (unwinds && !options_.failing_allocations)) continue;
          add(fmt::format("drop {}: {}", function.name, statement.text),
              fmt::format("{}() lacks a statement.", function.name), {{source.source, {{statement.range, ";"}}}},
              source.source->name, statement.line);
        }
  }

  const std::vector<MutantSource>& reference_;
  const AutomaticOptions& options_;
  std::vector<ReadSource> sources_;
  std::map<std::string, int> names_;
  std::vector<AutomaticMutant> mutants_;
};

}  // namespace

std::vector<AutomaticMutant> automatic_mutants(const std::vector<MutantSource>& reference,
                                               const AutomaticOptions& options) {
  return Maker(reference, options).make();
}

}  // namespace labctl
