#include "process/process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "process/sandbox.hpp"

namespace labctl {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

ProcessSpec shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"sh", "-c", script};
  return spec;
}

// Blocks until a process is gone, through its pidfd; fails the test if it never goes.
void expect_gone(pid_t pid) {
  for (int i = 0; i < 500; ++i) {
    if (::kill(pid, 0) != 0) return;
    // Not ours to wait for (it is another process's child), so the only event to be had is its absence.
    ::poll(nullptr, 0, 10);
  }
  FAIL() << "process " << pid << " is still there";
}

// "pipe:[12345]", with brackets for grep.
std::string link_of(int fd) {
  char target[64] = {};
  if (::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target - 1) < 0) return "none";
  std::string text = target;
  return "'" + text.substr(0, text.find('[')) + "\\[" +
         text.substr(text.find('[') + 1, text.find(']') - text.find('[') - 1) + "\\]'";
}

TEST(RunProcess, CapturesBothStreamsAndTheStatus) {
  auto outcome = run_process(shell("echo out; echo err >&2; exit 3"), {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->standard_output, "out\n");
  EXPECT_EQ(outcome->standard_error, "err\n");
  EXPECT_EQ(outcome->end.exit_status, 3);
  EXPECT_FALSE(outcome->success());
  EXPECT_THAT(outcome->describe(), HasSubstr("exit status 3"));
}

TEST(RunProcess, GivesLinesAsTheyComeAndTheLastWithoutNewline) {
  std::vector<std::string> lines;
  auto outcome =
      run_process(shell("printf 'a\\nb\\nc'"), {}, {}, [&](std::string_view line) { lines.emplace_back(line); });
  ASSERT_TRUE(outcome);
  EXPECT_THAT(lines, testing::ElementsAre("a", "b", "c"));
}

TEST(RunProcess, FeedsStandardInput) {
  ProcessSpec spec = shell("wc -c");
  spec.stdin_data = std::string(1 << 20, 'x');
  auto outcome = run_process(spec, {}, {});
  ASSERT_TRUE(outcome);
  EXPECT_THAT(outcome->standard_output, HasSubstr("1048576"));
}

TEST(RunProcess, AChildThatDoesNotReadItsInputIsNoProblem) {
  ProcessSpec spec = shell("exit 0");
  spec.stdin_data = std::string(1 << 20, 'x');
  ::signal(SIGPIPE, SIG_IGN);
  auto outcome = run_process(spec, {}, {});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->success());
}

TEST(RunProcess, CutsFloodsAndSaysSo) {
  auto outcome = run_process(shell("head -c 5000000 /dev/zero"), {milliseconds(0), 1000}, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->standard_output.size(), 1000U);
  EXPECT_TRUE(outcome->truncated);
  EXPECT_TRUE(outcome->success()) << "the writer was not blocked";
}

TEST(RunProcess, DeadlineEndsTheWholeGroup) {
  // The grandchild ignores SIGTERM, and would live on.
  auto outcome = run_process(shell("sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' & wait"), {milliseconds(300)}, {});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
  ASSERT_FALSE(outcome->standard_output.empty());
  expect_gone(std::stoi(outcome->standard_output));
}

TEST(RunProcess, WhatAChildLeavesBehindGoesWithIt) {
  auto outcome = run_process(shell("sleep 1000 & echo $!"), {}, {});
  ASSERT_TRUE(outcome);
  expect_gone(std::stoi(outcome->standard_output));
}

TEST(RunProcess, StopTokenInterrupts) {
  StopSource stop;
  std::thread later([&] { stop.request(); });
  auto outcome = run_process(shell("sleep 1000"), {}, stop.token());
  later.join();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, Fault::interrupted);
}

TEST(RunProcess, SignalsAreTold) {
  auto outcome = run_process(shell("kill -9 $$"), {}, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->end.signal, SIGKILL);
  EXPECT_EQ(outcome->end.describe(), "killed by SIGKILL");
}

