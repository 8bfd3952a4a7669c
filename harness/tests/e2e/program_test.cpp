// Programs that are talked to, on a terminal and over pipes; and what a test earns that does not pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* module_that_warns = R"(#include <linux/module.h>
static bool warn;
module_param(warn, bool, 0444);
static int __init small_init(void)
{
	WARN_ON(warn);
	return 0;
}
static void __exit small_exit(void)
{
}
module_init(small_init);
module_exit(small_exit);
MODULE_LICENSE("GPL");
)";

constexpr const char* lab_spec = R"(lab: talk
modules: [{name: small}]
programs:
  - name: talker
    code: |
      #include <stdio.h>
      #include <unistd.h>

      static const char *yes(int fd)
      {
              return isatty(fd) ? "yes" : "no";
      }

      int main(void)
      {
              char line[100];

              printf("terminal: %s %s %s\n", yes(0), yes(1), yes(2));
              fprintf(stderr, "to stderr\n");
              for (int turn = 0; turn < 2; turn++) {
                      printf("name? ");
                      fflush(stdout);
                      if (!fgets(line, sizeof(line), stdin))
                              return 3;
                      printf("hello %s", line);
              }
              return 0;
      }
values: {big: {letters: 100000}}
tests:
  - name: talks on a terminal
    steps:
      - run: talker
        tty: true
        stdin:
          - {after: "name? ", text: "Ada\n"}
          - {after: "name? ", pause: 20ms, text: "Bob\x7f\x7fen\n"}
        expect:
          stdout: {contains: ["terminal: yes yes yes\n", "to stderr\n", "name? Ada\nhello Ada\n"], matches: 'hello Ben\n$', lacks: "\r"}
  - name: talks over pipes
    steps:
      - run: talker
        stdin:
          - {after: "name? ", text: "Ada\n"}
          - {after: "name? ", text: "Ben\n"}
        expect: {stdout: "terminal: no no no\nname? hello Ada\nname? hello Ben", stderr: to stderr}
  - name: is interrupted by a key
    steps:
      - run: sleep 100
        tty: true
        user: 1000
        stdin: "\x03"
        limit: 5s
        expect: {signal: SIGINT}
  - name: is talked to in the background
    steps:
      - run: cat
        stdin: [{text: one}, {pause: 300ms, text: two}]
        background: cat
        expect: {stdout: onetwo}
      - run: tty
        tty: true
        expect: {stdout: {matches: '^/dev/pts/\d+\n$'}}
      - wait: cat
  - name: says other things
    steps:
      - run: talker
        tty: true
        stdin: [{after: "name? ", text: "Ada\n"}, {after: "name? ", text: "Ben\n"}]
        expect: {stdout: {contains: hello Eve}}
  - name: ends without asking
    steps:
      - run: echo done
        stdin: [{after: "age? ", text: "7\n"}]
  - name: asks for something else
    steps:
      - run: talker
        tty: true
        stdin: [{after: "age? ", text: "7\n"}]
        limit: 1s
  - name: takes no input over a pipe
    steps:
      - run: sleep 100
        stdin: [{text: "${big}"}, {text: "${big}"}]
        limit: 1s
  - name: takes no input on a terminal
    steps:
      - run: sleep 100
        tty: true
        stdin: "${big}${big}"
        limit: 1s
  - name: waits for the log
    steps:
      - dmesg: {has: what nobody says, within: 200ms}
        mark: looked
        continue: true
      - elapsed: looked
        expect: {min: 200ms}
  - name: counts from the beginning of what is marked
    steps:
      - run: sleep 0.2
        mark: slept
      - elapsed: slept
        expect: {min: 200ms}
      - run: sleep 0.2
        background: sleeper
        mark: begun
      - wait: sleeper
      - elapsed: begun
        expect: {min: 200ms}
      - run: [sh, -c, "test -e /tmp/tried || { touch /tmp/tried; sleep 0.2; false; }"]
        within: 10s
        mark: tried
      - elapsed: tried
        expect: {min: 200ms}
  - name: gives half
    steps:
      - load: small
      - run: echo one
        points: 1
        continue: true
        expect: {stdout: two}
      - run: echo two
        points: 2
        expect: {stdout: two}
  - name: ends early
    hidden: true
    steps:
      - run: "true"
        points: 1
      - run: "false"
        points: 1
      - run: "true"
        points: 1
  - name: is too slow
    steps:
      - run: "true"
        points: 2
      - run: sleep 100
        limit: 1s
        points: 1
  - name: warns
    steps:
      - run: "true"
        points: 2
      - load: small
        params: {warn: 1}
        points: 1
  - name: gives all
    steps:
      - run: "true"
        points: 2
      - run: "true"
)";

