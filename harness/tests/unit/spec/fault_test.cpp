// Every class of fault, made by one change in a spec that has none (language_test proves that): one fault, with its
// place, what it says and what it advises.
#include <gmock/gmock.h>

#include <algorithm>

#include "making.hpp"

namespace labctl {
namespace {

using making::full_spec;
using making::read;
using testing::HasSubstr;

struct Change {
  const char* name;
  const char* from;  // in full_spec, its first occurrence
  const char* to;
  const char* at;  // the fault is where this begins after the change
  const char* message;
  const char* hint;  // "" where there need be none
};

// So that a failure names its row.
void PrintTo(const Change& change, std::ostream* out) {
  *out << change.name;
}

class OneFault : public testing::TestWithParam<Change> {};

TEST_P(OneFault, is_found_alone_and_in_its_place) {
  const Change& change = GetParam();
  std::string text = full_spec;
  const auto place = text.find(change.from);
  ASSERT_NE(place, std::string::npos) << "full_spec has no " << change.from;
  text.replace(place, std::string(change.from).size(), change.to);

  const LabReading reading = read(text);
  ASSERT_EQ(reading.diagnostics.size(), 1U) << making::listing(reading);
  const Diagnostic& fault = reading.diagnostics[0];
  EXPECT_EQ(making::place_of(fault), making::place_of(text, change.at)) << making::listing(reading);
  EXPECT_THAT(fault.message, HasSubstr(change.message));
  EXPECT_THAT(fault.hint, HasSubstr(change.hint));
}

const Change changes[] = {
    // Keys.
    {"unknown_key", "title:", "titel:", "titel", "unknown key \"titel\" in the lab", "did you mean \"title\"?"},
    {"unknown_key_far", "title:", "zzz:", "zzz", "unknown key \"zzz\"", "one of: lab, title, topic"},
    {"minutes", "topic:", "minutes: 0\ntopic:", "0", "whole number from 1 to 6000, not 0", ""},
    {"prerequisite_no_name", "topic:", "prerequisites: [My Lab]\ntopic:", "My Lab", "no name of a lab", "a to z"},
    {"symbol_no_name", "topic:", "symbols: {allow: [\"vfs_*_x\"]}\ntopic:", "\"vfs_*_x", "is no symbol", "* behind it"},
    {"symbol_twice", "topic:", "symbols: {forbid: [kfree, kfree]}\ntopic:", "kfree]", "kfree", ""},
    {"prerequisite_twice", "topic:", "prerequisites: [one, two, one]\ntopic:", "one]", "\"one\" twice", ""},
    {"unknown_kernel_key", "max: ", "most: ", "most", "unknown key \"most\" in kernel", "min, max, config"},
    {"unknown_module_key", "sources:", "source:", "source:", "unknown key \"source\" in a module", "\"sources\""},
    {"unknown_test_key", "hint:", "hnit:", "hnit", "unknown key \"hnit\" in a test", "\"hint\""},
    {"unknown_step_key", "limit: 500ms", "limits: 500ms", "limits", "unknown key \"limits\" in this unload step",
     "\"limit\""},
    {"unknown_expect_key", "{errno: EBUSY}", "{error: EBUSY}", "error", "unknown key \"error\" in expect",
     "one of: errno"},
    {"unknown_text_key", "{lacks: usage}", "{lack: usage}", "lack: usage", "unknown key \"lack\" in stderr",
     "\"lacks\""},
    {"unknown_dmesg_key", "level: warning", "levle: warning", "levle", "unknown key \"levle\" in dmesg", "\"level\""},
    {"duplicate_key", "flavour: debug", "title: debug", "title: debug", "the key \"title\" is here a second time",
     "line 2"},
    {"duplicate_nested_key", "list: [", "freq: [", "freq: [", "the key \"freq\" is here a second time", "line 19"},
    {"misplaced_check", "        expect: 007", "        contains: x", "contains: x",
     "unknown key \"contains\" in this read step", "it belongs under \"expect:\""},
    {"no_lab", "lab: full-lab\n", "", "title", "a lab needs \"lab\"", "lab: hello-lkm"},
    {"no_test_name", "name: talks\n    ", "", "steps:\n      - load: second", "a test needs \"name\"", "- name"},
    {"no_module_name", "- name: second_mod\n", "- cflags: [-g]\n", "cflags: [-g]", "a module needs \"name\"", "name"},
    {"no_steps",
     "    steps:\n      - load: first-mod\n        params: {freq: 007, label: two words, list: [10, 20]}\n"
     "      - dmesg: first is here\n      - load: second_mod\n        expect: {errno: EBUSY}\n"
     "      - unload: first-mod\n        continue: true\n        limit: 500ms\n",
     "", "name: loads", "a test needs \"steps\"", "steps:"},

    // The lab.
    {"lab_name", "full-lab", "Full_Lab", "Full_Lab", "\"Full_Lab\" is no name of a lab", "a to z"},
    {"lab_null", "lab: full-lab", "lab:", "lab:", "\"lab\" must be text, not nothing", ""},
    {"lab_list", "full-lab", "[full-lab]", "[full-lab]", "\"lab\" must be text, not a list", ""},
    {"lab_empty", "full-lab", "\"\"", "\"\"", "\"lab\" is empty", ""},
    {"title_lines", "\"Everything: all keys\"", "\"a\\nb\"", "\"a\\nb", "\"title\" must be one line", ""},
    {"flavour", "flavour: debug", "flavour: debgu", "debgu", "unknown flavour \"debgu\"", "\"debug\""},
    {"cpus_zero", "cpus: 2", "cpus: 0", "0", "\"cpus\" must be a whole number from 1 to 8, not 0", ""},
    {"cpus_many", "cpus: 2", "cpus: 9", "9", "from 1 to 8, not 9", ""},
    {"cpus_word", "cpus: 2", "cpus: two", "two", "not two", ""},
    {"cpus_quoted", "cpus: 2", "cpus: \"2\"", "\"2\"", "not \"2\"", "without quotes"},
    {"cpus_zeros", "cpus: 2", "cpus: 02", "02", "not 02", "leading zeros"},
    {"cpus_map", "cpus: 2", "cpus: {low: 2}", "{low", "\"cpus\" must be a whole number from 1 to 8, not a map", ""},
    {"cpus_empty", "cpus: 2", "cpus: []", "[]", "\"cpus\" is an empty list", ""},
    {"cpus_item", "cpus: 2", "cpus: [1, 16]", "16", "from 1 to 8, not 16", ""},
    {"cpus_twice", "cpus: 2", "cpus: [2, 4, 2]", "2]", "2 is in \"cpus\" twice", ""},
    {"flavour_item", "flavour: debug", "flavour: [release, debgu]", "debgu", "unknown flavour \"debgu\"", "\"debug\""},
    {"flavour_twice", "flavour: debug", "flavour: [debug, debug]", "debug]", "debug is in \"flavour\" twice", ""},
    {"flavour_empty", "flavour: debug", "flavour: []", "[]", "\"flavour\" is an empty list", ""},
    {"flavour_map", "flavour: debug", "flavour: {debug: true}", "{debug", "\"flavour\" must be one word, not a map",
     "release, debug"},
    {"test_cpus", "points: 3", "cpus: 0", "0\n", "\"cpus\" must be a whole number from 1 to 8, not 0", ""},
    {"test_flavour", "points: 3", "flavour: fast", "fast", "unknown flavour \"fast\"", ""},
    {"memory", "512M", "512", "512", "\"memory\" must be a size", "256M"},
    {"memory_large", "512M", "5G", "5G", "from 64M to 4G", ""},

    // The kernel.
    {"kernel_map", "kernel: {min: \"5.4\", max: \"6.1\", config: [MODULE_UNLOAD, PROC_FS]}", "kernel: 5.4", "5.4",
     "kernel must be a map, not 5.4", "min, max, config"},
    {"kernel_empty", "{min: \"5.4\", max: \"6.1\", config: [MODULE_UNLOAD, PROC_FS]}", "{}", "{}",
     "kernel is an empty map", "min"},
    {"version", "\"5.4\"", "v5.4", "v5.4", "\"min\" must be a kernel version, not v5.4", "5.4.302"},
    {"version_parts", "\"5.4\"", "5.4.1.2", "5.4.1.2", "\"min\" must be a kernel version", ""},
    {"version_order", "max: \"6.1\"", "max: \"5.3.99\"", "\"5.3.99\"", "\"max\" 5.3.99 is older than \"min\" 5.4", ""},
    {"config_prefix", "MODULE_UNLOAD", "CONFIG_MODULES", "CONFIG_M", "is no kernel option",
     "without CONFIG_: \"MODULES\""},
    {"config_value", "MODULE_UNLOAD", "MODULES=y", "MODULES=y", "is no kernel option", "as in VETH, which is set to y"},
    {"config_module", "MODULE_UNLOAD", "VETH=m", "VETH=m", "is no kernel option", "NAME=18"},
    {"config_two_values", "MODULE_UNLOAD, PROC_FS", "HZ=100, HZ=250", "HZ=250]", "\"HZ=250\" contradicts \"HZ=100\"",
     ""},
    {"device_unknown", "memory: 512M", "devices: [gpoi, edu]", "gpoi", "there is no device \"gpoi\"",
     "did you mean \"gpio\"?"},
    {"device_far", "memory: 512M", "devices: [floppy]", "floppy", "there is no device \"floppy\"",
     "one of: edu, gpio, usb"},
    {"device_twice", "memory: 512M", "devices: [edu, edu]", "edu]", "\"edu\" is in \"devices\" twice", ""},
    {"device_text", "memory: 512M", "devices: edu", "edu", "\"devices\" must be a list, not edu", "[edu]"},
    {"disk_large", "memory: 512M", "disk: 2G", "2G", "\"disk\" must be from 1M to 1G", ""},
    {"disk_none", "memory: 512M", "disk: 0M", "0M", "\"disk\" must be from 1M to 1G", ""},
    {"disk_unit", "memory: 512M", "disk: 16", "16", "\"disk\" must be a size, not 16", "as in 256M"},
    {"config_twice", "MODULE_UNLOAD", "PROC_FS", "PROC_FS]", "\"PROC_FS\" is in \"config\" twice", ""},
    {"config_text", "[MODULE_UNLOAD, PROC_FS]", "PROC_FS", "PROC_FS", "\"config\" must be a list, not PROC_FS",
     "[PROC_FS]"},

    // Leftovers.
    {"leftovers_scalar", "memory: 512M", "leftovers: none", "none", "leftovers must be a map, not none", "allow"},
    {"leftovers_flavour", "memory: 512M", "leftovers: {flavour: fast}", "fast", "unknown flavour \"fast\"", ""},
    {"leftovers_kmemleak", "memory: 512M", "leftovers: {kmemleak: often}", "often", "\"kmemleak\"", ""},
    {"leftovers_kmemleak_release", "memory: 512M", "leftovers: {flavour: release, kmemleak: true}", "true",
     "kmemleak finds nothing where \"flavour\" is not debug", "[release, debug]"},
    {"leftovers_map", "memory: 512M", "leftovers: {allow: {slab: x, reason: y}}", "{slab", "\"allow\" must be a list",
     ""},
    {"leftover_kind", "memory: 512M", "leftovers: {allow: [{slob: x, reason: y}]}", "slob",
     "unknown key \"slob\" in an allowed leftover", "did you mean \"slab\"?"},
    {"leftover_reason", "memory: 512M", "leftovers: {allow: [{slab: x}]}", "{slab", "needs \"reason\"", ""},
    {"leftover_no_reason", "memory: 512M", "leftovers: {allow: [{slab: x, reason: \"\"}]}", "\"\"}]", "is empty",
     "why"},
    {"leftover_nothing", "memory: 512M", "leftovers: {allow: [{reason: y}]}", "{reason", "this allows nothing",
     "proc: /proc/NAME"},
    {"leftover_names", "memory: 512M", "leftovers: {allow: [{slab: [], reason: y}]}", "[], reason",
     "\"slab\" is an empty list", ""},
    {"leftover_path", "memory: 512M", "leftovers: {allow: [{proc: counter, reason: y}]}", "counter",
     "\"counter\" is no path of \"proc\"", "\"/proc/NAME\""},
    {"leftover_of_a_test", "points: 3", "leftovers: {allow: [{class: /dev/x, reason: y}]}", "/dev/x",
     "\"/dev/x\" is no path of \"class\"", "/sys/class/"},

    // Modules.
    {"module_name", "name: second_mod", "name: second.mod", "second.mod", "is no name of a module", "at most 55"},
    {"module_twice", "name: second_mod", "name: second_mod\n  - name: second-mod", "second-mod",
     "a second module \"second-mod\"", "line 12"},
    {"source_absolute", "first.c", "/first.c", "/first.c", "outside the module's folder", ""},
    {"source_climbs", "sub/helper.c", "sub/../../x.c", "sub/../", "outside the module's folder", ""},
    {"source_kind", "first.c", "first.o", "first.o", "is no source file", ".c or .h"},
    {"source_makefile", "first.c", "$(x).c", "$(x).c", "is no source file", ""},
    {"source_headers", "[first.c, sub/helper.c, first.h]", "[first.h]", "[first.h]", "has no .c file", ""},
    {"source_empty", "[first.c, sub/helper.c, first.h]", "[]", "[]", "\"sources\" is an empty list", ""},
    {"flag", "-Wall", "Wall", "Wall", "\"Wall\" is no compiler flag", ""},
    {"flag_shell", "-Wall", "-D$(id)", "-D$(id)", "is no compiler flag", ""},
    {"flag_blank", "-Wall", "\"-D A\"", "\"-D A\"", "is no compiler flag", "one flag an item"},

    // Tests.
    {"test_twice", "name: talks", "name: loads and unloads", "loads and unloads\n    steps", "a second test",
     "line 14"},
    {"points", "points: 3", "points: -3", "-3", "\"points\" must be a whole number", ""},
    {"points_large", "points: 3", "points: 99999999999999999999", "9999", "\"points\" must be a whole number", ""},
    {"hint_null", "hint: Return 0.", "hint: ~", "~", "\"hint\" must be text, not nothing", ""},
    {"hint_word_null", "hint: Return 0.", "hint: null", "hint: null", "\"hint\" must be text", "the word null"},

    // Steps.
    {"step_unknown", "- unload: first-mod", "- unlaod: first-mod", "unlaod", "unknown step \"unlaod\"", "\"unload\""},
    {"step_nothing", "- load: second_mod\n        expect: {errno: EBUSY}", "- expect: {errno: EBUSY}",
     "expect: {errno: EBUSY}", "this step does nothing", "load, unload, read"},
    {"step_two", "        continue: true", "        read: /x", "read: /x", "this one does \"unload\" already",
     "\"- read:\""},
    {"step_text", "- dmesg: first is here", "- sleep", "sleep", "a step must be a map, not sleep", ""},
    {"step_null", "dmesg: first is here", "", "- load: first-mod", "a step must be a map, not nothing", ""},
    {"continue_word", "continue: true", "continue: yes", "yes", "\"continue\" must be true or false, not yes", ""},
    {"limit_unit", "limit: 500ms", "limit: 500", "500", "\"limit\" must be a duration, not 500", "500ms"},
    {"limit_long", "limit: 2min", "limit: 20min", "20min", "from 1ms to 10min", ""},
    {"expect_null", "expect: {errno: EBUSY}", "expect:", "expect:\n", "expect must be a map, not nothing", "errno"},
    {"expect_text", "expect: {errno: EBUSY}", "expect: EBUSY", "EBUSY", "expect must be a map, not EBUSY", "errno"},

    // Load and unload.
    {"load_unknown", "load: first-mod", "load: frist-mod", "frist-mod", "unknown module \"frist-mod\"",
     "\"first-mod\""},
    {"load_other_name", "load: first-mod", "load: first_mod", "first_mod", "unknown module \"first_mod\"",
     "\"first-mod\""},
    {"params_list", "{freq: 007, label: two words, list: [10, 20]}", "[freq]", "[freq]", "\"params\" must be a map",
     "{freq: 9}"},
    {"param_name", "freq: 007", "\"fr eq\": 007", "\"fr eq\"", "is no name of a parameter", ""},
    {"param_null", "freq: 007", "freq: ", "freq:", "\"freq\" must be text, not nothing", ""},
    {"param_map", "[10, 20]", "{a: 1}", "{a: 1}", "\"list\" must be text, not a map", ""},
    {"param_empty_list", "[10, 20]", "[]", "[]", "\"list\" is an empty list", ""},
    {"param_comma", "[10, 20]", "[\"10,20\"]", "\"10,20\"", "a comma in \"10,20\"", ""},
    {"param_quote", "two words", "'two \"words\"'", "'two", "the kernel cannot take", "double quotes"},
    {"errno", "EBUSY", "EBUSSY", "EBUSSY", "unknown errno \"EBUSSY\"", "\"EBUSY\""},
    {"errno_number", "EBUSY", "16", "16", "unknown errno \"16\"", "write EBUSY"},
    {"errno_negative", "EBUSY", "-16", "-16", "unknown errno \"-16\"", "write EBUSY"},
    {"errno_zero", "EBUSY", "0", "0}", "unknown errno \"0\"", "leave it out"},
    {"unload_first", "- load: first-mod\n        params: {freq: 007, label: two words, list: [10, 20]}\n      ", "",
     "unload: first-mod", "\"first-mod\" is not loaded at this step", "load it first"},
    {"load_twice", "- load: second_mod\n        expect: {errno: EBUSY}", "- load: first-mod",
     "load: first-mod\n      - unload", "\"first-mod\" is loaded already", "EEXIST"},

    // Read and write.
    {"path_relative", "read: /proc/value", "read: proc/value", "proc/value", "the path \"proc/value\" is not absolute",
     "guest"},
    {"path_control", "read: /proc/value", "read: \"/proc/\\0value\"", "\"/proc", "is no path", ""},
    {"errno_and_text", "{errno: ENOENT}", "{errno: ENOENT, lines: 1}", "lines: 1}\n      - write",
     "\"lines\" contradicts \"errno\"", "keep one"},
    {"empty_contains", "[alpha, beta]", "[alpha, \"\"]", "\"\"", "empty text in \"contains\"", "name what"},
    {"empty_lacks", "lacks: gamma", "lacks: \"\"", "\"\"", "empty text in \"lacks\"", ""},
    {"empty_matches", "'(?m)^al(pha|ef)'", "''", "''", "empty text in \"matches\"", ""},
    {"no_contains", "[alpha, beta]", "[]", "[]", "\"contains\" is an empty list", ""},
    {"null_contains", "[alpha, beta]", "[alpha, ~]", "~", "\"contains\" must be text, not nothing", ""},
    {"map_contains", "[alpha, beta]", "{a: b}", "{a: b}", "\"contains\" must be text or a list of texts", ""},
    {"null_equals", "equals: \"one\\ntwo\\n\", contains: two, lines: 2", "equals: null", "equals: null",
     "\"equals\" must be text, not nothing", "the word null is \"null\""},
    {"lines", "lines: 12", "lines: many", "many", "\"lines\" must be a whole number", ""},
    {"lacks_contained", "lacks: gamma", "lacks: lph", "lph, matches",
     "\"lacks\" \"lph\" contradicts \"contains\" \"alpha\"", ""},
    {"no_lines_contained", "lines: 12", "lines: 0", "0}\n      - read: /proc/exact",
     "\"lines\" 0 contradicts \"contains\"", ""},
    {"equals_contains", "contains: two", "contains: three", "three", "\"contains\" \"three\" contradicts \"equals\"",
     ""},
    {"equals_lines", "lines: 2}", "lines: 3}", "3}", "\"lines\" 3 contradicts \"equals\"", ""},
    {"no_text", "        text: \"41\\n\"\n        expect: {bytes: 3}\n", "", "/proc/value\n      - write",
     "a write step needs \"text\"", "text:"},
    {"text_null", "text: on", "text: ", "text: \n", "\"text\" must be text, not nothing", ""},
    {"bytes_many", "bytes: 3", "bytes: 4", "4}", "\"bytes\" 4 is more than the 3 of \"text\"", ""},
    {"bytes_and_errno", "bytes: 3", "bytes: 3, errno: EIO", "bytes: 3", "\"bytes\" contradicts \"errno\"", ""},

    // Regular expressions: the place within the text, and RE2's reason.
    {"regex_paren", "(pha|ef)'", "(pha|ef'", "'(?m)", "missing )", "RE2"},
    {"regex_bracket", "al(pha|ef)", "al[pha", "[pha", "missing ] at character 8 (\"[pha\")", ""},
    {"regex_repeat", "al(pha|ef)", "al**", "**", "bad repetition operator", ""},
    {"regex_lookahead", "al(pha|ef)", "(?=al)pha", "(?=", "invalid perl operator", "look-around"},
    {"regex_backreference", "al(pha|ef)", "(al)\\1", "\\1", "invalid escape sequence", "backreferences"},
    {"regex_anything", "'(?m)^al(pha|ef)'", "'.*'", "'.*'", "matches any text", ""},
    {"regex_optional", "'(?m)^al(pha|ef)'", "'(alpha)?'", "'(alpha)?'", "matches any text", ""},

    // Run.
    {"run_pipe", "grep -c", "cat /x | grep -c", "cat /x", "no shell runs this command, so '|'", "[sh, -c"},
    {"run_quote", "'/proc/table'", "'/proc/table", "grep -c", "a single quote in this command is not closed", ""},
    {"run_empty", "[sh, -c, 'kill -SEGV $$']", "\"  \"", "\"  \"", "\"run\" is an empty command", ""},
    {"run_empty_list", "[sh, -c, 'kill -SEGV $$']", "[]", "[]", "not an empty list", "run: cat"},
    {"run_no_name", "[sh, -c, 'kill -SEGV $$']", "[\"\", x]", "[\"\", x]", "the program's name is empty", ""},
    {"run_map", "[sh, -c, 'kill -SEGV $$']", "{sh: -c}", "{sh: -c}", "not a map", ""},
    {"run_nul", "[sh, -c, 'kill -SEGV $$']", "[sh, \"a\\0b\"]", "[sh, \"a", "a NUL byte in an argument", ""},
    {"exit", "exit: 1", "exit: 256", "256", "\"exit\" must be a whole number from 0 to 255", ""},
    {"exit_and_signal", "exit: 1", "exit: 1, signal: SIGKILL", "signal: SIGKILL", "\"signal\" contradicts \"exit\"",
     "keep one"},
    {"signal", "signal: SIGSEGV", "signal: SIGSGEV", "SIGSGEV", "unknown signal \"SIGSGEV\"", "\"SIGSEGV\""},
    {"signal_number", "signal: SIGSEGV", "signal: 11", "11,", "unknown signal \"11\"", "write SIGSEGV"},
    {"signal_in_short", "signal: SIGSEGV", "signal: SEGV", "SEGV,", "unknown signal \"SEGV\"", "write SIGSEGV"},
    {"signal_harmless", "signal: SIGSEGV", "signal: SIGCHLD", "SIGCHLD", "SIGCHLD does not end a program", ""},
    {"stdout_list", "stdout: bye", "stdout: [bye]", "[bye]", "stdout must be a map, not a list", "equals, contains"},

    // The kernel log.
    {"dmesg_empty", "dmesg: first is here", "dmesg: \"\"", "\"\"", "empty text in \"dmesg\"", ""},
    {"dmesg_list", "dmesg: first is here", "dmesg: [first]", "[first]", "must be text or a map, not a list", "has:"},
    {"dmesg_null", "dmesg: first is here", "dmesg:", "dmesg:", "\"dmesg\" must be text or a map, not nothing", "has"},
    {"dmesg_nothing", "has: [here, there], lacks: gone, level", "level", "{level: warning", "has nothing to look for",
     "sequence"},
    {"dmesg_level", "level: warning", "level: warn1ng", "warn1ng", "unknown level \"warn1ng\"", "\"warning\""},
    {"dmesg_level_null", "level: warning", "level: ~", "~", "\"level\" must be one word", "emerg"},
    {"dmesg_since", "since: step", "since: stpe", "stpe", "unknown since \"stpe\"", "\"step\""},
    {"dmesg_since_first", "- load: second_mod\n      - dmesg: {has", "- dmesg: {has", "dmesg: {has",
     "\"since: step\" without a step before it", ""},
    {"dmesg_lacks_has", "lacks: gone", "lacks: her", "her, level", "\"lacks\" \"her\" contradicts \"has\" \"here\"",
     ""},
    {"dmesg_newline", "dmesg: first is here", "dmesg: |\n          first", "|\n", "ends in a newline", "|-"},
    {"sequence_one", "[begin, end]", "[begin]", "[begin]", "a sequence of one text has no order", "use has"},
    {"sequence_text", "[begin, end]", "begin", "begin", "\"sequence\" must be a list, not begin", "[begin]"},
    {"count_text", "{text: tick, times: 3}", "{times: 3}", "{times: 3}", "\"count\" needs \"text\"", "tick"},
    {"count_times", "{text: tick, times: 3}", "{text: tick}", "{text: tick}", "\"count\" needs \"times\"", ""},
    {"count_empty", "text: tick", "text: \"\"", "\"\"", "empty text in \"text\"", ""},
    {"count_negative", "times: 3", "times: -1", "-1}", "\"times\" must be a whole number", ""},
    {"within_nothing", "has: [here, there], lacks: gone, level", "lacks: gone, within: 1s, level", "1s, level",
     "\"within\" has nothing to wait for", ""},
    {"within_limit", "          within: 2s", "          within: 2s\n        limit: 1s", "2s\n        limit",
     "\"within\" is longer than the step's \"limit\"", ""},

    // YAML.
    {"anchor", "debug\ncpus", "&f debug\ncpus", "&f", "an anchor", "no anchors"},
    {"tag", "cpus: 2", "cpus: !!int 2", "!!int", "the tag \"tag:yaml.org,2002:int\"", "tags"},
    {"complex_key", "topic: ", "[topic]: ", "[topic]", "a key must be a plain word", ""},
    {"tab", "  - name: second_mod", "\t- name: second_mod", "\t- name", "tab in the indentation", "blanks"},
    {"tab_after_blanks", "    points: 3", "  \tpoints: 3", "\tpoints: 3", "tab in the indentation", "blanks"},
    {"escape", "'x\\d+'", "\"x\\d+\"", "\\d+\"\n", "an escape that YAML does not know", "single quotes"},
    {"colon", "hint: Return 0.", "hint: Return: 0.", ": 0.", "\":\" cannot be here", "needs quotes"},
    {"indent", "    points: 3", "   points: 3", "points: 3", "does not continue the list above it", "same column"},
    {"at_sign", "hint: Return 0.", "hint: @x", "@x", "cannot begin with this character", "quotes"},
    {"open_quote", "bye}", "\"bye}", "\"bye}", "this quoted text has no end", "close the quotes"},
    {"open_bracket", "[10, 20]}", "[10, 20}", "}\n      - dmesg: first", "no open bracket fits this closing one", ""},
    {"open_brace", "{errno: ENOENT}", "{errno: ENOENT", ": /proc/value\n        text", "\"{\" without its \"}\"", ""},
    {"report_kind", "    points: 3", "    reports: oops-nul", "oops-nul",
     "no kernel report is of the kind \"oops-nul\"", "did you mean \"oops-null\"?"},
    {"report_of_a_list", "    points: 3", "    reports: [oops-null, kasn]", "kasn",
     "no kernel report is of the kind \"kasn\"", "\"kasan\""},
    {"report_without_kind", "    points: 3", "    reports: {in: f}", "{in: f}", "\"kind\"", "kind: oops-null"},
    {"report_key", "    points: 3", "    reports: {kind: oops-null, at: f}", "at: f", "unknown key \"at\" in a report",
     ""},
    {"report_kind_twice", "    points: 3", "    reports: {kind: [panic, panic]}", "panic]",
     "\"panic\" is in \"kind\" twice", ""},
    {"report_empty", "    points: 3", "    reports: []", "[]", "\"reports\"", ""},
    {"report_optional", "    points: 3", "    reports: {kind: panic, optional: maybe}", "maybe", "\"optional\"", ""},
    {"report_of_debug", "    points: 3", "    reports: kasan\n    flavour: [release, debug]", "[release, debug]",
     "only the debug flavour looks for what this test's \"reports\" expect", "flavour: debug"},
    {"faults_unknown", "    points: 3", "    faults: exit", "exit", "unknown faults \"exit\"", "init"},
    {"faults_of_release", "    points: 3", "    faults: init\n    flavour: release", "release",
     "only the debug flavour can have allocations fail", "flavour: debug"},
    {"faults_and_reports", "    points: 3", "    faults: init\n    reports: oops-null", "init\n    reports",
     "\"faults\" contradicts \"reports\"", "make two tests"},
    {"second_document", "  - name: talks", "---\n  - name: talks", "---", "a second document", "file of its own"},
};

INSTANTIATE_TEST_SUITE_P(all, OneFault, testing::ValuesIn(changes),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace labctl
