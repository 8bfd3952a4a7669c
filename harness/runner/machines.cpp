#include "machines.hpp"

#include <algorithm>

#include "guest/session.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

MachineSpec machine_spec(const Kernel& kernel, const fs::path& initramfs, Accelerator accelerator, bool kmemleak) {
  const bool debug = kernel.identity.flavour == "debug";
  MachineSpec machine;
  machine.vmlinux = kernel.vmlinux();
  machine.bzimage = kernel.bzimage();
  machine.pvh = !debug;
  machine.initramfs = initramfs;
  // KASAN's shadow takes an eighth, its quarantine and lockdep's tables much of the rest.
  machine.memory_mib = debug ? 512 : 128;
  machine.accelerator = accelerator;
  // It costs something with every allocation, and cannot be switched on later.
  if (debug && !kmemleak) machine.command_line = "kmemleak=off";
  return machine;
}

Status boot_once(const Kernel& kernel, MachineHost& host, Accelerator accelerator, const RunnerParts& parts,
                 const Limits& limits) {
  auto initramfs = obtain_initramfs(parts.cache, parts.initramfs, parts.stop);
  if (!initramfs) return fail(initramfs.error());
  auto folder = TempDir::create(parts.cache.tmp(), "probe");
  if (!folder) return fail(folder.error());
  MachineSpec machine = machine_spec(kernel, *initramfs, accelerator);
  machine.folder = folder->path();
  Limits quick = limits;
  if (accelerator == Accelerator::kvm) quick.boot = limits.kvm_probe;
  const auto driver = host.make_driver(quick);
  auto started = driver->start(machine);
  if (!started) return fail(started.error());
  return Session(**started, quick, parts.stop).wait_ready();
}

Result<std::unique_ptr<Machines>> Machines::open(const Lab& lab, MachineHost& host, const Kernel& kernel,
                                                 const RunOptions& options, const RunnerParts& parts) {
  auto initramfs = obtain_initramfs(parts.cache, parts.initramfs, parts.stop);
  if (!initramfs) return fail(initramfs.error());
  const auto boots = [&](Accelerator accelerator) {
    return boot_once(kernel, host, accelerator, parts, options.limits);
  };
  auto choice = choose_accelerator(options.accelerator, parts.cache, host, boots);
  if (!choice) return fail(choice.error());
  if (choice->probed) parts.progress.note(choice->reason + "; remembered for this machine");
  return std::unique_ptr<Machines>(new Machines(lab, options, parts, host, *initramfs, choice->accelerator));
}

Machines::Machines(const Lab& lab, const RunOptions& options, const RunnerParts& parts, MachineHost& host,
                   fs::path initramfs, Accelerator accelerator)
    : lab_(lab),
      options_(options),
      parts_(parts),
      initramfs_(std::move(initramfs)),
      accelerator_(accelerator),
      driver_(host.make_driver(options.limits)),
      host_(host),
      snapshots_(parts.cache, host, *driver_, options.limits, parts.progress, parts.stop) {}

Machines::Kind Machines::kind_of(const TestRun& run) {
  return {run.flavour, run.cpus, run.kmemleak};
}

Status Machines::prepare(const Kernel& kernel, const TestRun& run) {
  const auto [kind, fresh] = kinds_.try_emplace(kind_of(run));
  if (!fresh) return {};
  MachineSpec& machine = kind->second;
  machine = machine_spec(kernel, initramfs_, accelerator_, run.kmemleak);
  machine.cpus = run.cpus;
  if (lab_.memory_mib > 0) machine.memory_mib = lab_.memory_mib;
  machine.devices = lab_.devices;
  machine.disk_mib = lab_.disk_mib;
  if (!lab_.command_line.empty()) machine.command_line += (machine.command_line.empty() ? "" : " ") + lab_.command_line;
  if (options_.cold) return {};
  auto snapshot = snapshots_.obtain(machine, kernel.identity.key + " " + initramfs_.parent_path().filename().string());
  if (!snapshot) return fail(snapshot.error());
  machine.snapshot = *snapshot;
  return {};
}

TestMachine Machines::machine(const Bench& bench, const TestRun& run, const fs::path& folder, std::string seed) {
  const MachineSpec& kind = kinds_.at(kind_of(run));
  TestMachine machine{*driver_,
                      kind,
                      bench.files,
                      bench.builds,
                      bench.kernel,
                      run.kmemleak,
                      std::move(seed),
                      parts_.cache.tmp(),
                      [this, &kind](const Error& why) { snapshots_.discard(kind.snapshot, why); }};
  machine.spec.folder = folder;
  return machine;
}

bool Machines::restored(const TestRun& run) const {
  return kinds_.at(kind_of(run)).snapshot.use == Snapshot::Use::restore;
}

std::size_t Machines::at_once() const {
  int most = 0;
  for (const auto& [what, machine] : kinds_)
    most = std::max(most, machine.memory_mib);
  return host_.machines_at_once(most);
}

Status Machines::blame_the_cache(const Kernel& kernel) const {
  if (auto whole = parts_.cache.verify("kernels", kernel.identity.key); !whole) return whole;
  return parts_.cache.verify("initramfs", initramfs_.parent_path().filename());
}

}  // namespace labctl