class Programs : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
    home_.put("labs/talk/modules/small/small.c", module_that_warns);
    lab_ = home_.put("labs/talk/lab.yaml", lab_spec).parent_path();
  }

  ProcessOutcome run(std::vector<std::string> more) const {
    more.insert(more.begin(), {"run", lab_, "--kernel", GetParam()});
    return home_.labctl(more);
  }

  Home home_{CacheOf::all};
  std::string lab_;
};

INSTANTIATE_TEST_SUITE_P(Kernels, Programs, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(Programs, AreTalkedToAndEarnTheirPoints) {
  const auto outcome = run({"--format", "json"});
  const json report = json::parse(outcome.standard_output, nullptr, false);
  ASSERT_FALSE(report.is_discarded()) << account_of(outcome);
  EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_error;
  const json& lab = report["labs"][0];

  struct Expected {
    const char* test;
    const char* status;
    const char* reason;  // a part of what it says
    int earned, points;  // 0 of 0: it has none
  };
  const Expected expected[] = {
      {"talks on a terminal", "passed", "", 0, 0},
      {"talks over pipes", "passed", "", 0, 0},
      {"is interrupted by a key", "passed", "", 0, 0},
      {"is talked to in the background", "passed", "", 0, 0},
      {"says other things", "failed", "hello Ada", 0, 0},
      {"ends without asking", "failed", "an end after 0 of 1 parts", 0, 0},
      {"asks for something else", "timeout", "after \"age? \"; it printed last \"name? \"", 0, 0},
      {"takes no input over a pipe", "timeout", "part 1 of its input was not taken", 0, 0},
      {"takes no input on a terminal", "timeout", "did not end within 1.00 s", 0, 0},
      {"waits for the log", "failed", "what nobody says", 0, 0},
      {"counts from the beginning of what is marked", "passed", "", 0, 0},
      {"gives half", "failed", "\"one", 2, 3},
      {"ends early", "failed", "exit status 1", 1, 3},
      {"is too slow", "timeout", "", 2, 3},
      {"warns", "crashed", "WARNING", 0, 3},
      {"gives all", "passed", "", 2, 2},
  };
  ASSERT_EQ(lab["tests"].size(), std::size(expected));
  int earned = 0, points = 0;
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const json& test = lab["tests"][i];
    SCOPED_TRACE(test.dump(2));
    EXPECT_EQ(test["name"], expected[i].test);
    EXPECT_EQ(test["status"], expected[i].status);
    EXPECT_THAT(std::string(test["message"]) + reasons_of(test), HasSubstr(expected[i].reason));
    EXPECT_EQ(test["points"], expected[i].points > 0 ? json(expected[i].points) : json(nullptr));
    EXPECT_EQ(test["earned"], expected[i].points > 0 ? json(expected[i].earned) : json(nullptr));
    earned += expected[i].earned;
    points += expected[i].points;
  }
  EXPECT_EQ(lab["tests"][9]["steps"][1]["status"], "passed") << "a mark is where its step begins to wait for the log";
  EXPECT_EQ(lab["earned"], earned);
  EXPECT_EQ(lab["points"], points);
}

TEST_P(Programs, TheTextReportTellsAPartOfThePoints) {
  const auto outcome = run({"--test", "gives half", "--test", "ends early"});
  EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_error;
  EXPECT_THAT(outcome.standard_output, AllOf(HasSubstr("2 of 3 points"), HasSubstr("1 of 3 points"),
                                             HasSubstr("0 of 1 points"), HasSubstr(", 3 of 6 points")));
  EXPECT_THAT(outcome.standard_output, Not(HasSubstr("exit status 1"))) << "the hidden test's step";
}

}  // namespace
}  // namespace labctl::e2e
