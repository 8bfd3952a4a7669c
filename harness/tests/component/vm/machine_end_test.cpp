// Whose fault it is that a machine ended, as QEMU tells it: played by a script that says what QEMU says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.hpp"
#include "vm/qemu.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class MachineEndTest : public testing::Test {
 protected:
  // What happens once the machine runs: lines of a bash script, in which QMP is descriptor 902.
  MachineEnd end_of(const std::string& script) const {
    const fs::path program = folder_.path() / "qemu";
    std::ofstream(program) << "#!/bin/bash\nread -r greeting <&902\necho '{\"return\": {}}' >&902\n" << script;
    fs::permissions(program, fs::perms::owner_all);
    MachineSpec spec;
    spec.folder = folder_.path();
    const auto driver = make_qemu_driver({program, "7.2", true, "1"}, {});
    auto machine = driver->start(spec);
    if (!machine) throw std::runtime_error(machine.error().message);
    const auto end = (*machine)->wait_end(std::chrono::seconds(60));
    if (!end) throw std::runtime_error("the machine still runs");
    return *end;
  }

  const test::TemporaryFolder folder_;
};

// QEMU has stopped the guest and goes on: it must be ended.
TEST_F(MachineEndTest, ADiskThatTheHostCannotKeepIsTheHosts) {
  const auto end = end_of(
      "echo '{\"event\": \"BLOCK_IO_ERROR\", \"data\": {\"reason\": \"No space left on device\", \"action\": "
      "\"stop\"}}' "
      ">&902\nexec sleep 600\n");
  EXPECT_EQ(end.cause, MachineEnd::Cause::host);
  EXPECT_EQ(end.detail, "the host could not keep the guest's disk: No space left on device");
}

TEST_F(MachineEndTest, ADiskThatFailsAfterAResetIsTheHosts) {
  const auto end = end_of(
      "echo '{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}' >&902\n"
      "echo '{\"event\": \"BLOCK_IO_ERROR\", \"data\": {\"reason\": \"Input/output error\"}}' >&902\nexec sleep 600\n");
  EXPECT_EQ(end.cause, MachineEnd::Cause::host);
  EXPECT_THAT(end.detail, HasSubstr("Input/output error"));
}

TEST_F(MachineEndTest, ADeviceThatTheGuestProgrammedWronglyIsTheGuests) {
  const auto end =
      end_of("echo 'qemu: hardware error: EDU: clamping DMA 0x0' >&2\necho 'CPU #0:' >&2\nkill -ABRT $$\n");
  EXPECT_EQ(end.cause, MachineEnd::Cause::guest);
  EXPECT_EQ(end.detail, "qemu: hardware error: EDU: clamping DMA 0x0");
}

TEST_F(MachineEndTest, AnAbortOfItsOwnIsTheHosts) {
  const auto end = end_of("echo 'qemu: ../softmmu/memory.c: Assertion failed' >&2\nkill -ABRT $$\n");
  EXPECT_EQ(end.cause, MachineEnd::Cause::host);
  EXPECT_THAT(end.detail, testing::AllOf(HasSubstr("SIGABRT"), HasSubstr("Assertion failed")));
}

TEST_F(MachineEndTest, WordsOfADeviceWithoutAnAbortAreTheHosts) {
  EXPECT_EQ(end_of("echo 'qemu: hardware error: none' >&2\nexit 1\n").cause, MachineEnd::Cause::host);
}

TEST_F(MachineEndTest, AResetIsTheGuests) {
  const auto end = end_of(
      "echo '{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}' >&902\nexit 0\n");
  EXPECT_EQ(end.cause, MachineEnd::Cause::guest);
  EXPECT_EQ(end.detail, "guest-reset");
}

}  // namespace
}  // namespace labctl
