// Saved and restored machines: the same verdicts as booted ones, whatever happens to the files they come from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* made = "booting a machine once";

class SnapshotOn : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
  }

  ProcessOutcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--kernel", GetParam(), "--accel", "tcg"});
    return home_.labctl(arguments);
  }
  fs::path snapshot() const {
    std::vector<fs::path> found;
    for (const auto& item : fs::directory_iterator(home_.cache() / "snapshots"))
      found.push_back(item.path());
    EXPECT_EQ(found.size(), 1U);
    return found.at(0);
  }
  Home home_{CacheOf::test};
};

INSTANTIATE_TEST_SUITE_P(Kernels, SnapshotOn, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(SnapshotOn, ReportsAreTheSameWhateverTheJobsAndBootedOrRestored) {
  const auto run_labs = [this](std::vector<std::string> how) {
    const auto labs = several_labs();
    how.insert(how.begin(), labs.begin(), labs.end());
    return run(std::move(how));
  };
  ASSERT_EQ(run_labs({}).end.exit_status, 0) << "builds the modules, so that the reports agree on what was cached";
  const auto one = run_labs({"--seed", "s", "--format", "json", "--jobs", "1"});
  const auto four = run_labs({"--seed", "s", "--format", "json", "--jobs", "4"});
  const auto cold = run_labs({"--seed", "s", "--format", "json", "--cold"});
  EXPECT_EQ(one.end.exit_status, 0) << account_of(one);
  EXPECT_THAT(one.standard_output, HasSubstr("says goodbye and leaves nothing behind"));
  EXPECT_EQ(comparable(one.standard_output), comparable(four.standard_output));
  EXPECT_EQ(comparable(one.standard_output), comparable(cold.standard_output));
}

TEST_P(SnapshotOn, ABadModuleFailsAlike) {
  std::string bytes = slurp(source("modules/procfs-counter/procfs-counter.c"));
  const std::string removal = "remove_proc_entry(ENTRY_NAME, NULL);";
  ASSERT_NE(bytes.find(removal), std::string::npos);
  bytes.replace(bytes.find(removal), removal.size(), "");
  const std::string mutant = home_.put("keeps-entry.c", bytes);
  run({"procfs-counter", "--module", mutant});
  const auto warm = run({"procfs-counter", "--module", mutant, "--seed", "s", "--format", "json"});
  const auto cold = run({"procfs-counter", "--module", mutant, "--seed", "s", "--format", "json", "--cold"});
  EXPECT_EQ(warm.end.exit_status, 1);
  EXPECT_EQ(cold.end.exit_status, 1);
  EXPECT_EQ(comparable(warm.standard_output), comparable(cold.standard_output));
}

// Course checks do the same restored. QEMU does not save all devices, and what a saved kernel has read of a disk is
// there when it is restored.
TEST_P(SnapshotOn, DevicesAndDisksAreTheSameBooted) {
  const auto board = run({source("harness/tests/e2e/checks/board"), "--cold", "--test",
                          "computes, and is told by an interrupt", "--test", "counts how often a button is pressed"});
  EXPECT_EQ(board.end.exit_status, 0) << account_of(board);
  const fs::path folder = home_.path() / "cold";
  const auto disk = run({source("harness/tests/e2e/checks/disk"), "--cold", "--run-dir", folder, "--test",
                         "a file on a file system outlives a restart"});
  EXPECT_EQ(disk.end.exit_status, 0) << account_of(disk);
  const fs::path test = folder / "disk/01-a-file-on-a-file-system-outlives-a-restart";
  const std::string log = slurp(test / "kernel.log");
  const auto second = log.find("Linux version", log.find("Linux version") + 1);
  ASSERT_NE(second, std::string::npos) << "kernel.log has both boots";
  EXPECT_LT(log.find("logbook: entry 1"), second);
  EXPECT_GT(log.find("logbook: entry 2"), second);
  EXPECT_THAT(slurp(test / "boot-2/console.log"), HasSubstr("Linux version"));
}

TEST_P(SnapshotOn, TheLogsBeginWithTheBoot) {
  for (const std::string how : {"first", "restored"}) {
    const fs::path folder = home_.path() / how;
    ASSERT_EQ(run({"hello-lkm", "--run-dir", folder}).end.exit_status, 0);
    const fs::path test = folder / "hello-lkm/01-greets-when-it-is-loaded";
    EXPECT_THAT(slurp(test / "kernel.log"), HasSubstr("Linux version " + std::string(GetParam())));
    EXPECT_THAT(slurp(test / "kernel.log"), HasSubstr("Hello, kernel world"));
    EXPECT_THAT(slurp(test / "console.log"), HasSubstr("Linux version " + std::string(GetParam())));
    EXPECT_THAT(slurp(test / "qemu.args"), HasSubstr("-incoming")) << how;
  }
  const fs::path cold = home_.path() / "cold";
  ASSERT_EQ(run({"hello-lkm", "--cold", "--run-dir", cold}).end.exit_status, 0);
  EXPECT_THAT(slurp(cold / "hello-lkm/01-greets-when-it-is-loaded/qemu.args"), Not(HasSubstr("-incoming")));
}

// One lab with two tests that show what a program in the guest says.
class WhatAGuestKnows : public SnapshotOn {
 protected:
  // What the two guests printed.
  std::vector<std::string> ask(const std::string& command, std::vector<std::string> more,
                               const std::string& keys = "") {
    const std::string test =
        "    steps:\n      - run: [sh, -c, \"" + command + "\"]\n        expect: {stdout: never}\n";
    const auto lab = home_.put("labs/ask/lab.yaml", "lab: ask\ntitle: Ask\nmodules:\n  - name: hello-lkm\n" + keys +
                                                        "tests:\n  - name: a\n" + test + "  - name: b\n" + test);
    more.insert(more.begin(), {lab.parent_path(), "--format", "json"});
    const auto outcome = run(more);
    EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
    std::vector<std::string> said;
    const auto report = nlohmann::json::parse(outcome.standard_output);
    for (const auto& one : report["labs"][0]["tests"])
      for (const auto& check : one["steps"][0]["checks"])
        if (!check["passed"].get<bool>()) said.push_back(check["seen"]);
    EXPECT_EQ(said.size(), 2U) << outcome.standard_output;
    return said;
  }
};

INSTANTIATE_TEST_SUITE_P(Kernels, WhatAGuestKnows, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(WhatAGuestKnows, NoTwoHaveTheSameRandomNumbers) {
  const std::string command = "head -c 16 /dev/urandom | od -An -tx1";
  const auto first = ask(command, {});
  const auto second = ask(command, {});
  const std::set<std::string> all{first.at(0), first.at(1), second.at(0), second.at(1)};
  EXPECT_EQ(all.size(), 4U) << *all.begin();
}

TEST_P(WhatAGuestKnows, TheTime) {
  for (const std::string& said : ask("date +%s", {})) {
    const auto digits = said.find_first_of("0123456789");
    ASSERT_NE(digits, std::string::npos) << said;
    EXPECT_NEAR(std::strtod(said.c_str() + digits, nullptr), static_cast<double>(::time(nullptr)), 60) << said;
  }
}

TEST_P(WhatAGuestKnows, ItsCpus) {
  for (const std::vector<std::string>& how : {std::vector<std::string>{}, {}, {"--cold"}})
    for (const std::string& said : ask("grep -c ^processor /proc/cpuinfo", how, "cpus: 2\n"))
      EXPECT_THAT(said, HasSubstr("2"));
}

using Damage = void (*)(const fs::path& snapshot, std::mt19937& random);

void flip_a_byte(const fs::path& file, std::mt19937& random) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(random() % fs::file_size(file));
  stream.seekg(at);
  const int was = stream.get();
  stream.seekp(at);
  stream.put(static_cast<char>(was ^ 0x40));
}

const Damage damages[] = {
    [](const fs::path& snapshot, std::mt19937& random) { flip_a_byte(snapshot / "memory", random); },
    [](const fs::path& snapshot, std::mt19937& random) { flip_a_byte(snapshot / "state", random); },
    [](const fs::path& snapshot, std::mt19937& random) { flip_a_byte(snapshot / "agent-said", random); },
    [](const fs::path& snapshot, std::mt19937& random) {
      fs::resize_file(snapshot / "memory", random() % fs::file_size(snapshot / "memory"));
    },
    [](const fs::path& snapshot, std::mt19937& random) {
      fs::resize_file(snapshot / "state", random() % fs::file_size(snapshot / "state"));
    },
    [](const fs::path& snapshot, std::mt19937&) { fs::remove(snapshot / "memory"); },
    [](const fs::path& snapshot, std::mt19937&) { fs::remove(snapshot / "state"); },
    [](const fs::path& snapshot, std::mt19937&) { fs::remove(snapshot / ".sealed"); },
    [](const fs::path& snapshot, std::mt19937&) {
      const auto size = fs::file_size(snapshot / "memory");
      fs::resize_file(snapshot / "memory", 0);
      fs::resize_file(snapshot / "memory", size);
    },
    [](const fs::path& snapshot, std::mt19937& random) { flip_a_byte(snapshot / "console", random); },
};

TEST_P(SnapshotOn, DamagedFilesAreNoticedAndMadeAgain) {
  std::mt19937 random(std::random_device{}());
  const auto first = run({"hello-lkm"});
  EXPECT_THAT(first.standard_error, HasSubstr(made));
  const auto intact = run({"hello-lkm"});
  EXPECT_THAT(intact.standard_error, AllOf(Not(HasSubstr(made)), Not(HasSubstr("damaged")))) << "the control";
  const auto kernels = built_kernels({"release"});
  for (std::size_t round = 0; round < (exhaustive() ? 20 : std::size(damages)); ++round) {
    if (!is_dealt(round, {GetParam(), "release"}, kernels)) continue;
    SCOPED_TRACE(round);
    damages[round % std::size(damages)](snapshot(), random);
    const auto outcome = run({"hello-lkm"});
    EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
    EXPECT_THAT(outcome.standard_error, AllOf(HasSubstr("damaged cache entry snapshots/"), HasSubstr(made)));
  }
}

// Damage that no look at the files can find: the seal itself says that they are whole.
TEST_P(SnapshotOn, OneThatDoesNotRestoreIsDiscardedAndTheTestsBoot) {
  ASSERT_EQ(run({"hello-lkm"}).end.exit_status, 0);
  const fs::path folder = snapshot();
  fs::resize_file(folder / "state", fs::file_size(folder / "state") / 2);
  reseal(folder);
  const auto outcome = run({"hello-lkm"});
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  EXPECT_THAT(outcome.standard_error, HasSubstr("does not restore and is discarded"));
  EXPECT_FALSE(fs::exists(folder));
  const auto after = run({"hello-lkm"});
  EXPECT_EQ(after.end.exit_status, 0);
  EXPECT_THAT(after.standard_error, HasSubstr(made));
}

TEST_P(SnapshotOn, TheCacheIsListedAndPruned) {
  ASSERT_EQ(run({"hello-lkm"}).end.exit_status, 0);
  const auto listed = home_.labctl({"cache", "list"});
  EXPECT_EQ(listed.end.exit_status, 0) << listed.standard_error;
  for (const char* kind : {"initramfs  ", "modules  ", "snapshots  "})
    EXPECT_THAT(listed.standard_output, HasSubstr(kind));
  const auto young = home_.labctl({"cache", "prune", "--kind", "snapshots"});
  EXPECT_THAT(young.standard_output, HasSubstr("removed 0 entries"));
  const auto pruned = home_.labctl({"cache", "prune", "--kind", "snapshots", "--all"});
  EXPECT_EQ(pruned.end.exit_status, 0) << pruned.standard_error;
  EXPECT_THAT(pruned.standard_output, HasSubstr("removed 1 entries"));
  EXPECT_THAT(run({"hello-lkm"}).standard_error, HasSubstr(made));
}

TEST_P(SnapshotOn, KilledWhileSavingOrRestoring) {
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < (exhaustive() ? 50 : 6); ++round) {
    const bool saving = round % 2 == 0;
    if (saving) fs::remove_all(home_.cache() / "snapshots");
    auto child = start_process(home_.command({"run", "hello-lkm", "--kernel", GetParam(), "--accel", "tcg"}), false);
    ASSERT_TRUE(child) << child.error().message;
    pollfd item{child->pidfd(), POLLIN, 0};
    ::poll(&item, 1, static_cast<int>(random() % (saving ? 2500 : 400)));
    ::kill(child->pid(), SIGKILL);
    ASSERT_EQ(::poll(&item, 1, 60'000), 1);
    child->poll_end();
    const auto after = run({"hello-lkm"});
    EXPECT_EQ(after.end.exit_status, 0) << account_of(after);
    EXPECT_THAT(after.standard_error, Not(HasSubstr("does not restore")));
    EXPECT_TRUE(fs::is_empty(home_.cache() / "tmp"));
  }
}

}  // namespace
}  // namespace labctl::e2e
