// What a valid spec means: every key, in the model.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "making.hpp"
#include "manual.hpp"

namespace labctl {
namespace {

using namespace std::chrono_literals;
using making::read;
using making::with_steps;

template <class T>
const T& action(const Lab& lab, std::size_t test, std::size_t step) {
  return std::get<T>(lab.tests.at(test).steps.at(step).action);
}

class FullSpec : public testing::Test {
 protected:
  void SetUp() override {
    reading_ = read(making::full_spec);
    ASSERT_EQ(making::listing(reading_), "");
    ASSERT_EQ(lab().tests.size(), 2U);
    ASSERT_EQ(lab().tests[0].steps.size(), 4U);
    ASSERT_EQ(lab().tests[1].steps.size(), 12U);
  }
  const Lab& lab() const { return reading_.lab; }

 private:
  LabReading reading_;
};

TEST_F(FullSpec, says_what_the_lab_is) {
  EXPECT_EQ(lab().id, "full-lab");
  EXPECT_EQ(lab().title, "Everything: all keys");
  EXPECT_EQ(lab().topic, "Reader / language");
  EXPECT_EQ(lab().flavours, std::vector<std::string>{"debug"});
  EXPECT_EQ(lab().cpus, std::vector<int>{2});
  EXPECT_EQ(lab().memory_mib, 512);
  EXPECT_EQ(lab().file, "lab.yaml");
  EXPECT_EQ(lab().text, making::full_spec);
}

TEST_F(FullSpec, says_what_kernel_it_needs) {
  EXPECT_EQ(lab().kernel.min_version, "5.4");
  EXPECT_EQ(lab().kernel.max_version, "6.1");
  EXPECT_EQ(lab().kernel.config, (std::vector<std::string>{"MODULE_UNLOAD", "PROC_FS"}));
}

TEST_F(FullSpec, lists_modules) {
  ASSERT_EQ(lab().modules.size(), 2U);
  EXPECT_EQ(lab().modules[0].name, "first-mod");
  EXPECT_EQ(lab().modules[0].sources, (std::vector<std::string>{"first.c", "sub/helper.c", "first.h"}));
  EXPECT_EQ(lab().modules[0].cflags, (std::vector<std::string>{"-DDEBUG=1", "-Wall"}));
  EXPECT_EQ(lab().modules[0].where.line, 9);
  EXPECT_EQ(lab().modules[1].name, "second_mod");
  EXPECT_EQ(lab().modules[1].sources, std::vector<std::string>{"second_mod.c"});
  EXPECT_TRUE(lab().modules[1].cflags.empty());
}

TEST_F(FullSpec, describes_tests) {
  EXPECT_EQ(lab().tests[0].name, "loads and unloads");
  EXPECT_EQ(lab().tests[0].points, 3);
  EXPECT_EQ(lab().tests[0].hint, "Return 0.");
  EXPECT_EQ(lab().tests[0].where.line, 14);
  EXPECT_EQ(lab().tests[0].where.column, 5);
  EXPECT_EQ(lab().tests[1].points, std::nullopt);
}

TEST_F(FullSpec, loads_with_parameters_as_written) {
  const auto& load = action<LoadStep>(lab(), 0, 0);
  EXPECT_EQ(load.module, "first-mod");
  EXPECT_EQ(load.expect_errno, 0);
  const std::vector<std::pair<std::string, std::string>> params = {
      {"freq", "007"}, {"label", "two words"}, {"list", "10,20"}};
  EXPECT_EQ(load.params, params);
  EXPECT_EQ(lab().tests[0].steps[0].where.line, 18);
  EXPECT_EQ(lab().tests[0].steps[0].where.column, 9);
  EXPECT_EQ(lab().tests[0].steps[0].where.file, "lab.yaml");
}

TEST_F(FullSpec, expects_errors_by_name) {
  EXPECT_EQ(action<LoadStep>(lab(), 0, 2).expect_errno, 16);
  EXPECT_EQ(action<ReadStep>(lab(), 1, 5).expect_errno, 2);
  EXPECT_EQ(action<WriteStep>(lab(), 1, 7).expect_errno, 5);
  EXPECT_EQ(action<UnloadStep>(lab(), 1, 9).expect_errno, 11);
}

TEST_F(FullSpec, has_what_is_common_to_steps) {
  const Step& step = lab().tests[0].steps[3];
  EXPECT_TRUE(step.continue_on_failure);
  EXPECT_EQ(step.limit, 500ms);
  EXPECT_EQ(lab().tests[1].steps[10].limit, 2min);
  EXPECT_FALSE(lab().tests[0].steps[0].continue_on_failure);
  EXPECT_EQ(lab().tests[0].steps[0].limit, std::nullopt);
}

TEST_F(FullSpec, reads_files) {
  EXPECT_EQ(action<ReadStep>(lab(), 1, 2).file, "/proc/value");
  EXPECT_EQ(action<ReadStep>(lab(), 1, 2).expect.equals, "007");
  const auto& table = action<ReadStep>(lab(), 1, 3).expect;
  EXPECT_EQ(table.contains, (std::vector<std::string>{"alpha", "beta"}));
  EXPECT_EQ(table.lacks, std::vector<std::string>{"gamma"});
  EXPECT_EQ(table.matches, std::vector<std::string>{"(?m)^al(pha|ef)"});
  EXPECT_EQ(table.lines, 12);
  EXPECT_EQ(table.equals, std::nullopt);
  EXPECT_EQ(action<ReadStep>(lab(), 1, 4).expect.equals, "one\ntwo\n");
}

TEST_F(FullSpec, writes_files) {
  const auto& write = action<WriteStep>(lab(), 1, 6);
  EXPECT_EQ(write.file, "/proc/value");
  EXPECT_EQ(write.data, "41\n");
  EXPECT_EQ(write.expect_bytes, "3");
  EXPECT_EQ(action<WriteStep>(lab(), 1, 7).data, "on");
  EXPECT_EQ(action<WriteStep>(lab(), 1, 7).expect_bytes, std::nullopt);
}

TEST_F(FullSpec, runs_programs) {
  const auto& grep = action<RunStep>(lab(), 1, 10);
  EXPECT_EQ(grep.argv, (std::vector<std::string>{"grep", "-c", "a  b", "/proc/table", "-q"}));
  EXPECT_EQ(grep.stdin_data, "yes\n");
  EXPECT_EQ(grep.expect_exit, 1);
  EXPECT_EQ(grep.expect_signal, std::nullopt);
  EXPECT_EQ(grep.expect_stdout.equals, "5");
  EXPECT_EQ(grep.expect_stderr.lacks, std::vector<std::string>{"usage"});
  const auto& kill = action<RunStep>(lab(), 1, 11);
  EXPECT_EQ(kill.argv, (std::vector<std::string>{"sh", "-c", "kill -SEGV $$"}));
  EXPECT_EQ(kill.expect_signal, 11);
  EXPECT_EQ(kill.expect_stdout.equals, "bye");
}

TEST_F(FullSpec, looks_into_the_kernel_log) {
  EXPECT_EQ(action<DmesgStep>(lab(), 0, 1).has, std::vector<std::string>{"first is here"});
  EXPECT_EQ(action<DmesgStep>(lab(), 0, 1).scope, LogScope::test);
  EXPECT_EQ(action<DmesgStep>(lab(), 0, 1).level, std::nullopt);
  const auto& some = action<DmesgStep>(lab(), 1, 1);
  EXPECT_EQ(some.has, (std::vector<std::string>{"here", "there"}));
  EXPECT_EQ(some.lacks, std::vector<std::string>{"gone"});
  EXPECT_EQ(some.level, LogLevel::warning);
  EXPECT_EQ(some.scope, LogScope::step);
  EXPECT_EQ(some.within, 0ms);
  const auto& more = action<DmesgStep>(lab(), 1, 8);
  EXPECT_EQ(more.matches, std::vector<std::string>{"x\\d+"});
  EXPECT_EQ(more.sequence, (std::vector<std::string>{"begin", "end"}));
  EXPECT_EQ(more.count, 3U);
  EXPECT_EQ(more.count_text, "tick");
  EXPECT_EQ(more.within, 2s);
}

TEST(Defaults, of_a_small_spec) {
  const auto reading = read(with_steps("  - load: mod"));
  ASSERT_EQ(making::listing(reading), "");
  EXPECT_EQ(reading.lab.title, "small");
  EXPECT_EQ(reading.lab.topic, "");
  EXPECT_TRUE(reading.lab.flavours.empty());
  EXPECT_EQ(reading.lab.cpus, std::vector<int>{1});
  EXPECT_EQ(reading.lab.memory_mib, 0);
  EXPECT_TRUE(reading.lab.kernel.min_version.empty());
}

TEST(Machines, a_test_has_the_labs_unless_it_has_its_own) {
  const auto reading = read(
      "lab: small\nflavour: [debug, release]\ncpus: [1, 4]\nmodules: [{name: mod}]\ntests:\n"
      "- name: one\n  steps: [{load: mod}]\n"
      "- name: two\n  flavour: release\n  cpus: 2\n  runs: 3\n  steps: [{load: mod}]\n"
      "- name: three\n  flavour: [release, debug]\n  steps: [{load: mod}]\n");
  ASSERT_EQ(making::listing(reading), "");
  const auto& tests = reading.lab.tests;
  using Words = std::vector<std::string>;
  using Numbers = std::vector<int>;
  EXPECT_EQ(reading.lab.flavours, (Words{"debug", "release"}));
  EXPECT_EQ(reading.lab.cpus, (Numbers{1, 4}));
  EXPECT_EQ(tests[0].flavours, reading.lab.flavours);
  EXPECT_EQ(tests[0].cpus, reading.lab.cpus);
  EXPECT_EQ(tests[1].flavours, Words{"release"});
  EXPECT_EQ(tests[1].cpus, Numbers{2});
  EXPECT_EQ(tests[1].runs, 3);
  EXPECT_EQ(tests[2].flavours, (Words{"release", "debug"}));
  EXPECT_EQ(tests[2].cpus, reading.lab.cpus);
  EXPECT_TRUE(read(with_steps("  - load: mod")).lab.tests.at(0).flavours.empty()) << "the user's choice";
}

TEST(LeftoverRules, a_test_has_the_labs_and_its_own) {
  const auto reading = read(
      "lab: small\nmodules: [{name: mod}]\n"
      "leftovers:\n  flavour: [release, debug]\n  allow: [{slab: [one, two_*], any: x, reason: why}]\ntests:\n"
      "- name: one\n  steps: [{load: mod}]\n"
      "- name: two\n  leftovers: {flavour: debug, allow: [{proc: /proc/x, reason: so}]}\n  steps: [{load: mod}]\n");
  ASSERT_EQ(making::listing(reading), "");
  const auto& tests = reading.lab.tests;
  using Words = std::vector<std::string>;
  const auto text = [](const labctl::Test& test) {
    std::string all;
    for (const auto& one : test.allowed_leftovers)
      all += one.kind + " " + one.name + " " + one.reason + "; ";
    return all;
  };
  EXPECT_EQ(tests[0].leftover_flavours, (Words{"release", "debug"}));
  EXPECT_EQ(text(tests[0]), " x why; slab one why; slab two_* why; ");
  EXPECT_EQ(tests[1].leftover_flavours, Words{"debug"});
  EXPECT_EQ(text(tests[1]), " x why; slab one why; slab two_* why; proc /proc/x so; ");
  EXPECT_EQ(read(with_steps("  - load: mod")).lab.tests.at(0).leftover_flavours, Words{"debug"});
}

TEST(LeftoverRules, a_test_looks_for_memory_where_it_or_its_lab_says_so) {
  const auto reading = read(
      "lab: small\nmodules: [{name: mod}]\nleftovers: {kmemleak: true}\ntests:\n"
      "- name: one\n  steps: [{load: mod}]\n"
      "- name: two\n  leftovers: {kmemleak: false, allow: [{kmemleak: f, reason: so}]}\n  steps: [{load: mod}]\n"
      "- name: three\n  leftovers: {flavour: [debug, release]}\n  steps: [{load: mod}]\n");
  ASSERT_EQ(making::listing(reading), "");
  EXPECT_TRUE(reading.lab.tests[0].kmemleak);
  EXPECT_FALSE(reading.lab.tests[1].kmemleak);
  EXPECT_TRUE(reading.lab.tests[2].kmemleak);
  EXPECT_FALSE(read(with_steps("  - load: mod")).lab.tests.at(0).kmemleak);
}

TEST(Values, are_taken_as_written) {
  // What a YAML parser would make 5.1, 7, true and -1000.
  const auto reading = read(
      "lab: small\nkernel: {min: 5.10}\nmodules: [{name: mod}]\ntests:\n- name: 1e3\n  steps:\n"
      "  - load: mod\n    params: {a: 007, b: yes, c: -1e3, d: 0x1F, e: '', f: 5.10}\n");
  ASSERT_EQ(making::listing(reading), "");
  EXPECT_EQ(reading.lab.kernel.min_version, "5.10");
  EXPECT_EQ(reading.lab.tests[0].name, "1e3");
  const std::vector<std::pair<std::string, std::string>> params = {{"a", "007"},  {"b", "yes"}, {"c", "-1e3"},
                                                                   {"d", "0x1F"}, {"e", ""},    {"f", "5.10"}};
  EXPECT_EQ(action<LoadStep>(reading.lab, 0, 0).params, params);
}

TEST(Values, of_every_level) {
  const char* names[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  for (int level = 0; level < 8; ++level) {
    const auto reading = read(with_steps(std::string("  - dmesg: {has: x, level: ") + names[level] + "}"));
    ASSERT_EQ(making::listing(reading), "") << names[level];
    EXPECT_EQ(action<DmesgStep>(reading.lab, 0, 0).level, static_cast<LogLevel>(level));
    EXPECT_EQ(level_name(static_cast<LogLevel>(level)), names[level]);
  }
}

TEST(Values, at_the_ends_of_their_ranges) {
  const auto limit = [](const char* text) {
    const auto reading = read(with_steps(std::string("  - load: mod\n    limit: ") + text));
    return reading.diagnostics.empty() ? reading.lab.tests[0].steps[0].limit : std::nullopt;
  };
  EXPECT_EQ(limit("1ms"), 1ms);
  EXPECT_EQ(limit("10min"), 10min);
  EXPECT_EQ(limit("600s"), 10min);
  EXPECT_EQ(limit("\"5s\""), 5s);
  for (const char* bad : {"0ms", "11min", "601s", "600001ms", "99999999999999999999s", "5", "s", "-5s", "5 s", "05s",
                          "5sec", "1.5s", "~", "[5s]"}) {
    EXPECT_EQ(limit(bad), std::nullopt) << bad;
  }
}

TEST(Values, of_memory) {
  const auto memory = [](const std::string& text) {
    const auto reading = read("memory: " + text + "\n" + with_steps("  - load: mod"));
    return reading.diagnostics.empty() ? reading.lab.memory_mib : -1;
  };
  EXPECT_EQ(memory("64M"), 64);
  EXPECT_EQ(memory("4096M"), 4096);
  EXPECT_EQ(memory("4G"), 4096);
  for (const char* bad : {"63M", "4097M", "5G", "256", "256MB", "M", "0G", "-1G", "999999999999999999G"}) {
    EXPECT_EQ(memory(bad), -1) << bad;
  }
}

TEST(Values, of_signals_and_kernel_only_errnos) {
  const auto signal = read(with_steps("  - run: x\n    expect: {signal: SIGKILL}"));
  ASSERT_EQ(making::listing(signal), "");
  EXPECT_EQ(action<RunStep>(signal.lab, 0, 0).expect_signal, 9);
  const auto error = read(with_steps("  - load: mod\n    expect: {errno: ENOTSUPP}"));
  ASSERT_EQ(making::listing(error), "");
  EXPECT_EQ(action<LoadStep>(error.lab, 0, 0).expect_errno, 524);
}

TEST(Values, of_blocks_of_text) {
  const auto reading =
      read(with_steps("  - read: /x\n    expect: |\n      a\n      \tb # no comment\n  - write: /x\n"
                      "    text: >-\n      one\n      two\n"));
  ASSERT_EQ(making::listing(reading), "");
  EXPECT_EQ(action<ReadStep>(reading.lab, 0, 0).expect.equals, "a\n\tb # no comment\n");
  EXPECT_EQ(action<WriteStep>(reading.lab, 0, 1).data, "one two");
}

TEST(Files, with_a_byte_order_mark_and_dos_newlines) {
  std::string text = with_steps("  - load: mod");
  for (std::size_t i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 2))
    text.insert(i, "\r");
  const auto reading = read("\xEF\xBB\xBF" + text);
  ASSERT_EQ(making::listing(reading), "");
  EXPECT_EQ(reading.lab.id, "small");
  EXPECT_EQ(reading.lab.modules[0].name, "mod");
}

TEST(Files, begin_and_end_with_document_markers) {
  EXPECT_EQ(making::listing(read("# why\n---\n" + with_steps("  - load: mod") + "...\n")), "");
}

// The folder's name is the lab's.
TEST(Files, agree_with_their_folder) {
  const std::string text = with_steps("  - load: mod");
  EXPECT_TRUE(parse_lab("/labs/small/lab.yaml", text).diagnostics.empty());
  EXPECT_TRUE(parse_lab("./lab.yaml", text).diagnostics.empty());
  const auto reading = parse_lab("/labs/other/lab.yaml", text);
  ASSERT_EQ(reading.diagnostics.size(), 1U);
  EXPECT_EQ(reading.diagnostics[0].message, "the lab is \"small\", its folder is \"other\"");
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Labs, of_this_repository_are_valid) {
  int labs = 0;
  for (const auto& folder : std::filesystem::directory_iterator(std::filesystem::path(LABCTL_SOURCE) / "labs")) {
    const auto file = folder.path() / "lab.yaml";
    if (!std::filesystem::exists(file)) continue;
    ++labs;
    EXPECT_EQ(making::listing(parse_lab(file, content(file))), "") << file;
  }
  EXPECT_GT(labs, 0);
}

// An end-to-end test runs them, too.
TEST(Manual, has_only_examples_that_are_valid) {
  const auto examples = manual::examples();
  for (const auto& example : examples)
    EXPECT_EQ(making::listing(read(example.spec)), "") << "docs/lab-language.md:" << example.line << "\n"
                                                       << example.spec;
  EXPECT_GT(examples.size(), 25U);
}

TEST(Reports, are_kinds_maps_or_lists) {
  const auto test_with = [](const std::string& keys) {
    const auto reading = read("lab: small\nmodules: [{name: mod}]\ntests:\n- name: one\n" + keys +
                              "  steps: [{load: mod, ends: killed}]\n");
    EXPECT_EQ(making::listing(reading), "");
    return reading.lab.tests.at(0);
  };
  const labctl::Test one = test_with("  reports: oops-null\n");
  ASSERT_EQ(one.reports.size(), 1U);
  EXPECT_EQ(one.reports[0].kinds, std::vector<std::string>{"oops-null"});
  EXPECT_EQ(one.steps[0].ends, StepEnd::killed);
  EXPECT_TRUE(one.flavours.empty());
  const labctl::Test many = test_with(
      "  reports:\n  - {kind: [kasan, bug], in: f, line: \"x = 1\", optional: true}\n  - kasan-double-free\n");
  ASSERT_EQ(many.reports.size(), 2U);
  EXPECT_EQ(many.reports[0].kinds, (std::vector<std::string>{"kasan", "bug"}));
  EXPECT_EQ(many.reports[0].in, "f");
  EXPECT_EQ(many.reports[0].line, "x = 1");
  EXPECT_TRUE(many.reports[0].optional);
  EXPECT_FALSE(many.reports[1].optional);
  EXPECT_EQ(many.reports[1].where.line, 7);
  EXPECT_EQ(many.flavours, std::vector<std::string>{"debug"}) << "what only a debug kernel reports";
}

std::string with_faults(const std::string& steps) {
  return "lab: small\nmodules: [{name: mod}]\ntests:\n- name: one\n  faults: init\n  steps:\n" + steps + "\n";
}

TEST(Language, a_test_with_faults_is_done_in_debug) {
  const auto reading = read(with_faults("  - load: mod"));
  ASSERT_EQ(making::listing(reading), "");
  const labctl::Test& one = reading.lab.tests[0];
  EXPECT_TRUE(one.init_faults);
  EXPECT_EQ(one.flavours, std::vector<std::string>{"debug"});
  EXPECT_FALSE(read(with_steps("  - load: mod")).lab.tests[0].init_faults);
}

TEST(Language, faults_need_a_load_that_may_end_the_test) {
  const auto faults_of = [](const std::string& steps) { return making::listing(read(with_faults(steps))); };
  EXPECT_EQ(faults_of("  - run: x\n    background: y\n  - wait: y\n  - load: mod"), "");
  for (const char* none : {"  - run: x", "  - load: mod\n    expect: {errno: EINVAL}"})
    EXPECT_THAT(faults_of(none), testing::StartsWith("5:11: no step loads a module")) << none;
  EXPECT_THAT(faults_of("  - load: mod\n    ends: killed"),
              testing::StartsWith("7:5: \"ends\" contradicts the test's \"faults\""));
  EXPECT_THAT(faults_of("  - run: x\n    background: y\n  - load: mod\n  - wait: y"),
              testing::StartsWith("9:5: \"y\" is under way in the background while \"mod\" is loaded"));
}

}  // namespace
}  // namespace labctl
