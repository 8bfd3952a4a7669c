// What every machine does, whoever runs it: QEMU started directly, libvirt in this process, a libvirtd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <csignal>
#include <thread>

#include "guest/session.hpp"
#include "image/image.hpp"
#include "libvirt_hosts.hpp"
#include "model/lab.hpp"
#include "runner/lab_runner.hpp"
#include "support/files.hpp"
#include "virt/libvirt_host.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

enum class Kind { qemu, embedded, libvirtd };

class MachineContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel("6.1"); !missing.empty()) GTEST_SKIP() << missing;
    if (GetParam() != Kind::qemu)
      if (const auto missing = missing_libvirt(); !missing.empty()) GTEST_SKIP() << missing;
    // QEMU started by us inherits it; one of libvirt's has other marks.
    ::setenv("LABCTL_CONTRACT", folder_.path().c_str(), 1);
    const std::string path = home_.labctl({"kernel", "path", "6.1"}).standard_output;
    kernel_.folder = path.substr(0, path.find('\n'));
    kernel_.identity.flavour = "release";
    auto cache = Cache::open(home_.cache());
    ASSERT_TRUE(cache) << cache.error().message;
    cache_ = std::move(*cache);
    const fs::path agent = fs::path(LABCTL_PROGRAM).parent_path() / "libexec/labctl/labctl-agent";
    auto initramfs =
        obtain_initramfs(*cache_, {find_program("busybox").value_or("busybox"), agent, source("rootfs/overlay")}, {});
    ASSERT_TRUE(initramfs) << initramfs.error().message;
    initramfs_ = *initramfs;
  }

  MachineDriver& driver() {
    if (!host_) open_host();
    if (!driver_) driver_ = host_->make_driver(Limits());
    return *driver_;
  }

  void open_host() {
    if (GetParam() == Kind::qemu) {
      auto qemu = find_qemu(*cache_, {});
      ASSERT_TRUE(qemu) << qemu.error().message;
      host_ = make_local_host(*qemu, "/dev/kvm");
      return;
    }
    auto host = open_libvirt_host(uri(), *cache_, progress_, {});
    ASSERT_TRUE(host) << host.error().message << "\n" << host.error().hint;
    host_ = std::move(*host);
  }

  std::string uri() {
    if (GetParam() == Kind::embedded) {
      fs::create_directories(folder_.path() / "root");
      return embedded_uri(folder_.path() / "root");
    }
    if (!daemon_) daemon_ = std::make_unique<OwnLibvirtd>();
    return daemon_->uri();
  }

  // A text that only QEMUs of this test have in their command line or environment.
  std::string mark() const {
    return GetParam() == Kind::libvirtd ? owner_text(this_process()) : folder_.path().string();
  }

  Result<std::unique_ptr<Machine>> start(const std::string& name = "machine") {
    MachineSpec spec = machine_spec(kernel_, initramfs_, Accelerator::tcg);
    spec.folder = folder_.path() / name;
    fs::create_directories(spec.folder);
    return driver().start(spec);
  }

  std::string console(const std::string& name = "machine") const {
    return slurp(folder_.path() / name / "console.log");
  }

  // Machines end in the background.
  void close_host() {
    driver_.reset();
    host_.reset();
  }

  Home home_{CacheOf::all};
  const test::TemporaryFolder folder_;
  NoProgress progress_;
  Kernel kernel_;
  fs::path initramfs_;
  std::optional<Cache> cache_;
  std::unique_ptr<OwnLibvirtd> daemon_;
  std::unique_ptr<MachineHost> host_;
  std::unique_ptr<MachineDriver> driver_;
};

INSTANTIATE_TEST_SUITE_P(All, MachineContract, testing::Values(Kind::qemu, Kind::embedded, Kind::libvirtd),
                         [](const auto& instance) {
                           switch (instance.param) {
                             case Kind::qemu: return "Qemu";
                             case Kind::embedded: return "Embedded";
                             case Kind::libvirtd: break;
                           }
                           return "Libvirtd";
                         });

Step step(Action action) {
  Step made;
  made.action = std::move(action);
  return made;
}

Step write_to(const std::string& file, const std::string& data) {
  WriteStep write;
  write.file = file;
  write.data = data;
  return step(write);
}

Step run_program(const std::vector<std::string>& argv) {
  RunStep run;
  run.argv = argv;
  return step(run);
}

