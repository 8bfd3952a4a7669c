#include <gtest/gtest.h>

#include "making.hpp"

namespace labctl {
namespace {

using namespace making;

const std::vector<KmsgRecord> module_log = {record("lab: loading out-of-tree module taints kernel.", 4),
                                            record("lab: hello", 6),
                                            record("lab: count 1", 6),
                                            record("lab: freq out of range", 3),
                                            record("lab: count 2", 6),
                                            record("lab: bye", 6)};

template <class Fill>
std::vector<CheckResult> dmesg(Fill fill, const std::vector<KmsgRecord>& log = module_log, bool cut = false) {
  Story story({record("boot: hello from boot")});
  story.step(LoadStep{"lab", {}, 0}, log).step(with<DmesgStep>(fill));
  story.evidence.log_cut = cut;
  return story.checks();
}

template <class Fill>
bool passes(Fill fill, const std::vector<KmsgRecord>& log = module_log, bool cut = false) {
  const auto checks = dmesg(fill, log, cut);
  // What the runner waits for must agree with what is judged, as far as it can wait for it.
  const DmesgStep step = with<DmesgStep>(fill);
  if (step.lacks.empty() && !cut) {
    EXPECT_EQ(dmesg_satisfied(step, log), all_passed(checks)) << checks[0].what;
  }
  for (const CheckResult& check : checks) {
    EXPECT_FALSE(check.what.empty());
    EXPECT_EQ(check.passed, check.seen.empty());
    EXPECT_EQ(check.passed, check.expected.empty());
  }
  return all_passed(checks);
}

TEST(DmesgCheck, Has) {
  EXPECT_TRUE(passes([](DmesgStep& d) { d.has = {"hello"}; }));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.has = {"bye", "hello", "lab: "}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.has = {"hello", "goodbye"}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.has = {"hello lab"}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.has = {"hello"}; }, {}));
}

TEST(DmesgCheck, Lacks) {
  EXPECT_TRUE(passes([](DmesgStep& d) { d.lacks = {"goodbye"}; }));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.lacks = {"x"}; }, {}));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.lacks = {"goodbye", "hello"}; }));
}

TEST(DmesgCheck, Matches) {
  EXPECT_TRUE(passes([](DmesgStep& d) { d.matches = {"^lab: count [0-9]+$"}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.matches = {"^count"}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.matches = {"("}; }));
}

TEST(DmesgCheck, Sequence) {
  EXPECT_TRUE(passes([](DmesgStep& d) { d.sequence = {"hello", "count", "bye"}; }));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.sequence = {"count", "count"}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.sequence = {"count", "count", "count"}; }));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.sequence = {"bye", "hello"}; }));
  // Each in a record of its own: not two in one.
  EXPECT_FALSE(passes([](DmesgStep& d) { d.sequence = {"hello", "lo"}; }));
  const auto failed = failure(dmesg([](DmesgStep& d) { d.sequence = {"bye", "hello"}; }));
  EXPECT_EQ(failed.expected, "a kernel log line with \"hello\" after the one with \"bye\"");
  EXPECT_EQ(failed.seen, "it only before: [    1.500000] lab: hello");
}

TEST(DmesgCheck, Count) {
  const auto count = [](std::uint64_t n) {
    return [n](DmesgStep& d) {
      d.count = n;
      d.count_text = "count";
    };
  };
  EXPECT_TRUE(passes(count(2)));
  EXPECT_FALSE(passes(count(1)));
  EXPECT_FALSE(passes(count(3)));
  EXPECT_TRUE(passes(count(0), {}));
  EXPECT_FALSE(passes(count(0)));
  EXPECT_EQ(failure(dmesg(count(1))).seen, "2 lines");
}

