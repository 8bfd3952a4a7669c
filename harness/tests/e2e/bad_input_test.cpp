// What users get wrong, and hosts that are broken: a clear message and the right exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BadInput : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(kernel_is_built("6.1")) << "ci/test builds it: labctl kernel build 6.1"; }

  void expect(const ProcessOutcome& outcome, int status, const std::string& said) {
    EXPECT_EQ(outcome.end.exit_status, status) << account_of(outcome);
    EXPECT_THAT(outcome.standard_error + outcome.standard_output, HasSubstr(said));
  }
  // A lab.yaml of its own, run.
  ProcessOutcome run_spec(const std::string& text) {
    return home_.labctl({"run", home_.put("labs/mine/lab.yaml", text).parent_path()});
  }
  Home home_{CacheOf::test};
};

TEST_F(BadInput, CommandLine) {
  expect(home_.labctl({}), 2, "labctl --help");
  expect(home_.labctl({"rnu", "hello-lkm"}), 2, "did you mean \"run\"?");
  expect(home_.labctl({"run"}), 2, "no lab was named");
  expect(home_.labctl({"run", "helo-lkm"}), 2, "did you mean \"hello-lkm\"?");
  expect(home_.labctl({"run", "hello-lkm", "--flavour", "spicy"}), 2, "spicy");
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "9.9"}), 2, "9.9");
  expect(home_.labctl({"run", "hello-lkm", "--module", "/no/such/folder"}), 2, "/no/such/folder");
  expect(home_.labctl({"kernel", "build", "9.9"}), 2, "9.9");
  expect(home_.labctl({"--version"}), 0, "labctl ");
}

TEST_F(BadInput, Specs) {
  expect(run_spec(""), 2, "empty");
  expect(run_spec("lab: mine\n\ttitle: tab\n"), 2, "lab.yaml:2:");
  expect(run_spec("lab: mine\ntitle: a\ntitle: b\n"), 2, "lab.yaml:3:1");
  expect(run_spec("lab: mine\ntitel: a\n"), 2, "title");
  expect(run_spec("lab: mine\ntitle: x\nmodules: [{name: a}]\ntests: [{name: t, steps: [{load: b}]}]\n"), 2, "\"b\"");
  expect(run_spec(std::string(100'000, '[')), 2, "lab.yaml:1:");
  expect(run_spec("lab: mine\n# " + std::string(10 << 20, 'x')), 2, "lab.yaml");
}

TEST_F(BadInput, ModuleWithoutSource) {
  const fs::path empty = home_.path() / "empty";
  fs::create_directory(empty);
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--module", empty}), 1, "has no hello-lkm.c");
}

TEST_F(BadInput, CacheThatCannotBeWritten) {
  home_.put("blocked/labctl", "a file in the way");
  home_.set("XDG_CACHE_HOME", home_.path() / "blocked");
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "6.1"}), 3, "XDG_CACHE_HOME");
}

TEST_F(BadInput, DamagedCacheEntriesAreMadeAgain) {
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "6.1"}), 0, "");
  std::size_t damaged = 0;
  for (const char* kind : {"modules", "initramfs"})
    for (const auto& entry : fs::directory_iterator(home_.cache() / kind))
      for (const auto& file : fs::directory_iterator(entry))
        if (file.path().extension() == ".ko" || file.path().extension() == ".cpio") {
          std::ofstream(file.path(), std::ios::trunc) << "damaged";
          ++damaged;
        }
  EXPECT_EQ(damaged, 2U);
  const auto outcome = home_.labctl({"run", "hello-lkm", "--kernel", "6.1"});
  expect(outcome, 0, "damaged cache entry modules/");
  EXPECT_THAT(outcome.standard_error, HasSubstr("damaged cache entry initramfs/"));
}

TEST_F(BadInput, AModuleThatChangedInTheCacheIsNotJudged) {
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "6.1"}), 0, "");
  for (const auto& entry : fs::directory_iterator(home_.cache() / "modules")) {
    const fs::path ko = entry.path() / "hello-lkm.ko";
    const std::string zeros(fs::file_size(ko), '\0');
    std::ofstream(ko, std::ios::binary) << zeros;
  }
  const auto outcome = home_.labctl({"run", "hello-lkm", "--kernel", "6.1"});
  expect(outcome, 0, "hello-lkm.ko has changed; it is made again");
}

TEST_F(BadInput, AReportThatCannotBeWrittenIsNoPass) {
  ProcessSpec full = home_.command({});
  full.argv = {"sh", "-c", std::string("exec ") + LABCTL_PROGRAM + " kernel list >/dev/full"};
  auto outcome = run_process(full, {std::chrono::seconds(60), 1 << 20}, {});
  ASSERT_TRUE(outcome);
  expect(*outcome, 3, "standard output");
}

TEST_F(BadInput, TwoAtOnceOnOneCache) {
  std::vector<Child> children;
  for (int i = 0; i < 2; ++i) {
    auto child = start_process(home_.command({"run", "hello-lkm", "--kernel", "6.1"}), false);
    ASSERT_TRUE(child);
    children.push_back(std::move(*child));
  }
  for (auto& child : children) {
    siginfo_t info;
    ::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT);
    EXPECT_TRUE(child.poll_end()->success()) << child.poll_end()->describe();
  }
  EXPECT_TRUE(fs::is_empty(home_.cache() / "tmp"));
}

