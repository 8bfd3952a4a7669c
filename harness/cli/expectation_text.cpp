// What a step expects, in words.
#include <fmt/format.h>

#include "check/check.hpp"
#include "lab_text.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

using Lines = std::vector<std::string>;

std::string shown(const std::string& text) {
  return labctl::quoted(text, 120);
}

std::string listed(const std::vector<std::string>& texts) {
  Lines all;
  for (const auto& text : texts)
    all.push_back(shown(text));
  return join(all, ", ");
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& map) {
  Lines all;
  for (const auto& [key, value] : map)
    all.push_back(fmt::format("{} {}", printable(key), shown(value)));
  return join(all, ", ");
}

std::string hexadecimal(const std::string& bytes) {
  Lines all;
  for (const char byte : bytes.substr(0, 40))
    all.push_back(fmt::format("{:02x}", static_cast<unsigned char>(byte)));
  return join(all, " ") + (bytes.size() > 40 ? " ..." : "");
}

std::string number_text(const NumberCheck& check) {
  Lines parts;
  if (check.equals) parts.push_back(*check.equals);
  if (check.min) parts.push_back("at least " + *check.min);
  if (check.max) parts.push_back("at most " + *check.max);
  if (check.near) parts.push_back(fmt::format("within {} of {}", check.within, *check.near));
  return join(parts, ", ");
}

void add_text(Lines& lines, const std::string& noun, const TextExpectation& expect);

void add_table(Lines& lines, const std::string& noun, const TableCheck& table) {
  const std::string row = table.row.empty() ? "a row" : "a row with " + pairs(table.row);
  std::string text = fmt::format("{} as a table", noun);
  if (!table.columns.empty()) text += " of " + listed(table.columns);
  if (!table.separator.empty()) text += " separated by " + shown(table.separator);
  if (table.skip > 0) text += fmt::format(", after {} line{}", table.skip, table.skip == 1 ? "" : "s");
  if (table.absent) {
    lines.push_back(text + " has not " + row);
  } else if (table.rows) {
    lines.push_back(fmt::format("{} has {} of {}", text, *table.rows, row));
  } else {
    lines.push_back(text + " has " + row);
  }
  for (const auto& [column, cell] : table.cells)
    add_text(lines, fmt::format("its {}", printable(column)), cell);
}

void add_text(Lines& lines, const std::string& noun, const TextExpectation& expect) {
  const auto add = [&](const std::string& what) { lines.push_back(noun + " " + what); };
  if (expect.equals) add("is " + shown(*expect.equals));
  if (expect.exactly) add("is, byte by byte, " + hexadecimal(*expect.exactly));
  if (!expect.contains.empty()) add("contains " + listed(expect.contains));
  if (!expect.lacks.empty()) add("lacks " + listed(expect.lacks));
  if (!expect.matches.empty()) add("matches " + listed(expect.matches));
  if (expect.lines) add(fmt::format("has {} line{}", *expect.lines, *expect.lines == 1 ? "" : "s"));
  if (expect.bytes) add("has " + *expect.bytes + " bytes");
  if (!expect.sequence.empty()) add("has in order " + listed(expect.sequence));
  if (expect.unordered) add("has, in any order, the lines " + listed(*expect.unordered));
  if (!expect.includes.empty())
    add("includes the lines " + listed(expect.includes) +
        (expect.missing.empty() ? "" : fmt::format(", save {}", expect.missing)));
  for (const auto& number : expect.numbers)
    lines.push_back(fmt::format("{} is {}",
                                number.of.empty()
                                    ? noun + " as a number"
                                    : fmt::format("the number in {} that {} gives", noun, shown(number.of)),
                                number_text(number)));
  for (const auto& table : expect.tables)
    add_table(lines, noun, table);
  for (const auto& [pointer, value] : expect.json)
    add(fmt::format("has at {} {}", pointer.empty() ? "the top" : printable(pointer), shown(value)));
}

class Expectations {
 public:
  Lines lines;