TEST(DmesgCheck, LevelIsExact) {
  const auto has = [](const char* text, LogLevel level) {
    return [=](DmesgStep& d) {
      d.has = {text};
      d.level = level;
    };
  };
  EXPECT_TRUE(passes(has("freq", LogLevel::err)));
  EXPECT_FALSE(passes(has("freq", LogLevel::warning)));
  EXPECT_FALSE(passes(has("freq", LogLevel::crit)));
  EXPECT_EQ(failure(dmesg(has("freq", LogLevel::info))).seen, "it at level err: [    1.500000] lab: freq out of range");
  EXPECT_TRUE(passes([](DmesgStep& d) {
    d.lacks = {"freq"};
    d.level = LogLevel::info;
  }));
}

TEST(DmesgCheck, WhatProgramsWriteDoesNotCount) {
  const std::vector<KmsgRecord> forged = {record("lab: hello", 6, 1), record("lab: other", 6)};
  EXPECT_FALSE(passes([](DmesgStep& d) { d.has = {"hello"}; }, forged));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.matches = {"hello"}; }, forged));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.sequence = {"hello", "other"}; }, forged));
  EXPECT_FALSE(passes(
      [](DmesgStep& d) {
        d.count = 1;
        d.count_text = "hello";
      },
      forged));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.lacks = {"hello"}; }, forged));
  EXPECT_EQ(failure(dmesg([](DmesgStep& d) { d.has = {"hello"}; }, forged)).seen,
            "it only from a program that wrote to /dev/kmsg: [    1.500000] lab: hello");
}

TEST(DmesgCheck, TheBootIsNotLookedAt) {
  EXPECT_FALSE(passes([](DmesgStep& d) { d.has = {"from boot"}; }));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.lacks = {"from boot"}; }));
}

// From a log that was cut, only what is there can be told.
TEST(DmesgCheck, ACutLogProvesNoAbsence) {
  const auto count = [](std::uint64_t n) {
    return [n](DmesgStep& d) {
      d.count = n;
      d.count_text = "count";
    };
  };
  EXPECT_TRUE(passes([](DmesgStep& d) { d.has = {"hello"}; }, module_log, true));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.matches = {"hello"}; }, module_log, true));
  EXPECT_TRUE(passes([](DmesgStep& d) { d.sequence = {"hello", "bye"}; }, module_log, true));
  EXPECT_FALSE(passes([](DmesgStep& d) { d.lacks = {"goodbye"}; }, module_log, true));
  EXPECT_FALSE(passes(count(2), module_log, true));
  EXPECT_FALSE(passes(count(0), {}, true));
  EXPECT_NE(failure(dmesg([](DmesgStep& d) { d.lacks = {"goodbye"}; }, module_log, true)).seen.find("cut"),
            std::string::npos);
}

