// Prints three numbers for each round: the milliseconds from QEMU's start to the agent's ready, booted; to its first
// answer, restored; and the kilobytes that the restored machine shares with nobody.
//   bench_boot KERNEL_FOLDER FLAVOUR AGENT OVERLAY ROUNDS
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "guest/session.hpp"
#include "image/image.hpp"
#include "process/process.hpp"
#include "runner/lab_runner.hpp"
#include "vm/qemu.hpp"

namespace {

using namespace labctl;
namespace fs = std::filesystem;

struct Round {
  double booted_ms = 0;
  double restored_ms = 0;
  long private_kb = 0;
};

// What /proc says of the only process that this one has started and that still runs: QEMU.
long private_kb_of_child() {
  std::ifstream children(fmt::format("/proc/self/task/{}/children", ::getpid()));
  std::string child, name;
  children >> child;
  std::ifstream rollup(fmt::format("/proc/{}/smaps_rollup", child));
  long sum = 0, kb = 0;
  while (rollup >> name) {
    if (name == "Private_Clean:" || name == "Private_Dirty:")
      if (rollup >> kb) sum += kb;
  }
  return sum;
}

Status save(MachineDriver& driver, MachineSpec spec, const fs::path& saved) {
  fs::create_directory(saved);
  spec.snapshot = {Snapshot::Use::save, saved};
  auto machine = driver.start(spec);
  if (!machine) return fail(machine.error());
  Session session(**machine, Limits(), StopToken());
  if (auto ready = session.wait_ready(); !ready) return ready;
  return session.save();
}

Result<Round> measure_round(MachineDriver& driver, MachineSpec spec, const fs::path& saved) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point began) {
    return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  };
  Round round;
  {
    const auto began = Clock::now();
    auto machine = driver.start(spec);
    if (!machine) return fail(machine.error());
    if (auto ready = Session(**machine, Limits(), StopToken()).wait_ready(); !ready) return fail(ready.error());
    round.booted_ms = since(began);
  }
  spec.snapshot = {Snapshot::Use::restore, saved};
  const auto began = Clock::now();
  auto machine = driver.start(spec);
  if (!machine) return fail(machine.error());
  Session session(**machine, Limits(), StopToken());
  if (auto ready = session.wait_ready(); !ready) return fail(ready.error());
  if (auto answered = session.settle(std::chrono::milliseconds(0)); !answered) return fail(answered.error());
  round.restored_ms = since(began);
  round.private_kb = private_kb_of_child();
  return round;
}

Status measure(const Kernel& kernel, const InitramfsSources& sources, int rounds) {
  const fs::path scratch = fs::temp_directory_path() / fmt::format("labctl-bench-{}", ::getpid());
  auto cache = Cache::open(scratch);
  if (!cache) return fail(cache.error());
  auto qemu = find_qemu(*cache, StopToken());
  if (!qemu) return fail(qemu.error());
  auto initramfs = obtain_initramfs(*cache, sources, StopToken());
  if (!initramfs) return fail(initramfs.error());
  const auto driver = make_qemu_driver(*qemu, Limits());
  MachineSpec spec = machine_spec(kernel, *initramfs, Accelerator::tcg);
  spec.folder = scratch;
  Status status = save(*driver, spec, scratch / "saved");
  for (int i = 0; i < rounds && status; ++i) {
    auto round = measure_round(*driver, spec, scratch / "saved");
    if (round)
      fmt::print("{:.1f} {:.1f} {}\n", round->booted_ms, round->restored_ms, round->private_kb);
    else
      status = fail(round.error());
  }
  fs::remove_all(scratch);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: bench_boot KERNEL_FOLDER FLAVOUR AGENT OVERLAY ROUNDS\n");
    return 2;
  }
  const auto busybox = find_program("busybox");
  Kernel kernel;
  kernel.folder = argv[1];
  kernel.identity.flavour = argv[2];
  const auto measured = measure(kernel, {busybox.value_or("busybox"), argv[3], argv[4]}, std::atoi(argv[5]));
  if (measured) return 0;
  fmt::print(stderr, "bench_boot: {}\n", measured.error().message);
  return 3;
}
