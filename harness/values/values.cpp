#include "values/values.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <functional>
#include <set>

#include "expression.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_expanded = 4 << 20;  // bytes of one text

// Calls with each piece of text, and with what stands in each ${...}, in order. Stops at the first error.
Status for_each_part(std::string_view text, const std::function<void(std::string_view)>& on_text,
                     const std::function<Status(std::string_view)>& on_expression) {
  while (!text.empty()) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) {
      on_text(text);
      return {};
    }
    // $${ stands for ${ itself.
    if (at > 0 && text[at - 1] == '$') {
      on_text(text.substr(0, at - 1));
      on_text("${");
      text.remove_prefix(at + 2);
      continue;
    }
    on_text(text.substr(0, at));
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos)
      return fail(Fault::usage, fmt::format("{} has no }}", printable(text.substr(at, 40))));
    if (auto done = on_expression(text.substr(at + 2, end - at - 2)); !done) return done;
    text.remove_prefix(end + 1);
  }
  return {};
}

// A row of numbers that a seed and a name determine. Not for secrets: for inputs that nobody can know in advance.
class Stream {
 public:
  Stream(const std::string& seed, const std::string& name) : seed_(seed), name_(name) {}

  std::uint8_t byte() {
    if (at_ == block_.size()) {
      block_ = Sha256().field("value").field(seed_).field(name_).field(std::to_string(counter_++)).hex();
      at_ = 0;
    }
    const auto digit = [this](std::size_t i) {
      return static_cast<unsigned>(block_[i] <= '9' ? block_[i] - '0' : block_[i] - 'a' + 10);
    };
    at_ += 2;
    return static_cast<std::uint8_t>(digit(at_ - 2) << 4U | digit(at_ - 1));
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i)
      value = value << 8U | byte();
    return value;
  }

  // Each equally likely: what would favour some is drawn again.
  std::uint64_t below(std::uint64_t limit) {
    const std::uint64_t usable = UINT64_MAX - UINT64_MAX % limit;
    std::uint64_t value = number();
    while (value >= usable)
      value = number();
    return value % limit;
  }

  std::int64_t between(std::int64_t min, std::int64_t max) {
    const std::uint64_t span = static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min);
    const std::uint64_t offset = span == UINT64_MAX ? number() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(min) + offset);
  }

 private:
  std::string seed_, name_, block_;
  std::size_t at_ = 0;
  std::uint64_t counter_ = 0;
};

std::string integers(const ValueSpec& spec, Stream& stream) {
  std::vector<std::string> numbers;
  std::set<std::int64_t> used;
  while (numbers.size() < spec.count) {
    const std::int64_t number = stream.between(spec.min, spec.max);
    // spec/ has made sure that the range is wide enough.
    if (spec.distinct && !used.insert(number).second) continue;
    numbers.push_back(std::to_string(number));
  }
  return join(numbers, ",");
}

std::string make_value(const ValueSpec& spec, Stream stream) {
  std::string text;
  switch (spec.kind) {
    case ValueSpec::Kind::constant: return spec.constant;
    case ValueSpec::Kind::integer: return std::to_string(stream.between(spec.min, spec.max));
    case ValueSpec::Kind::integers: return integers(spec, stream);
    case ValueSpec::Kind::one_of: return spec.choices.at(stream.below(spec.choices.size()));
    case ValueSpec::Kind::letters:
      while (text.size() < spec.count)
        text += static_cast<char>('a' + stream.below(26));
      return text;
    case ValueSpec::Kind::bytes:
      while (text.size() < spec.count)
        text += static_cast<char>(stream.byte());
      return text;
  }
  return text;
}

// Every text of a step in which ${...} may stand.
class Resolver {
 public:
  explicit Resolver(const Values& values) : values_(values) {}

  Result<Step> operator()(Step step) {
    std::visit([this](auto& action) { texts(action); }, step.action);
    for (auto& save : step.save)
      text(save.pattern);
    if (!done_) return fail(done_.error());
    return step;
  }

 private:
  void text(std::string& what) {
    if (!done_ || what.find('$') == std::string::npos) return;
    auto expanded = expand(what, values_);
    if (!expanded) {
      done_ = fail(expanded.error());
    } else {
      what = std::move(*expanded);
    }
  }

  void number(Number& what) {
    const bool given = what.find('$') != std::string::npos;
    text(what);
    if (given && done_ && !whole_number(what) && !what.ends_with('%'))
      done_ = fail(Fault::module, fmt::format("{} stands where a whole number is needed", quoted(what, 60)));
  }
  void number(std::optional<Number>& what) {
    if (what) number(*what);
  }
  void each(std::vector<std::string>& list) {
    for (auto& item : list)
      text(item);
  }
  void each(std::vector<std::pair<std::string, std::string>>& list) {
    for (auto& [name, value] : list)
      text(value);
  }