TEST(StartProcess, UnknownProgramIsAnErrorThatNamesIt) {
  ProcessSpec spec;
  spec.argv = {"no-such-program-anywhere"};
  auto outcome = run_process(spec, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, Fault::harness);
  EXPECT_THAT(outcome.error().message, HasSubstr("no-such-program-anywhere"));
}

TEST(StartProcess, HandsDownDescriptorsAndNoOthers) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  ProcessSpec spec = shell("echo through >/proc/self/fd/77; ls /proc/self/fd");
  spec.descriptors = {{ends[1], 77}};
  auto outcome = run_process(spec, {}, {});
  ASSERT_TRUE(outcome);
  char text[16] = {};
  ASSERT_EQ(::read(ends[0], text, sizeof text), 8);
  EXPECT_STREQ(text, "through\n");
  // Whoever started the tests may have left descriptors open to everybody; ours must not be among them.
  EXPECT_THAT(outcome->standard_output, HasSubstr("\n77\n"));
  for (int ours : ends)
    EXPECT_EQ(run_process(shell("readlink /proc/self/fd/* | grep -c " + link_of(ours)), {}, {})->standard_output,
              "0\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(StartProcess, AKilledParentTakesItsChildAlong) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    ProcessSpec spec;
    spec.argv = {"sleep", "1000"};
    auto child = start_process(spec, false);
    const pid_t pid = child ? child->pid() : -1;
    if (::write(ends[1], &pid, sizeof pid) < 0) ::_exit(1);
    for (;;)
      ::pause();
  }
  pid_t child = 0;
  ASSERT_EQ(::read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  ASSERT_GT(child, 0);
  EXPECT_EQ(::kill(child, 0), 0) << "the control: it runs";
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  expect_gone(child);
  ::close(ends[0]);
  ::close(ends[1]);
}

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (auto works = probe_sandbox({}); !works) GTEST_SKIP() << works.error().message;
  }
  ProcessOutcome inside(const std::string& script) {
    SandboxSpec box;
    box.cwd = "/";
    auto outcome = run_process(sandboxed(box, shell(script)), {milliseconds(20'000)}, {});
    return outcome ? *outcome : ProcessOutcome{};
  }
};

TEST_F(SandboxTest, HidesTheHost) {
  EXPECT_FALSE(inside("cat /etc/shadow").success());
  EXPECT_FALSE(inside("ls /root /home").success());
  EXPECT_FALSE(inside("echo x > /usr/x").success());
  EXPECT_EQ(inside("cat /proc/net/dev | grep -vc lo:").standard_output, "2\n") << "headers only: no network";
  EXPECT_EQ(inside("echo $HOME").standard_output, "/nonexistent\n");
  EXPECT_TRUE(inside("gcc --version || cc --version || true; test -d /usr").success()) << "the control";
}

TEST_F(SandboxTest, HidesAFolderBelowTheCompilers) {
  const std::string look = "ls -A /usr/include | head -1";
  ASSERT_NE(inside(look).standard_output, "") << "the control";
  SandboxSpec box;
  box.cwd = "/";
  box.hidden = {"/usr/include", "/root", "/no/such/folder"};
  auto outcome = run_process(sandboxed(box, shell(look)), {milliseconds(20'000)}, {});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->success()) << outcome->describe();
  EXPECT_EQ(outcome->standard_output, "");
}

TEST_F(SandboxTest, KillingTheParentEndsWhatRunsInside) {
  SandboxSpec box;
  box.cwd = "/";
  auto child = start_process(sandboxed(box, shell("exec sleep 987654")), true);
  ASSERT_TRUE(child);
  child->terminate(milliseconds(0));
  // The sandbox has its own process table; from here its sleep would be seen by its command line.
  for (int i = 0; i < 500; ++i) {
    auto found = run_process(shell("grep -lsa '[s]leep.987654' /proc/[0-9]*/cmdline | wc -l"), {}, {});
    ASSERT_TRUE(found);
    if (found->standard_output == "0\n") return;
    ::poll(nullptr, 0, 10);
  }
  FAIL() << "the sandboxed process is still there";
}

}  // namespace
}  // namespace labctl
