#include "check/leftovers.hpp"

#include <gmock/gmock.h>

#include "making.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A kernel as 6.1 shows it, as far as it matters here.
const Survey quiet = {
    {{"/proc/modules", ""},
     {"/proc/devices", "Character devices:\n  1 mem\n  4 /dev/vc/0\n\nBlock devices:\n259 blkext\n"},
     {"/proc/vmallocinfo",
      "0x00000000b10e61e5-0x00000000eb6ad623    8192 __devm_ioremap+0x53/0x9e phys=0x00000000feb00000 ioremap\n"
      "0x0000000092860c4b-0x000000007c33d6b6   16384 n_tty_open+0x13/0x8c pages=3 vmalloc\n"
      "0x00000000fcfdbe92-0x00000000203df8d0 2097152 unpurged vm_area\n"},
     {"/proc/2/stat", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 10 0 0 20 0 1 0 4 0 0"},
     {"/proc/9/stat", "9 (kworker/0:1) S 2 0 0 0 -1 69238880 0 0 0 0 0 10 0 0 20 0 1 0 4 0 0"},
     {"/proc/irq/4", "ttyS0\n"},
     {"/proc", "1\n2\n9\nself\nmodules\ndriver\n"},
     {"/proc/driver", "rtc\n"},
     {"/proc/self/net", "tcp\nudp\n"},
     {"/sys", "kernel\nclass\n"},
     {"/sys/bus", "platform\n"},
     {"/sys/bus/platform/devices", "serial8250\n"},
     {"/sys/bus/platform/drivers", "serial8250\n"},
     {"/sys/class", "mem\nmisc\n"},
     {"/sys/class/mem", "null\n"},
     {"/sys/kernel", "debug\nslab\n"},
     {"/sys/kernel/debug", "kmemleak\n"},
     {"/sys/kernel/slab", ":0000064\nkmalloc-64\n"}}};

// `quiet` with more lines in one of its sources, or with one more source.
Survey with(const std::string& path, const std::string& more, Survey survey = quiet) {
  for (auto& [source, text] : survey.sources) {
    if (source != path) continue;
    text += more;
    return survey;
  }
  survey.sources.emplace_back(path, more);
  return survey;
}

std::vector<Leftover> left(const Survey& after, const std::vector<AllowedLeftover>& allowed = {}) {
  return find_leftovers(quiet, after, allowed);
}

TEST(Leftovers, AreNoneWhereNothingChanged) {
  EXPECT_THAT(left(quiet), IsEmpty());
}

TEST(Leftovers, AreNamedByKind) {
  struct Case {
    std::string path, more;
    Leftover expected;
  };
  const Case cases[] = {
      {"/proc", "counter\n", {"proc", "/proc/counter", ""}},
      {"/proc/driver", "counter\n", {"proc", "/proc/driver/counter", ""}},
      {"/proc/self/net", "counter\n", {"proc", "/proc/net/counter", ""}},
      {"/sys", "counter\n", {"sysfs", "/sys/counter", ""}},
      {"/sys/kernel", "counter\n", {"sysfs", "/sys/kernel/counter", ""}},
      {"/sys/kernel/debug", "counter\n", {"debugfs", "/sys/kernel/debug/counter", ""}},
      {"/sys/kernel/slab", "counter\n", {"slab", "counter", ""}},
      {"/sys/class", "counter\n", {"class", "/sys/class/counter", ""}},
      {"/sys/class/misc", "counter\n", {"device", "/sys/class/misc/counter", ""}},
      {"/sys/devices", "counter\n", {"device", "/sys/devices/counter", ""}},
      {"/sys/bus", "counter\n", {"bus", "/sys/bus/counter", ""}},
      {"/sys/bus/platform/devices", "counter.0\n", {"device", "/sys/bus/platform/devices/counter.0", ""}},
      {"/sys/bus/platform/drivers", "counter\n", {"driver", "/sys/bus/platform/drivers/counter", ""}},
      {"/proc/devices", "250 a counter\n", {"major", "a counter", "250 of block devices"}},
      {"/proc/irq/4", "counter\n", {"irq", "counter", "IRQ 4"}},
      {"/proc/99/stat",
       "99 (count (er)) S 2 0 0 0 -1 2129984 0 0 0 0 0 10 0 0 20",
       {"kthread", "count (er)", "process 99"}},
      {"/proc/vmallocinfo",
       "0x0000000043dd5785-0x00000000f3a19ee3   16384 0xffffffffc0002345 pages=3 vmalloc\n",
       {"vmalloc", "vmalloc", "12288 bytes"}},
      {"/proc/vmallocinfo",
       "0x0000000043dd5785-0x00000000f3a19ee3    8192 0xffffffffc0002345 phys=0x00000000feb00000 ioremap\n",
       {"vmalloc", "ioremap", "4096 bytes"}},
      // 5.4
      {"/proc/vmallocinfo",
       "0x0000000043dd5785-0x00000000f3a19ee3   16384 vmalloc+0x16/0x18 pages=3 vmalloc\n",
       {"vmalloc", "vmalloc", "12288 bytes"}},
  };
  for (const Case& one : cases)
    EXPECT_THAT(left(with(one.path, one.more)), ElementsAre(one.expected)) << one.path << "\n" << one.more;
}

TEST(Leftovers, AreNotWhatComesAndGoesByItself) {
  for (const auto& [path, more] : std::vector<std::pair<std::string, std::string>>{
           {"/proc", "99\n"},
           {"/proc/99/stat", "99 (kworker/u4:3) I 2 0 0 0 -1 69238880 0 0 0 0 0 10 0 0 20"},
           {"/proc/99/stat", "99 (sh) S 1 0 0 0 -1 4194560 0 0 0 0 0 10 0 0 20"},
           {"/proc/99/stat", "99 (irq/5-counter) S 2 0 0 0 -1 2129984 0 0 0 0 0 10 0 0 20"},
           {"/proc/99/stat", "99 (cut"},
           {"/sys/kernel/slab", ":0000200\n"},
           {"/proc/vmallocinfo", "0x0-0x1   16384 copy_process+0x13/0x8c pages=3 vmalloc\n"},
           {"/proc/vmallocinfo", "0x0-0x1   16384 unpurged vm_area\n"},
           {"/proc/vmallocinfo", "cut\n"}})
    EXPECT_THAT(left(with(path, more)), IsEmpty()) << path << "\n" << more;
}

TEST(Leftovers, AreNotWhatTheModulesTookAway) {
  EXPECT_THAT(find_leftovers(with("/proc", "counter\n"), quiet, {}), IsEmpty());
}

TEST(Leftovers, AreCountedWhereNamesAreEqual) {
  const std::string thread = " (counter) S 2 0 0 0 -1 2129984 0 0 0 0 0 10 0 0 20";
  const Survey one = with("/proc/98/stat", "98" + thread);
  EXPECT_THAT(find_leftovers(one, with("/proc/99/stat", "99" + thread), {}), IsEmpty());
  EXPECT_THAT(find_leftovers(one, with("/proc/99/stat", "99" + thread, one), {}),
              ElementsAre(Leftover{"kthread", "counter", "process 99"}));
}

TEST(Leftovers, ComeInTheOrderOfKindsAndNames) {
  const Survey after = with("/sys/kernel/slab", "b\n", with("/proc", "z\na\n"));
  EXPECT_THAT(left(after),
              ElementsAre(Leftover{"proc", "/proc/a", ""}, Leftover{"proc", "/proc/z", ""}, Leftover{"slab", "b", ""}));
}

TEST(Leftovers, MayBeAllowed) {
  const Survey after = with("/proc", "counter\n");
  EXPECT_THAT(left(after, {{"proc", "/proc/counter", "why"}}), IsEmpty());
  EXPECT_THAT(left(after, {{"proc", "/proc/*", "why"}}), IsEmpty());
  EXPECT_THAT(left(after, {{"proc", "*count*", "why"}}), IsEmpty());
  EXPECT_THAT(left(after, {{"", "*", "why"}}), IsEmpty());
  for (const AllowedLeftover& other : std::vector<AllowedLeftover>{
           {"proc", "/proc/count", "why"}, {"proc", "/proc/*s", "why"}, {"proc", "", "why"}, {"slab", "*", "why"}})
    EXPECT_EQ(left(after, {other}).size(), 1U) << other.kind << " " << other.name;
}

TEST(Leftovers, AreSoughtOnlyWhereNoModuleIsLoaded) {
  EXPECT_FALSE(has_modules(quiet));
  EXPECT_TRUE(has_modules(with("/proc/modules", "counter 16384 0 - Live 0xffffffffc0000000 (O)\n")));
}

TEST(Leftovers, FailTheStepThatUnloadedTheLastModule) {
  making::Story story;
  story.step(LoadStep{"counter", {}, 0}).step(UnloadStep{"counter", 0}).step(SleepStep{});
  story.evidence.surveys = Surveys{quiet, with("/sys/kernel/slab", "b\n", with("/proc", "counter\n"))};
  const TestResult result = judge_test(story.test, story.evidence, {});
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_EQ(result.steps[1].status, StepStatus::failed);
  EXPECT_EQ(result.leftovers.size(), 2U);
  EXPECT_EQ(result.message,
            "step 2, unload counter: expected nothing left behind, saw 2 things left behind, such as /proc/counter");
  EXPECT_THAT(result.steps[1].checks.back().seen, HasSubstr("remove_proc_entry()"));
  EXPECT_THAT(result.steps[1].checks.back().seen,
              HasSubstr("\nb: a slab cache, which is removed by kmem_cache_destroy()"));
}

TEST(Leftovers, PassATestWithoutAny) {
  making::Story story;
  story.step(LoadStep{"counter", {}, 12});
  story.evidence.steps[0].error_number = 12;
  story.evidence.surveys = Surveys{quiet, quiet};
  const TestResult result = judge_test(story.test, story.evidence, {});
  EXPECT_EQ(result.status, TestStatus::passed);
  EXPECT_EQ(result.steps[0].checks.size(), 2U);
}

// What the first survey lacks because it was cut may have been there all the same.
TEST(Leftovers, AreNotJudgedWhereTheFirstSurveyWasCut) {
  making::Story story;
  story.step(LoadStep{"counter", {}, 0}).step(UnloadStep{"counter", 0});
  story.evidence.surveys = Surveys{quiet, with("/proc", "counter\n")};
  EXPECT_EQ(judge_test(story.test, story.evidence, {}).status, TestStatus::failed) << "the control";
  story.evidence.surveys->before.cut = true;
  const TestResult result = judge_test(story.test, story.evidence, {});
  EXPECT_EQ(result.status, TestStatus::passed);
  EXPECT_THAT(result.leftovers, IsEmpty());
  EXPECT_THAT(result.note, HasSubstr("not known whether anything was left behind: before its modules"));
}

// A module that floods the kernel with files does not get away with it.
TEST(Leftovers, AreJudgedWhereTheSecondSurveyWasCut) {
  making::Story story;
  story.step(LoadStep{"counter", {}, 0}).step(UnloadStep{"counter", 0});
  story.evidence.surveys = Surveys{quiet, quiet};
  EXPECT_EQ(judge_test(story.test, story.evidence, {}).status, TestStatus::passed) << "the control";
  story.evidence.surveys->after.cut = true;
  const TestResult hidden = judge_test(story.test, story.evidence, {});
  EXPECT_EQ(hidden.status, TestStatus::failed);
  EXPECT_THAT(hidden.message, HasSubstr("more files in /proc and /sys than labctl looks at"));
  story.evidence.surveys->after = with("/proc", "counter\n");
  story.evidence.surveys->after.cut = true;
  EXPECT_THAT(judge_test(story.test, story.evidence, {}).leftovers, SizeIs(1));
}

LeakedObject object_of(const std::string& function, const std::string& line, std::uint64_t bytes) {
  StackFrame frame{function, 1, 2, "counter", false, false};
  if (!line.empty()) frame.source = {{function, "/home/student/counter.c", 31, line}};
  return {
      bytes, {}, {{"kmalloc_trace", 1, 2, "", false, false}, frame, {"counter_init", 1, 2, "counter", false, false}}};
}

TEST(Leaks, AreNamedByTheFunctionThatAllocated) {
  const LeakedObject log = object_of("keep_log", "\tlog = kmalloc(100, GFP_KERNEL);", 100);
  EXPECT_THAT(leaks_as_leftovers({log}, {}),
              ElementsAre(Leftover{"kmemleak", "keep_log",
                                   "100 bytes, allocated at counter.c:31 \"log = kmalloc(100, GFP_KERNEL);\""}));
  EXPECT_THAT(leaks_as_leftovers({object_of("keep_log", "", 8)}, {}),
              ElementsAre(Leftover{"kmemleak", "keep_log", "8 bytes"}));
  EXPECT_THAT(leaks_as_leftovers({LeakedObject{8, {}, {}}}, {}),
              ElementsAre(Leftover{"kmemleak", "an unknown function", "8 bytes"}));
}

TEST(Leaks, OfOneLineAndSizeAreOne) {
  const LeakedObject one = object_of("f", "", 8), other = object_of("f", "", 16);
  EXPECT_THAT(leaks_as_leftovers({one, other, one, one}, {}),
              ElementsAre(Leftover{"kmemleak", "f", "3 times 8 bytes"}, Leftover{"kmemleak", "f", "16 bytes"}));
}

TEST(Leaks, MayBeAllowed) {
  const LeakedObject one = object_of("keep_log", "", 8);
  EXPECT_THAT(leaks_as_leftovers({one}, {{"kmemleak", "keep_*", "why"}}), IsEmpty());
  EXPECT_EQ(leaks_as_leftovers({one}, {{"kmemleak", "other", "why"}, {"slab", "*", "why"}}).size(), 1U);
}

TEST(Leaks, FailTheStepThatUnloadedTheLastModule) {
  making::Story story;
  story.step(LoadStep{"counter", {}, 0}).step(UnloadStep{"counter", 0});
  story.evidence.surveys = Surveys{quiet, quiet};
  EXPECT_EQ(judge_test(story.test, story.evidence, {}).status, TestStatus::passed) << "the control";
  story.evidence.leaks = {object_of("keep_log", "", 8)};
  story.evidence.surveys->after.cut = true;
  const TestResult result = judge_test(story.test, story.evidence, {});
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_EQ(result.steps[1].status, StepStatus::failed);
  EXPECT_EQ(result.message,
            "step 2, unload counter: expected nothing left behind, saw keep_log: memory that was never freed, 8 bytes, "
            "which is removed by kfree(), or what belongs to the function that gave it");
}

TEST(Leaks, ThatCouldNotBeLookedForAreANote) {
  making::Story story;
  story.step(UnloadStep{"counter", 0});
  story.evidence.surveys = Surveys{quiet, quiet};
  story.evidence.notes = {"not known whether memory was left behind: kmemleak could not look for it: busy"};
  const TestResult result = judge_test(story.test, story.evidence, {});
  EXPECT_EQ(result.status, TestStatus::passed);
  EXPECT_EQ(result.note, story.evidence.notes[0]);
}

TEST(Leftovers, DoNotHideAKernelReport) {
  making::Story story;
  story.step(UnloadStep{"counter", 0});
  story.evidence.surveys = Surveys{quiet, with("/sys/kernel/slab", "b\n")};
  KernelReport report;
  report.kind = "slab-leak";
  report.title = "Objects remaining in b";
  const TestResult result = judge_test(story.test, story.evidence, {report});
  EXPECT_EQ(result.status, TestStatus::crashed);
  EXPECT_THAT(result.message, HasSubstr("Objects remaining in b"));
  EXPECT_EQ(result.leftovers.size(), 1U);
}

TEST(Leftovers, AreCutWhereThereAreThousands) {
  std::string names;
  for (int i = 0; i < 5000; ++i)
    names += "n" + std::to_string(i) + "\n";
  const auto check = leftover_check(left(with("/proc", names)), false);
  EXPECT_FALSE(check.passed);
  EXPECT_LT(check.seen.size(), 4000U);
  EXPECT_THAT(check.seen, HasSubstr("... 4980 more"));
}

}  // namespace
}  // namespace labctl
