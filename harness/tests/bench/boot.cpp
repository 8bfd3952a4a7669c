// Prints the milliseconds from QEMU's start to the agent's ready, one line a boot.
//   bench_boot KERNEL_FOLDER AGENT OVERLAY BOOTS
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "guest/session.hpp"
#include "image/image.hpp"
#include "process/process.hpp"
#include "vm/qemu.hpp"

namespace {

using namespace labctl;
namespace fs = std::filesystem;

Result<double> boot(MachineDriver& driver, const MachineSpec& spec) {
  const auto began = std::chrono::steady_clock::now();
  auto machine = driver.start(spec);
  if (!machine) return fail(machine.error());
  if (auto ready = Session(**machine, Limits(), StopToken()).wait_ready(); !ready) return fail(ready.error());
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

Status measure(const fs::path& kernel, const InitramfsSources& sources, int boots) {
  const fs::path scratch = fs::temp_directory_path() / fmt::format("labctl-bench-{}", ::getpid());
  auto cache = Cache::open(scratch);
  if (!cache) return fail(cache.error());
  auto qemu = find_qemu(*cache, StopToken());
  if (!qemu) return fail(qemu.error());
  auto initramfs = obtain_initramfs(*cache, sources, StopToken());
  if (!initramfs) return fail(initramfs.error());
  const auto driver = make_qemu_driver(*qemu, Limits());
  MachineSpec spec;
  spec.vmlinux = kernel / "vmlinux";
  spec.bzimage = kernel / "bzImage";
  spec.initramfs = *initramfs;
  spec.folder = scratch;
  Status status;
  for (int i = 0; i < boots && status; ++i) {
    auto took = boot(*driver, spec);
    if (took)
      fmt::print("{:.1f}\n", *took);
    else
      status = fail(took.error());
  }
  fs::remove_all(scratch);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: bench_boot KERNEL_FOLDER AGENT OVERLAY BOOTS\n");
    return 2;
  }
  const auto busybox = find_program("busybox");
  const auto measured = measure(argv[1], {busybox.value_or("busybox"), argv[2], argv[3]}, std::atoi(argv[4]));
  if (measured) return 0;
  fmt::print(stderr, "bench_boot: {}\n", measured.error().message);
  return 3;
}
