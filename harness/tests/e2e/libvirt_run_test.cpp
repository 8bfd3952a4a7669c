// labctl run --connect: the verdicts of the local driver, and nothing left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "libvirt_hosts.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

// Of each test in a JSON report: its lab, name, status, points and message.
std::vector<std::string> verdicts(const std::string& report) {
  std::vector<std::string> found;
  for (const auto& lab : nlohmann::json::parse(report)["labs"])
    for (const auto& test : lab["tests"])
      found.push_back(lab["lab"].get<std::string>() + ": " + test["name"].get<std::string>() + ": " +
                      test["status"].get<std::string>() + ": " + test["message"].get<std::string>());
  return found;
}

class LibvirtRun : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel("6.1"); !missing.empty()) GTEST_SKIP() << missing;
    if (const auto missing = missing_libvirt(); !missing.empty()) GTEST_SKIP() << missing;
    daemon_ = std::make_unique<OwnLibvirtd>();
  }

  ProcessOutcome run(std::vector<std::string> arguments, const std::string& uri) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--kernel", "6.1", "--accel", "tcg"});
    if (!uri.empty()) arguments.insert(arguments.end(), {"--connect", uri});
    return home_.labctl(arguments);
  }

  void expect_same_verdicts(std::vector<std::string> labs) {
    labs.insert(labs.end(), {"--format", "json", "--seed", "the same for both"});
    const auto local = run(labs, "");
    const auto there = run(labs, daemon_->uri());
    EXPECT_EQ(there.end.exit_status, local.end.exit_status) << account_of(there);
    EXPECT_EQ(verdicts(there.standard_output), verdicts(local.standard_output));
    EXPECT_EQ(daemon_->machines(), "");
  }

  Home home_{CacheOf::all};
  std::unique_ptr<OwnLibvirtd> daemon_;
};

TEST_F(LibvirtRun, LabsHaveTheVerdictsOfTheLocalDriver) {
  expect_same_verdicts(several_labs());
}

TEST_F(LibvirtRun, SoHaveLabsWithDisksRebootsAndDevices) {
  expect_same_verdicts({source("harness/tests/e2e/checks/disk"), source("harness/tests/e2e/checks/board")});
}

TEST_F(LibvirtRun, AModuleThatCrashesIsToBlameThereToo) {
  const auto lab =
      home_.put_lab("crash", source("harness/tests/e2e/modules/init-panic.c"), "      - load: init-panic\n");
  const auto outcome = run({lab, "--format", "json"}, daemon_->uri());
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
  const auto test = nlohmann::json::parse(outcome.standard_output)["labs"][0]["tests"][0];
  EXPECT_EQ(test["status"], "crashed") << test.dump(2);
  EXPECT_THAT(test["reports"].dump(), HasSubstr("panic"));
  EXPECT_EQ(daemon_->machines(), "");
}

// In the middle of a run, while a module hangs.
class CutConnection : public LibvirtRun, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(All, CutConnection, testing::Values(false, true),
                         [](const auto& instance) { return instance.param ? "Silent" : "Closed"; });

TEST_P(CutConnection, IsTheHarnesss) {
  const auto lab = home_.put_lab("hang", source("harness/tests/e2e/modules/init-hang.c"),
                                 "      - load: init-hang\n        limit: 5min\n");
  const fs::path folder = home_.path() / "run";
  auto child = start_process(home_.command({"run", lab, "--kernel", "6.1", "--accel", "tcg", "--run-dir", folder,
                                            "--connect", daemon_->uri()}),
                             false);
  ASSERT_TRUE(child) << child.error().message;
  // The event to wait for: the module has said that it is being loaded.
  while (slurp(folder / "hang/01-the-test/console.log").find("init_hang") == std::string::npos) {
    ASSERT_FALSE(child->poll_end()) << "labctl ended by itself";
    ::poll(nullptr, 0, 10);
  }
  if (GetParam())
    daemon_->suspend();
  else
    daemon_->kill();
  pollfd ended{child->pidfd(), POLLIN, 0};
  ASSERT_EQ(::poll(&ended, 1, 10'000), 1) << "labctl still waits after 10 s";
  const auto end = child->poll_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_status, 3) << end->describe();
  EXPECT_THAT(slurp(folder / "result.json"), AllOf(HasSubstr("the connection to"), HasSubstr("was lost")));

  daemon_->kill();
  daemon_->start();
  const auto after = run({"hello-lkm"}, daemon_->uri());
  EXPECT_EQ(after.end.exit_status, 0) << account_of(after);
  EXPECT_EQ(daemon_->machines(), "");
  EXPECT_THAT(qemus_mentioning(home_.path().string()), IsEmpty());
}

TEST_F(LibvirtRun, ErrorsSayWhatMendsThem) {
  const auto none = run({"hello-lkm"}, "qemu+unix:///system?socket=/nonexistent");
  EXPECT_EQ(none.end.exit_status, 3);
  EXPECT_THAT(none.standard_error, AllOf(HasSubstr("Failed to connect socket"), HasSubstr("systemctl start libvirtd")));
  EXPECT_EQ(run({"hello-lkm"}, "qemu:///nothing").end.exit_status, 2);
}

TEST_F(LibvirtRun, TheSettingsNameAHostAndTheOptionAnotherOne) {
  home_.put("config/labctl/config.yaml", "connect: qemu:///embed\n");
  home_.set("XDG_CONFIG_HOME", (home_.path() / "config").string());
  const auto configured = run({"hello-lkm"}, "");
  EXPECT_EQ(configured.end.exit_status, 2);
  EXPECT_THAT(configured.standard_error, HasSubstr("names no folder"));
  EXPECT_EQ(run({"hello-lkm"}, "local").end.exit_status, 0);
  home_.set("LIBVIRT_DEFAULT_URI", daemon_->uri());
  const auto by_default = run({"hello-lkm"}, "default");
  EXPECT_EQ(by_default.end.exit_status, 0) << account_of(by_default);
}

TEST_F(LibvirtRun, ThePoolsCopiesArePruned) {
  if (daemon_->uri().find("session") != std::string::npos) GTEST_SKIP() << "a session's machines read the cache";
  const auto outcome = run({"hello-lkm"}, daemon_->uri());
  ASSERT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  EXPECT_THAT(daemon_->virsh({"vol-list", "labctl"}), HasSubstr("labctl-"));
  const auto fresh = home_.labctl({"cache", "prune", "--connect", daemon_->uri()});
  EXPECT_THAT(fresh.standard_output, HasSubstr("removed 0 volumes")) << fresh.standard_error;
  const auto all = home_.labctl({"cache", "prune", "--all", "--connect", daemon_->uri()});
  EXPECT_THAT(all.standard_output, HasSubstr("removed 2 volumes")) << all.standard_error;
  EXPECT_THAT(daemon_->virsh({"vol-list", "labctl"}), testing::Not(HasSubstr("labctl-")));
}

TEST_F(LibvirtRun, DoctorExaminesTheHost) {
  const auto outcome = home_.labctl({"doctor", "--connect", daemon_->uri()});
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  EXPECT_THAT(outcome.standard_output,
              AllOf(HasSubstr("libvirt"), HasSubstr(daemon_->uri()), HasSubstr("microvm"), HasSubstr("acceleration")));
  const auto none = home_.labctl({"doctor", "--connect", "qemu+unix:///system?socket=/nonexistent"});
  EXPECT_EQ(none.end.exit_status, 3);
  EXPECT_THAT(none.standard_output, AllOf(HasSubstr("PROBLEM"), HasSubstr("systemctl start libvirtd")));
}

}  // namespace
}  // namespace labctl::e2e