  void operator()(const LoadStep& step) { call(step.expect_errno); }
  void operator()(const UnloadStep& step) { call(step.expect_errno); }
  void operator()(const BuildStep& step) {
    lines.push_back(step.error.empty() ? "it builds"
                                       : "it does not build, with a message that matches " + shown(step.error));
    if (step.max_warnings) lines.push_back(fmt::format("with at most {} warnings", *step.max_warnings));
    if (step.max_sparse) lines.push_back(fmt::format("with at most {} warnings of sparse", *step.max_sparse));
    if (step.max_checkpatch)
      lines.push_back(fmt::format("with at most {} warnings of checkpatch", *step.max_checkpatch));
    if (!step.uses.empty()) lines.push_back("it uses " + listed(step.uses));
    if (!step.avoids.empty()) lines.push_back("it does not use " + listed(step.avoids));
    if (!step.licence.empty()) lines.push_back("its licence is " + shown(step.licence));
  }
  void operator()(const ReadStep& step) { text(step.expect_errno, "the text", step.expect); }
  void operator()(const WriteStep& step) {
    if (step.expect_errno != 0)
      call(step.expect_errno);
    else
      lines.push_back(step.expect_bytes ? "takes " + *step.expect_bytes + " bytes" : "takes everything");
  }
  void operator()(const StatStep& step) {
    call(step.expect_errno);
    for (const auto& [field, value] : step.expect)
      lines.push_back(fmt::format("its {} is {}", field, value));
  }
  void operator()(const ListStep& step) { text(step.expect_errno, "the list", step.expect); }
  void operator()(const OpenStep& step) { call(step.expect_errno); }
  void operator()(const CloseStep& step) { call(step.expect_errno); }
  void operator()(const SeekStep& step) {
    call(step.expect_errno);
    if (step.expect_offset) lines.push_back("the offset is " + *step.expect_offset);
  }
  void operator()(const PollStep& step) {
    lines.push_back(step.expect ? "is ready for " + poll_events_text(*step.expect)
                                : "is ready for one of: " + poll_events_text(step.events));
    if (step.timeout.count() > 0) lines.push_back("waits for it " + human_duration(step.timeout));
  }
  void operator()(const IoctlStep& step) {
    text(step.expect_errno, "the data", step.expect);
    if (step.expect_result) lines.push_back("the result is " + *step.expect_result);
    if (step.expect_integer) lines.push_back("the integer is " + *step.expect_integer);
  }
  void operator()(const RunStep& step) {
    lines.push_back(step.expect_signal ? fmt::format("ends with signal {}", *step.expect_signal)
                                       : fmt::format("ends with exit status {}", step.expect_exit));
    add_text(lines, "stdout", step.expect_stdout);
    add_text(lines, "stderr", step.expect_stderr);
  }
  void operator()(const SleepStep&) { call(0); }
  void operator()(const RebootStep&) { lines.push_back("the machine comes up again"); }
  void operator()(const WaitStep& step) { lines.push_back(step.name + " has ended, and gave what it must"); }
  void operator()(const RunningStep& step) {
    lines.push_back(step.time.count() > 0 ? "is so for " + human_duration(step.time) : "is so at once");
  }
  void operator()(const KillStep& step) { lines.push_back(fmt::format("takes signal {}", step.signal)); }
  void operator()(const ElapsedStep& step) {
    if (step.min) lines.push_back("at least " + human_duration(*step.min));
    if (step.max) lines.push_back("at most " + human_duration(*step.max));
  }
  // The summary says what the log must have.
  void operator()(const DmesgStep& step) {
    lines.push_back(fmt::format("in {} since the {} began",
                                step.level ? fmt::format("lines of level {}", level_name(*step.level)) : "lines",
                                step.scope == LogScope::test ? "test" : "step before"));
    if (step.within.count() > 0) lines.push_back("waits for it " + human_duration(step.within));
  }

 private:
  void call(int error) { lines.push_back(error == 0 ? "succeeds" : "fails with " + errno_name(error)); }
  void text(int error, const std::string& noun, const TextExpectation& expect) {
    call(error);
    add_text(lines, noun, expect);
  }
};

}  // namespace

std::vector<std::string> expectations_of(const Step& step) {
  switch (step.ends) {
    case StepEnd::completes: break;
    case StepEnd::killed: return {"the kernel kills the process that does it"};
    case StepEnd::hangs: return {"does not end within its limit"};
    case StepEnd::dies: return {"takes the machine down"};
  }
  Expectations expectations;
  std::visit(expectations, step.action);
  // A value may stand for any field, and what is around it may be any text.
  for (auto& line : expectations.lines)
    line = printable(line);
  return expectations.lines;
}

}  // namespace labctl