  void texts(TextExpectation& expect) {
    if (expect.equals) text(*expect.equals);
    if (expect.exactly) text(*expect.exactly);
    each(expect.contains);
    each(expect.lacks);
    each(expect.matches);
    number(expect.bytes);
    each(expect.sequence);
    if (expect.unordered) {
      // One value may hold several lines.
      std::vector<std::string> lines;
      for (auto& item : *expect.unordered) {
        text(item);
        for (const auto line : split_lines(item))
          lines.emplace_back(line);
      }
      expect.unordered = std::move(lines);
    }
    each(expect.includes);
    number(expect.missing);
    for (auto& check : expect.numbers) {
      text(check.of);
      number(check.equals);
      number(check.min);
      number(check.max);
      number(check.near);
      number(check.within);
    }
    for (auto& table : expect.tables) {
      each(table.row);
      number(table.rows);
      for (auto& [column, cell] : table.cells)
        texts(cell);
    }
    each(expect.json);
  }

  void texts(LoadStep& step) { each(step.params); }
  void texts(UnloadStep&) {}
  void texts(BuildStep& step) { text(step.error); }
  void texts(ReadStep& step) {
    text(step.file);
    number(step.bytes);
    number(step.at);
    texts(step.expect);
  }
  void texts(WriteStep& step) {
    text(step.file);
    text(step.data);
    number(step.at);
    number(step.expect_bytes);
  }
  void texts(StatStep& step) {
    text(step.path);
    each(step.expect);
  }
  void texts(ListStep& step) {
    text(step.path);
    texts(step.expect);
  }
  void texts(OpenStep& step) { text(step.path); }
  void texts(CloseStep&) {}
  void texts(SeekStep& step) {
    number(step.to);
    number(step.expect_offset);
  }
  void texts(PollStep&) {}
  void texts(IoctlStep& step) {
    number(step.request);
    number(step.value);
    text(step.data);
    number(step.expect_result);
    number(step.expect_integer);
    texts(step.expect);
  }
  void texts(RunStep& step) {
    each(step.argv);
    text(step.stdin_data);
    for (auto& part : step.input) {
      text(part.after);
      text(part.text);
    }
    each(step.environment);
    texts(step.expect_stdout);
    texts(step.expect_stderr);
  }
  void texts(SleepStep&) {}
  void texts(RebootStep&) {}
  void texts(WaitStep&) {}
  void texts(RunningStep&) {}
  void texts(KillStep&) {}
  void texts(ElapsedStep&) {}
  void texts(DmesgStep& step) {
    each(step.has);
    each(step.lacks);
    each(step.matches);
    each(step.sequence);
    text(step.count_text);
  }

  const Values& values_;
  Status done_;
};

}  // namespace

Used used_in(std::string_view text) {
  Used used;
  const auto on_expression = [&used](std::string_view expression) -> Status {
    used.any = true;
    auto names = names_in(expression);
    if (!names) return fail(names.error());
    used.names.insert(used.names.end(), names->begin(), names->end());
    return {};
  };
  if (auto read = for_each_part(
          text, [](std::string_view) {}, on_expression);
      !read) {
    used.any = true;
    used.fault = read.error().message;
  }
  return used;
}

Result<std::string> expand(std::string_view text, const Values& values) {
  std::string expanded;
  const auto on_text = [&expanded](std::string_view part) { expanded += part; };
  const auto on_expression = [&](std::string_view expression) -> Status {
    auto value = evaluate(expression, values);
    if (!value) return fail(value.error());
    expanded += *value;
    if (expanded.size() > max_expanded)
      return fail(Fault::module, fmt::format("a text grows beyond {}", human_size(max_expanded)));
    return {};
  };
  if (auto done = for_each_part(text, on_text, on_expression); !done) return fail(done.error());
  return expanded;
}

Result<Step> resolve(Step step, const Values& values) {
  return Resolver(values)(std::move(step));
}

Values make_values(const std::vector<ValueSpec>& specs, const std::string& seed) {
  Values values;
  for (const auto& spec : specs)
    values[spec.name] = make_value(spec, Stream(seed, spec.name));
  return values;
}

std::optional<std::string> saved_value(const Save& save, const std::string& text) {
  if (save.pattern.empty()) return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
  const RE2 expression(save.pattern, RE2::Quiet);
  std::string value;
  if (!expression.ok() || expression.NumberOfCapturingGroups() != 1) return std::nullopt;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression, &value)) return std::nullopt;
  return value;
}

}  // namespace labctl