// Ready for a test's steps.
struct Booted {
  Booted(Machine& machine, const Limits& limits, const std::vector<GuestFile>& files = {})
      : session(machine, limits, {}) {
    auto ready = session.wait_ready();
    if (ready) ready = session.begin("seed", files);
    if (!ready) throw std::runtime_error(ready.error().message);
  }
  Observation perform(const Step& what, milliseconds limit = milliseconds(20'000)) {
    auto seen = session.perform(what, limit, {});
    if (!seen) throw std::runtime_error(seen.error().message);
    return *seen;
  }
  Session session;
};

TEST_P(MachineContract, BootsAndItsAgentAnswers) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  EXPECT_EQ(guest.perform(run_program({"echo", "hello"})).standard_output, "hello\n");
  EXPECT_FALSE((*machine)->ended());
  EXPECT_THAT(console(), HasSubstr("Linux version 6.1"));
  (*machine)->stop();
  const auto end = (*machine)->wait_end(milliseconds(10'000));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, MachineEnd::Cause::stopped);
  machine->reset();
  close_host();
  EXPECT_THAT(qemus_mentioning(mark()), IsEmpty());
}

TEST_P(MachineContract, TenMegabytesGoThroughTheAgent) {
  constexpr std::size_t part = 1 << 20;  // what one reply holds
  std::string bytes(10 * part, '\0');
  std::uint32_t noise = 1;
  for (char& c : bytes)
    c = static_cast<char>((noise = noise * 1664525 + 1013904223) >> 24U);
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits(), {{"/tmp/noise", bytes, false}});
  std::string back;
  for (std::size_t at = 0; at < bytes.size(); at += part) {
    ReadStep read;
    read.file = "/tmp/noise";
    read.bytes = std::to_string(part);
    read.at = std::to_string(at);
    back += guest.perform(step(read), milliseconds(60'000)).data;
  }
  EXPECT_TRUE(back == bytes) << back.size() << " bytes came back";
}

TEST_P(MachineContract, TheConsoleIsKeptToTheLastByteBeforeAPanic) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  // More than a terminal holds. In few lines: a kernel takes ten from programs, and then none for a while.
  const std::string line(900, 'x');
  std::string script;
  for (const char* number : {"1", "2", "3", "4", "5", "6"})
    script += "echo line " + std::string(number) + " " + line + " >/dev/kmsg; ";
  EXPECT_EQ(guest.perform(run_program({"sh", "-c", script + "echo c >/proc/sysrq-trigger"})).ending,
            Ending::guest_ended);
  const auto end = (*machine)->ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, MachineEnd::Cause::guest) << end->detail;
  const std::string kept = console();
  for (const char* number : {"1", "2", "3", "4", "5", "6"})
    EXPECT_THAT(kept, HasSubstr("line " + std::string(number) + " " + line + "\r\n"));
  const auto panic = kept.find("Kernel panic - not syncing: sysrq triggered crash");
  ASSERT_NE(panic, std::string::npos) << kept;
  // The last that a kernel says which resets at once (panic() in kernel/panic.c), with the end of its line.
  EXPECT_THAT(kept.substr(panic), HasSubstr("Kernel Offset: "));
  EXPECT_TRUE(kept.ends_with("\r\n")) << kept.substr(panic);
  EXPECT_TRUE(kept.ends_with((*machine)->console_tail(1 << 12)));
}

TEST_P(MachineContract, WhatTakesTooLongIsEndedAndTheGuestGoesOn) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  EXPECT_TRUE(guest.perform(run_program({"sleep", "1000"}), milliseconds(300)).program_timed_out);
  EXPECT_EQ(guest.perform(run_program({"echo", "on"})).standard_output, "on\n");
}

// A host may let a machine wait for longer than a step may take. What then ends as soon as it is let has not hung.
TEST_P(MachineContract, WhatIsOverOnceTheHostLetsItRunIsNotTooLate) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  const auto qemus = qemus_mentioning(mark());
  ASSERT_EQ(qemus.size(), 1U);
  std::thread host([&] {
    while (console().find("it has begun") == std::string::npos)
      ::poll(nullptr, 0, 10);
    ::kill(qemus.front(), SIGSTOP);
    ::poll(nullptr, 0, 3000);
    ::kill(qemus.front(), SIGCONT);
  });
  const std::string script =
      "sleep 1 & until grep -q nanosleep /proc/$!/stack; do :; done; echo it has begun >/dev/kmsg; wait; echo over";
  const Observation seen = guest.perform(run_program({"sh", "-c", script}), milliseconds(2000));
  host.join();
  EXPECT_EQ(seen.ending, Ending::completed);
  EXPECT_EQ(seen.standard_output, "over\n");
}