// A QEMU of our own making, first in the PATH.
class FakeQemu : public BadInput {
 protected:
  // The real one answers the questions on its version and machines; `script` runs in place of a machine.
  void install(const std::string& script) {
    const auto real = find_program("qemu-system-x86_64");
    ASSERT_TRUE(real);
    const fs::path fake = home_.put("bin/qemu-system-x86_64", "#!/bin/sh\ncase \"$1 $2\" in --version*|*help) exec " +
                                                                  real->string() + " \"$@\";; esac\n" + script + "\n");
    ::chmod(fake.c_str(), 0755);
    home_.set("PATH", (home_.path() / "bin").string() + ":" + ::getenv("PATH"));
  }
  ProcessOutcome run() { return home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--accel", "tcg"}); }
};

TEST_F(FakeQemu, TheControlPassesThrough) {
  install("exec " + find_program("qemu-system-x86_64")->string() + " \"$@\"");
  expect(run(), 0, "");
}

// Both kernels: ACPI is not in them, so this machine too must find its CPU and its PCI interrupts without.
TEST_F(FakeQemu, HasNoMicrovm) {
  const std::string real = find_program("qemu-system-x86_64")->string();
  const fs::path bin = home_.path() / "bin";
  home_.put("bin/qemu-system-x86_64", "#!/bin/sh\ncase \"$1 $2\" in\n-machine*help) " + real +
                                          " \"$@\" | grep -v microvm;;\n*) exec " + real + " \"$@\";;\nesac\n");
  ::chmod((bin / "qemu-system-x86_64").c_str(), 0755);
  home_.set("PATH", bin.string() + ":" + ::getenv("PATH"));
  for (const std::string kernel : {"6.1", "5.4"}) {
    if (!kernel_is_built(kernel)) continue;
    const fs::path folder = home_.path() / ("run-" + kernel);
    const auto outcome =
        home_.labctl({"run", "procfs-counter", "--kernel", kernel, "--accel", "tcg", "--run-dir", folder.string()});
    expect(outcome, 0, "");
    const std::string arguments = slurp(folder / "procfs-counter/01-counts-its-readers/qemu.args");
    EXPECT_THAT(arguments, AllOf(HasSubstr("\npc,"), Not(HasSubstr("microvm"))));
  }
}

TEST_F(FakeQemu, RefusesItsArguments) {
  install("echo 'qemu: -sandbox: invalid option' >&2; exit 1");
  const auto outcome = run();
  expect(outcome, 3, "invalid option");
}

// A module was loaded when it went down; that the machine does not come up again is no fault of it.
TEST_F(FakeQemu, DoesNotStartForASecondBoot) {
  const std::string marker = (home_.path() / "started").string();
  install("if [ -e " + marker + " ]; then echo 'no second start' >&2; exit 1; fi\ntouch " + marker + "\nexec " +
          find_program("qemu-system-x86_64")->string() + " \"$@\"");
  expect(home_.labctl({"run", source("harness/tests/e2e/checks/disk"), "--test", "is told of a restart", "--cold",
                       "--kernel", "6.1", "--accel", "tcg"}),
         3, "no second start");
  EXPECT_TRUE(fs::is_empty(home_.cache() / "tmp")) << "its disk";
}

TEST_F(FakeQemu, IsKilled) {
  install("kill -9 $$");
  expect(run(), 3, "SIGKILL");
}

TEST_F(FakeQemu, IsMissing) {
  // Everything but QEMU: a folder of links.
  const fs::path bin = home_.path() / "tools";
  fs::create_directory(bin);
  for (const char* folder : {"/usr/bin", "/usr/sbin", "/bin", "/sbin"})
    for (const auto& item : fs::directory_iterator(folder)) {
      std::error_code ignored;
      const std::string name = item.path().filename();
      if (name.rfind("qemu-system", 0) != 0) fs::create_symlink(item.path(), bin / name, ignored);
    }
  home_.set("PATH", bin);
  expect(run(), 3, "apt-get install qemu-system-x86");
}

TEST_F(BadInput, AKvmThatDoesNotWorkMeansEmulation) {
  if (!fs::exists("/dev/kvm")) GTEST_SKIP() << "this host has no /dev/kvm";
  const auto outcome = home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--format", "json"});
  expect(outcome, 0, "");
  const auto run = nlohmann::json::parse(outcome.standard_output);
  const std::string used = run["labs"][0]["accelerator"];
  const auto insisted = home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--accel", "kvm"});
  EXPECT_EQ(insisted.end.exit_status, used == "kvm" ? 0 : 3) << insisted.standard_error;
}

TEST_F(BadInput, DoctorFindsThisHostFit) {
  const auto outcome = home_.labctl({"doctor"});
  expect(outcome, 0, "labs can run");
  EXPECT_THAT(outcome.standard_output, HasSubstr("acceleration"));
  home_.set("PATH", "/nonexistent");
  const auto bare = home_.labctl({"doctor"});
  expect(bare, 3, "apt-get install qemu-system-x86");
  EXPECT_THAT(bare.standard_output, HasSubstr("apt-get install bubblewrap"));
}

TEST_F(BadInput, WithoutUserNamespacesTheWayOutIsNamed) {
  const fs::path fake =
      home_.put("bin/bwrap", "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n");
  ::chmod(fake.c_str(), 0755);
  home_.set("PATH", (home_.path() / "bin").string() + ":" + ::getenv("PATH"));
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "6.1"}), 3, "--sandbox off");
  expect(home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--sandbox", "off"}), 0, "");
}

}  // namespace
}  // namespace labctl::e2e