TEST(DmesgCheck, MessagesAreBoundedAndPrintable) {
  std::vector<KmsgRecord> log;
  for (int i = 0; i < 10'000; ++i)
    log.push_back(record("\x1b[2J" + std::string(5'000, 'x')));
  for (const auto& check : dmesg(
           [](DmesgStep& d) {
             d.has = {"hello"};
             d.lacks = {"x"};
             d.matches = {"hello"};
           },
           log)) {
    EXPECT_FALSE(check.passed);
    EXPECT_LT(check.seen.size(), 10'000U);
    EXPECT_EQ(check.seen.find('\x1b'), std::string::npos);
  }
}

TEST(DmesgCheck, HelpsWithLetterCase) {
  EXPECT_EQ(failure(dmesg([](DmesgStep& d) { d.has = {"Hello"}; })).seen,
            "it with other upper or lower case: [    1.500000] lab: hello");
}

TEST(DmesgCheck, AnUnreadableLogFails) {
  Story story;
  story.step(with<DmesgStep>([](DmesgStep& d) { d.lacks = {"x"}; }), [](Observation& seen) { seen.error_number = 5; });
  EXPECT_FALSE(all_passed(story.checks()));
}

// load ("one"), dmesg, dmesg, unload ("two"), dmesg.
class Scope : public testing::Test {
 protected:
  Scope() {
    const DmesgStep step = with<DmesgStep>([](DmesgStep& d) { d.scope = LogScope::step; });
    const DmesgStep test = with<DmesgStep>([](DmesgStep& d) { d.scope = LogScope::test; });
    story.step(LoadStep{"lab", {}, 0}, {record("one")})
        .step(step, {record("late one")})
        .step(step)
        .step(UnloadStep{"lab", 0}, {record("two")})
        .step(step, {record("late two")})
        .step(test)
        .step(read_of("/proc/x"), {record("three")});
  }

  std::vector<std::string> texts(std::size_t index) const {
    std::vector<std::string> found;
    for (const KmsgRecord& seen : dmesg_scope(story.test, index, story.evidence))
      found.push_back(seen.text);
    return found;
  }

  Story story{{record("boot")}};
};

using Texts = std::vector<std::string>;

TEST_F(Scope, OfAStepBeginsWithTheActionBeforeIt) {
  EXPECT_EQ(texts(1), (Texts{"one", "late one"}));
  EXPECT_EQ(texts(2), (Texts{"one", "late one"}));
  EXPECT_EQ(texts(4), (Texts{"two", "late two"}));
}

TEST_F(Scope, OfTheTestEndsWithTheStepItself) {
  EXPECT_EQ(texts(5), (Texts{"one", "late one", "two", "late two"}));
}

TEST_F(Scope, OfAnotherKindOfStepIsEmpty) {
  EXPECT_TRUE(texts(0).empty());
}

TEST_F(Scope, GrowsWhileTheStepRuns) {
  story.evidence.steps.resize(4);
  EXPECT_EQ(texts(4), (Texts{"two", "late two", "three"}));
}

TEST_F(Scope, PassesOverStepsThatWereNotRun) {
  story.evidence.steps[3] = Observation{};
  EXPECT_EQ(texts(4), (Texts{"one", "late one", "two", "late two"}));
}

TEST_F(Scope, WithoutAnActionIsTheTest) {
  Story alone({record("boot")});
  alone.step(with<DmesgStep>([](DmesgStep& d) { d.scope = LogScope::step; }), {record("x")});
  const auto scope = dmesg_scope(alone.test, 0, alone.evidence);
  ASSERT_EQ(scope.size(), 1U);
  EXPECT_EQ(scope[0].text, "x");
}

TEST_F(Scope, SurvivesWrongIndexes) {
  for (auto& seen : story.evidence.steps) {
    seen.log_begin = 1'000'000;
    seen.log_end = 2'000'000;
  }
  story.evidence.test_begin = 500'000;
  for (std::size_t i = 0; i < story.test.steps.size(); ++i) {
    EXPECT_TRUE(texts(i).empty());
    EXPECT_FALSE(story.checks(i).empty());
  }
  EXPECT_NO_THROW(story.judge());
}

TEST(DmesgCheck, LooksAtItsScope) {
  const auto has = [](const char* text) {
    return with<DmesgStep>([text](DmesgStep& d) {
      d.has = {text};
      d.scope = LogScope::step;
    });
  };
  Story story;
  story.step(LoadStep{"lab", {}, 0}, {record("hello")}).step(UnloadStep{"lab", 0}, {record("bye")});
  EXPECT_TRUE(all_passed(Story(story).step(has("bye")).checks()));
  const auto failed = failure(Story(story).step(has("hello")).checks());
  EXPECT_EQ(failed.expected, "a kernel log line with \"hello\" since the step before");
  EXPECT_EQ(failed.seen, "it only earlier: [    1.500000] hello");
}

TEST(DmesgSatisfied, WaitsOnlyForWhatCanComeTrue) {
  EXPECT_TRUE(dmesg_satisfied(with<DmesgStep>([](DmesgStep& d) { d.lacks = {"x"}; }), {}));
  EXPECT_FALSE(dmesg_satisfied(with<DmesgStep>([](DmesgStep& d) { d.has = {"x"}; }), {}));
}

}  // namespace
}  // namespace labctl
