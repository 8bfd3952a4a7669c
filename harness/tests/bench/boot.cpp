// Starts a machine for each line that it reads, and answers it with two numbers: the milliseconds from QEMU's start to
// the agent's ready for the line "boot", to its first answer for "restore"; and the kilobytes that the machine shares
// with nobody.
//   bench_boot KERNEL_FOLDER FLAVOUR AGENT OVERLAY
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "guest/session.hpp"
#include "image/image.hpp"
#include "process/process.hpp"
#include "runner/lab_runner.hpp"
#include "vm/qemu.hpp"

namespace {

using namespace labctl;
namespace fs = std::filesystem;

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

Status measure_machine(MachineDriver& driver, const MachineSpec& spec) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  auto machine = driver.start(spec);
  if (!machine) return fail(machine.error());
  Session session(**machine, Limits(), StopToken());
  if (auto ready = session.wait_ready(); !ready) return ready;
  if (spec.snapshot.use == Snapshot::Use::restore) {
    if (auto answered = session.settle(std::chrono::milliseconds(0)); !answered) return fail(answered.error());
  }
  const std::chrono::duration<double, std::milli> took = Clock::now() - began;
  fmt::print("{:.1f} {}\n", took.count(), private_kb_of_child());
  std::fflush(stdout);
  return Status();
}

Status measure(const Kernel& kernel, const InitramfsSources& sources) {
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
  MachineSpec restored = spec;
  restored.snapshot = {Snapshot::Use::restore, scratch / "saved"};
  Status status = save(*driver, spec, scratch / "saved");
  for (std::string line; status && std::getline(std::cin, line);)
    status = measure_machine(*driver, line == "restore" ? restored : spec);
  fs::remove_all(scratch);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: bench_boot KERNEL_FOLDER FLAVOUR AGENT OVERLAY\n");
    return 2;
  }
  const auto busybox = find_program("busybox");
  Kernel kernel;
  kernel.folder = argv[1];
  kernel.identity.flavour = argv[2];
  const auto measured = measure(kernel, {busybox.value_or("busybox"), argv[3], argv[4]});
  if (measured) return 0;
  fmt::print(stderr, "bench_boot: {}\n", measured.error().message);
  return 3;
}
