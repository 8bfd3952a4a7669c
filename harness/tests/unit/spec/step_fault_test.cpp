// One fault each in steps that speak of open files, of the background, of time, of values and of structured text.
#include <gmock/gmock.h>

#include <algorithm>

#include "making.hpp"

namespace labctl {
namespace {

using making::listing;
using making::read;
using making::with_steps;
using testing::HasSubstr;

struct Fault {
  const char* name;
  const char* steps;
  const char* at;  // the fault is where this begins, or "line:column"
  const char* message;
  const char* hint;  // "" where there need be none
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class StepFault : public testing::TestWithParam<Fault> {};

TEST_P(StepFault, is_found_alone_and_in_its_place) {
  const std::string text = with_steps(GetParam().steps);
  const LabReading reading = read(text);
  ASSERT_EQ(reading.diagnostics.size(), 1U) << text << listing(reading);
  const Diagnostic& fault = reading.diagnostics[0];
  const std::string at = GetParam().at;
  const bool place = at.find_first_not_of("0123456789:") == std::string::npos && at.find(':') != std::string::npos;
  EXPECT_EQ(making::place_of(fault), place ? at : making::place_of(text, at)) << listing(reading);
  EXPECT_THAT(fault.message, HasSubstr(GetParam().message));
  EXPECT_THAT(fault.hint, HasSubstr(GetParam().hint));
}

#define OPENED "  - open: /dev/x\n    as: x\n"
#define BEGUN "  - run: sleep 9\n    background: job\n"
#define WAITED "\n  - wait: job"

const Fault faults[] = {
    // Open files.
    {"open_without_a_name", "  - open: /dev/x", "/dev/x", "an open step needs \"as\"", "as: dev"},
    {"open_that_fails_with_a_name", "  - open: /dev/x\n    as: x\n    expect: {errno: ENOENT}", "x\n    expect",
     "what fails to open has no name", "drop"},
    {"open_twice", OPENED "  - open: /dev/y\n    as: x", "open: /dev/y", "a file is open as \"x\" already", "close it"},
    {"open_for_nothing", "  - open: /dev/x\n    as: x\n    for: reading", "reading", "unknown for \"reading\"", ""},
    {"open_flag", "  - open: /dev/x\n    as: x\n    flags: [nonblok]", "nonblok", "unknown flags \"nonblok\"",
     "\"nonblock\""},
    {"read_of_no_open_file", "  - read: y", "read: y", "no file is open as \"y\" at this step", "a path begins with /"},
    {"read_after_close", OPENED "  - close: x\n  - read: x", "read: x", "no file is open as \"x\"", ""},
    {"close_twice", OPENED "  - close: x\n  - close: x", "9:5", "no file is open as \"x\"", ""},
    {"write_of_no_open_file", "  - write: y\n    text: a", "write: y", "no file is open as \"y\"", ""},
    {"poll_of_no_open_file", "  - poll: y", "poll: y", "no file is open as \"y\"", ""},
    {"name_with_a_capital", "  - open: /dev/x\n    as: Dev", "Dev", "\"as\" must be a short name, not Dev", "a to z"},
    {"close_of_a_path", "  - close: /dev/x", "/dev/x", "\"close\" must be a short name", ""},
    {"seek_to_nowhere", OPENED "  - seek: x", "8:11", "a seek step needs \"to\"", "to: 0"},
    {"seek_offset_and_errno", OPENED "  - seek: x\n    to: 1\n    expect: {errno: EINVAL, offset: 1}", "offset",
     "\"offset\" contradicts \"errno\"", "keep one"},
    {"poll_event", OPENED "  - poll: x\n    for: input", "input", "unknown for \"input\"", "in, out, pri"},
    {"ioctl_without_request", OPENED "  - ioctl: x", "8:12", "an ioctl step needs \"request\"", "a number"},
    {"ioctl_request_range", OPENED "  - ioctl: x\n    request: 0x100000000", "0x1", "from 0 to 4294967295", ""},
    {"ioctl_request_parts", OPENED "  - ioctl: x\n    request: {type: k}", "{type", "needs \"type\" and \"number\"",
     "_IOR"},
    {"ioctl_request_size", OPENED "  - ioctl: x\n    request: {type: k, number: 1, direction: read}", "{type",
     "\"direction\" needs \"size\"", "size: 4"},
    {"ioctl_request_value", OPENED "  - ioctl: x\n    request: {type: k, number: \"${1 + 1}\"}", "\"${1",
     "\"number\" must be a whole number", "cannot stand here"},
    {"ioctl_two_arguments", OPENED "  - ioctl: x\n    request: 1\n    text: a\n    hex: \"00\"", "ioctl: x",
     "an ioctl has one argument", "keep one"},
    {"ioctl_integer_size", OPENED "  - ioctl: x\n    request: 1\n    integer: 1\n    size: 3", "11:11",
     "1, 2, 4 or 8 bytes", ""},
    {"ioctl_size_without_integer", OPENED "  - ioctl: x\n    request: 1\n    size: 4", "10:11",
     "\"size\" belongs to \"integer\"", ""},
    {"ioctl_expects_no_integer", OPENED "  - ioctl: x\n    request: 1\n    expect: {integer: 1}", "integer: 1",
     "without \"integer\" gives none", "integer: 0"},

    // Files.
    {"stat_word", "  - stat: /x\n    expect: missing", "missing", "unknown expect \"missing\"", "absent, present"},
    {"stat_type", "  - stat: /x\n    expect: {type: device}", "device", "unknown type \"device\"", "char"},
    {"stat_mode", "  - stat: /x\n    expect: {mode: \"0888\"}", "\"0888\"", "\"0888\" is no mode", "in octal"},
    {"stat_owner", "  - stat: /x\n    expect: {owner: root}", "root", "\"root\" is no owner", "0:0"},
    {"stat_errno", "  - stat: /x\n    expect: {errno: ENOENT, size: 1}", "size", "\"size\" contradicts \"errno\"", ""},
    {"write_nothing", "  - write: /x", "/x", "a write step needs \"text\" or \"hex\"", ""},
    {"write_two_things", "  - write: /x\n    text: a\n    hex: \"00\"", "/x", "needs \"text\" or \"hex\"", ""},
    {"hex_odd", "  - write: /x\n    hex: \"abc\"", "\"abc\"", "must be bytes in hexadecimal", "two digits a byte"},
    {"hex_value", "  - write: /x\n    hex: \"${1}\"", "\"${1}\"", "must be bytes in hexadecimal", ""},
    {"read_bytes", "  - read: /x\n    bytes: 0", "7:12", "a whole number from 1 to 1048576", ""},
    {"list_of_a_name", "  - list: dev", "dev", "the path \"dev\" is not absolute", ""},

    // Background.
    {"never_waited_for", BEGUN, "run: sleep", "nothing waits for \"job\"", "wait: job"},
    {"begun_twice", BEGUN "  - run: ls\n    background: job" WAITED, "run: ls", "\"job\" is under way already", ""},
    {"wait_for_nothing", "  - wait: job", "wait: job", "nothing called \"job\" is under way", "background: job"},
    {"wait_twice", BEGUN "  - wait: job" WAITED, "9:5", "nothing called \"job\" is under way", ""},
    {"running_nothing", "  - running: job", "running: job", "nothing called \"job\" is under way", ""},
    {"kill_nothing", "  - kill: job", "kill: job", "nothing called \"job\" is under way", ""},
    {"kill_signal", BEGUN "  - kill: job\n    signal: SIGTREM" WAITED, "SIGTREM", "unknown signal \"SIGTREM\"",
     "\"SIGTERM\""},
    {"background_name", "  - run: ls\n    background: a job", "a job", "must be a short name", "a to z"},
    {"background_and_within", "  - run: ls\n    background: job\n    within: 1s" WAITED, "1s",
     "\"within\" contradicts \"background\"", "limit of its own"},
    {"background_of_a_sleep", "  - sleep: 1s\n    background: job", "background",
     "unknown key \"background\" in this sleep step", ""},

    // Time.
    {"elapsed_since_nothing", "  - elapsed: start\n    expect: {max: 1s}", "elapsed", "no step before this is marked",
     "mark: start"},
    {"elapsed_since_a_later_mark", "  - elapsed: start\n    expect: {max: 1s}\n  - sleep: 1ms\n    mark: start",
     "elapsed", "no step before this is marked", ""},
    {"elapsed_without_expect", "  - sleep: 1ms\n    mark: start\n  - elapsed: start", "8:14",
     "an elapsed step needs \"expect\"", "min"},
    {"elapsed_never", "  - sleep: 1ms\n    mark: start\n  - elapsed: start\n    expect: {min: 2s, max: 1s}", "1s}",
     "\"max\" is less than \"min\"", ""},
    {"within_of_a_write", "  - write: /x\n    text: a\n    within: 1s", "within", "unknown key \"within\"", ""},

    // Programs.
    {"kill_signal_in_short", BEGUN "  - kill: job\n    signal: TERM" WAITED, "TERM", "unknown signal \"TERM\"",
     "write SIGTERM"},
    {"kill_signal_by_number", BEGUN "  - kill: job\n    signal: 15" WAITED, "15", "unknown signal \"15\"",
     "write SIGTERM"},

    // What programs read.
    {"stdin_without_parts", "  - run: cat\n    stdin: []", "[]", "\"stdin\" is an empty list", ""},
    {"stdin_part_without_text", "  - run: cat\n    stdin: [{after: x}]", "{after", "a part of stdin needs \"text\"",
     ""},
    {"stdin_part_key", "  - run: cat\n    stdin: [{wait: x, text: a}]", "wait: x",
     "unknown key \"wait\" in a part of stdin", ""},
    {"stdin_part_after_nothing", "  - run: cat\n    stdin: [{after: \"\", text: a}]", "\"\", text",
     "\"after\" is empty", "written at once"},
    {"stdin_part_pause", "  - run: cat\n    stdin: [{pause: 50, text: a}]", "50", "\"pause\" must be a duration",
     "50ms"},
    {"tty_in_words", "  - run: cat\n    tty: yes", "yes", "\"tty\" must be true or false", ""},
    {"tty_and_stderr", "  - run: cat\n    tty: true\n    expect: {stderr: \"\"}", "stderr",
     "a terminal shows \"stderr\"", "look for it in stdout"},

    // Points.
    {"points_of_a_step", "  - sleep: 1ms\n    points: 1001", "1001", "\"points\" must be a whole number from 0 to 1000",
     ""},
    {"points_in_the_background", BEGUN "    points: 1" WAITED, "8:13", "\"points\" of a step in the background",
     "waits for it"},
    {"points_in_a_repeat", "  - repeat: {times: 2, steps: [{sleep: 1ms, points: 1}]}", "points: 1",
     "would count at each turn", "after it"},
    {"points_too_many", "  - sleep: 1ms\n    points: 1000\n  - sleep: 1ms\n    points: 1", "name: one",
     "steps have 1001 points together", "at most 1000"},

    {"user_by_name", "  - run: ls\n    user: root", "root", "\"user\" must be a whole number", ""},
    {"cpu_that_no_machine_has", "  - run: ls\n    cpus: [0, 8]", "8]", "from 0 to 7", ""},
    {"policy_without_priority", "  - run: ls\n    policy: fifo", "fifo", "unknown policy \"fifo\"", "other"},
    {"priority", "  - run: ls\n    policy: {rr: 100}", "100", "from 1 to 99", ""},
    {"nice_value", "  - run: ls\n    nice: \"${1 + 1}\"", "\"${1", "\"nice\" must be a whole number",
     "cannot stand here"},
    {"environment_name", "  - run: ls\n    env: {A-B: x}", "A-B", "\"A-B\" is no name of a variable", "letters"},

    // Saved values.
    {"save_name", "  - read: /x\n    save: two words", "two words", "is no name of a value", "a letter first"},
    {"save_round", "  - read: /x\n    save: round", "round", "is no name of a value", "not round"},
    {"save_without_group", "  - read: /x\n    save: {n: '\\d+'}", "'\\d+'", "must have one group", "(?:...)"},
    {"save_two_groups", "  - read: /x\n    save: {n: '(a)(b)'}", "'(a)(b)'", "must have one group", ""},
    {"save_list", "  - read: /x\n    save: [n]", "[n]", "\"save\" must be a name, or a map", "save: {pid"},
    {"used_before_it_is_saved", "  - write: /x\n    text: \"${n}\"\n  - read: /x\n    save: n", "\"${n}\"",
     "no value \"n\" at this step", "saves it"},
    {"used_before_the_wait", "  - read: /x\n    save: n\n    background: job\n  - write: /x\n    text: \"${n}\"" WAITED,
     "\"${n}\"", "no value \"n\" at this step", ""},
    {"round_outside_a_repeat", "  - write: /x\n    text: \"${round}\"", "\"${round}\"", "no value \"round\"", ""},

    // Expressions.
    {"misspelt_value", "  - read: /x\n    save: minor\n  - read: \"/x/${mnior}\"", "\"/x/${mnior", "no value \"mnior\"",
     "did you mean \"minor\"?"},
    {"unfinished_expression", "  - write: /x\n    text: \"${1 +}\"", "\"${1", "needs a name or a number",
     "$${ is the text ${"},
    {"unclosed_expression", "  - write: /x\n    text: \"a ${1\"", "\"a ${1", "has no }", ""},
    {"unknown_function", "  - write: /x\n    text: \"${summ(1)}\"", "\"${summ", "calls no function that there is",
     "sum"},
    {"open_bracket", "  - write: /x\n    text: \"${(1}\"", "\"${(1", "lacks a )", ""},
    {"text_in_an_expression", "  - write: /x\n    text: \"${1 2}\"", "\"${1 2", "does not end here", ""},

    // Repeats.
    {"repeat_key", "  - repeat: {times: 2, step: [{sleep: 1s}]}", "step:", "unknown key \"step\" in repeat",
     "\"steps\""},
    {"repeat_without_times", "  - repeat: {steps: [{sleep: 1s}]}", "{steps", "a repeat needs \"times\"", ""},
    {"repeat_never", "  - repeat: {times: 0, steps: [{sleep: 1s}]}", "0,", "from 1 to 1000", ""},
    {"repeat_of_nothing", "  - repeat: {times: 2, steps: []}", "[]", "\"steps\" is an empty list", ""},
    {"repeat_with_a_limit", "  - repeat: {times: 2, steps: [{sleep: 1s}]}\n    limit: 1s", "limit",
     "unknown key \"limit\" in this repeat step", ""},
    {"repeat_in_a_repeat", "  - repeat:\n      times: 2\n      steps:\n      - repeat: {times: 2, steps: []}",
     "repeat: {", "a repeat within a repeat", ""},
    {"repeat_opens_twice", "  - repeat: {times: 2, steps: [{open: /x, as: x}]}", "open: /x",
     "a file is open as \"x\" already", ""},

    // Text that has structure.
    {"empty_list_of_numbers", "  - read: /x\n    expect: {number: []}", "[]", "\"number\" is an empty list", ""},
    {"number_of_any_kind", "  - read: /x\n    expect: {number: {of: '(\\d+)'}}", "{of", "may be any number", "near"},
    {"number_bounds", "  - read: /x\n    expect: {number: {min: 5, max: 4}}", "4}", "\"max\" is less than \"min\"", ""},
    {"number_bounds_of_fractions", "  - read: /x\n    expect: {number: {min: 5.5, max: 1.5}}", "1.5}",
     "\"max\" is less than \"min\"", ""},
    {"number_equals_below", "  - read: /x\n    expect: {number: {min: 5, equals: 4.5}}", "equals",
     "\"equals\" contradicts \"min\"", "no number is both"},
    {"number_equals_above", "  - read: /x\n    expect: {number: {max: 0x10, equals: 17}}", "equals",
     "\"equals\" contradicts \"max\"", ""},
    {"number_equals_far", "  - read: /x\n    expect: {number: {near: 100, within: 5%, equals: 106}}", "equals",
     "\"equals\" contradicts \"near\"", ""},
    {"number_near_below", "  - read: /x\n    expect: {number: {near: 100, within: 5, min: 106}}", "near: 100",
     "\"near\" contradicts \"min\"", ""},
    {"number_near_above", "  - read: /x\n    expect: {number: {near: -100, within: 10%, max: -111}}", "near: -100",
     "\"near\" contradicts \"max\"", ""},
    {"number_within_nothing", "  - read: /x\n    expect: {number: {near: 5, within: -1}}", "-1}",
     "\"within\" is less than 0", ""},
    {"number_near_alone", "  - read: /x\n    expect: {number: {near: 5}}", "{near", "go together", "within: 10%"},
    {"number_in_words", "  - read: /x\n    expect: {number: five}", "five", "\"number\" must be a whole number", ""},
    {"number_of_signs", "  - read: /x\n    expect: {number: -.}", "-.", "\"number\" must be a whole number", ""},
    {"number_group", "  - read: /x\n    expect: {number: {of: '\\d+', min: 1}}", "'\\d", "must have one group", ""},
    {"empty_list_of_tables", "  - read: /x\n    expect: {table: []}", "[]", "\"table\" is an empty list", ""},
    {"table_of_anything", "  - read: /x\n    expect: {table: {skip: 1}}", "{skip", "may hold anything", "row"},
    {"table_column", "  - read: /x\n    expect: {table: {columns: [name, size], row: {nmae: a}}}", "nmae",
     "unknown column \"nmae\"", "\"name\""},
    {"table_cells", "  - read: /x\n    expect: {table: {row: {a: b}, cells: {}}}", "{}}", "\"cells\" must be a map",
     ""},
    {"table_absent_cells", "  - read: /x\n    expect: {table: {row: {a: b}, absent: true, rows: 1}}", "{row",
     "has nothing to check", ""},
    {"table_separator", "  - read: /x\n    expect: {table: {rows: 1, separator: \"\"}}", "\"\"",
     "\"separator\" is empty", "blanks"},
    {"missing_of_nothing", "  - read: /x\n    expect: {missing: 1}", "1}", "\"missing\" is how many lines", ""},
    {"sequence_of_one", "  - read: /x\n    expect: {sequence: [a]}", "[a]", "has no order", "use contains"},
    {"json_list", "  - read: /x\n    expect: {json: [a]}", "[a]", "\"json\" must be a map", ""},
    {"check_and_errno", "  - list: /x\n    expect: {errno: ENOENT, includes: a}", "includes",
     "\"includes\" contradicts \"errno\"", ""},
    {"ends_unknown", "  - load: mod\n    ends: crashes", "crashes", "unknown ends \"crashes\"", "killed, hangs, dies"},
    {"ends_and_expect", "  - load: mod\n    ends: killed\n    expect: {errno: EINVAL}", "expect",
     "\"expect\" contradicts \"ends: killed\"", "nothing to look at"},
    {"ends_and_background", "  - load: mod\n    ends: hangs\n    background: x\n  - wait: x", "background",
     "\"background\" contradicts \"ends: hangs\"", "the wait step"},
    {"ends_of_a_program", "  - run: [true]\n    ends: killed", "killed", "\"ends: killed\" of a run step",
     "expect: {signal: SIGKILL}"},
    {"ends_of_a_dmesg", "  - dmesg: x\n    ends: hangs", "ends", "unknown key \"ends\" in this dmesg step", ""},
    {"step_after_the_end", "  - load: mod\n    ends: dies\n  - read: /x", "read",
     "this step is never done: the one in line 6 takes the machine down", "the last step"},
};

INSTANTIATE_TEST_SUITE_P(all, StepFault, testing::ValuesIn(faults),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace labctl