TEST_P(MachineContract, AGuestThatIsNotReadyInTimeIsGivenUp) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Limits limits;
  limits.boot = milliseconds(1);
  const auto ready = Session(**machine, limits, {}).wait_ready();
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().fault, Fault::harness);
  EXPECT_THAT(ready.error().message, HasSubstr("was not ready within"));
  machine->reset();
  close_host();
  EXPECT_THAT(qemus_mentioning(mark()), IsEmpty());
}

TEST_P(MachineContract, AnInterruptHasTheKernelSayWhereItIs) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  (*machine)->interrupt();
  const auto end = (*machine)->wait_end(milliseconds(20'000));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, MachineEnd::Cause::guest);
  EXPECT_THAT(console(), HasSubstr("Kernel panic - not syncing: NMI"));
}

TEST_P(MachineContract, AResetIsTheGuests) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  EXPECT_EQ(guest.perform(step(RebootStep{})).ending, Ending::guest_ended);
  const auto end = (*machine)->wait_end(milliseconds(20'000));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, MachineEnd::Cause::guest);
  const std::string said = console();
  EXPECT_THAT(said, HasSubstr("reboot: Restarting system"));
  EXPECT_EQ(said.find("Linux version"), said.rfind("Linux version")) << "it booted again";
}

TEST_P(MachineContract, AKilledQemuIsTheHosts) {
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  Booted guest(**machine, Limits());
  const auto qemus = qemus_mentioning(mark());
  ASSERT_EQ(qemus.size(), 1U);
  ::kill(qemus.front(), SIGKILL);
  const auto seen = guest.session.perform(run_program({"true"}), milliseconds(20'000), {});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, Fault::harness);
  const auto end = (*machine)->ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, MachineEnd::Cause::host);
  EXPECT_FALSE(end->detail.empty());
}

TEST_P(MachineContract, AConsoleBeyondItsCapIsStopped) {
  open_host();
  Limits limits;
  limits.console_bytes = 4096;  // a boot says more
  driver_ = host_->make_driver(limits);
  auto machine = start();
  ASSERT_TRUE(machine) << machine.error().message;
  const auto end = (*machine)->wait_end(milliseconds(60'000));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, MachineEnd::Cause::flooded);
  EXPECT_THAT(end->detail, HasSubstr("its console passed"));
}

TEST_P(MachineContract, TwoAtOnceDoNotKnowOfEachOther) {
  const auto live = [this](const std::string& name) {
    auto machine = start(name);
    if (!machine) throw std::runtime_error(machine.error().message);
    Booted guest(**machine, Limits());
    guest.perform(write_to("/tmp/whose", name));
    ReadStep read;
    read.file = "/tmp/whose";
    EXPECT_EQ(guest.perform(step(read)).data, name);
  };
  driver();                          // before the two ask for it
  std::thread other(live, "other");  // a machine ends with the thread that started it
  live("one");
  other.join();
}

TEST_P(MachineContract, WhatAKilledLabctlLeavesIsGoneAfterTheNextStart) {
  const auto lab = home_.put_lab("hang", source("harness/tests/e2e/modules/init-hang.c"),
                                 "      - load: init-hang\n        limit: 5min\n");
  const fs::path run = folder_.path() / "run";
  std::vector<std::string> arguments = {"run", lab, "--kernel", "6.1", "--accel", "tcg", "--run-dir", run};
  if (GetParam() != Kind::qemu) arguments.insert(arguments.end(), {"--connect", uri()});
  auto child = start_process(home_.command(arguments), false);
  ASSERT_TRUE(child) << child.error().message;
  // The event to wait for: the module has said that it is being loaded.
  while (slurp(run / "hang/01-the-test/console.log").find("init_hang") == std::string::npos) {
    ASSERT_FALSE(child->poll_end()) << "labctl ended by itself";
    ::poll(nullptr, 0, 10);
  }
  const std::string left_by = GetParam() == Kind::libvirtd ? fmt::format("-{}-", child->pid()) : mark();
  ::kill(child->pid(), SIGKILL);
  child->terminate(milliseconds(0));
  open_host();
  close_host();
  // A QEMU of our own is ended by the kernel, which does not say when.
  while (GetParam() == Kind::qemu && !qemus_mentioning(left_by).empty())
    ::poll(nullptr, 0, 10);
  EXPECT_THAT(qemus_mentioning(left_by), IsEmpty());
  if (daemon_) {
    EXPECT_EQ(daemon_->machines(), "");
  }
}

}  // namespace
}  // namespace labctl::e2e
