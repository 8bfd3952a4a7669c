#include "libvirt_driver.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "machine_state.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// A random one (RFC 9562, version 4).
std::string new_uuid() {
  std::random_device random;
  const unsigned a = random(), b = random(), c = random(), d = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", a, b >> 16U, b & 0xfffU, 0x8000U | (c >> 18U),
                     c & 0xffffU, d);
}

class LibvirtMachine final : public Machine {
 public:
  LibvirtMachine(std::shared_ptr<MachineState> state, Fd agent) : state_(std::move(state)), agent_(std::move(agent)) {}
  ~LibvirtMachine() override { state_->stop(); }

  int agent_fd() const override { return agent_.get(); }
  std::optional<MachineEnd> ended() const override { return state_->ended(); }
  std::optional<MachineEnd> wait_end(std::chrono::milliseconds limit) override { return state_->wait_end(limit); }
  std::string console_tail(std::size_t max_bytes) const override { return state_->console_tail(max_bytes); }
  void stop() override { state_->stop(); }
  void interrupt() override { state_->interrupt(); }

  // Never asked for: such a host has no snapshot_dependencies().
  Status save(const std::string&) override {
    return fail(Fault::harness, "machines are not saved through libvirt", "run with --cold");
  }
  std::string agent_said() const override { return {}; }

 private:
  const std::shared_ptr<MachineState> state_;
  const Fd agent_;
};

class VolumeDisk final : public Disk {
 public:
  VolumeDisk(Volumes& volumes, std::string name, fs::path path)
      : volumes_(volumes), name_(std::move(name)), path_(std::move(path)) {}
  ~VolumeDisk() override { volumes_.remove(name_); }
  fs::path path() const override { return path_; }

 private:
  Volumes& volumes_;
  const std::string name_;
  const fs::path path_;
};

class LibvirtDriver final : public MachineDriver {
 public:
  LibvirtDriver(HostParts& host, const Limits& limits) : host_(host), limits_(limits) {}

  Result<std::unique_ptr<Machine>> start(const MachineSpec& given) override {
    auto spec = with_files_there(given);
    if (!spec) return fail(spec.error());
    const int number = ++host_.machines;
    auto plan = plan_for(*spec, number);
    if (!plan) return fail(plan.error());
    const std::string xml = domain_xml(*spec, *plan);
    if (auto kept = write_file(spec->folder / "domain.xml", xml); !kept) return fail(kept.error());

    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      return fail(Fault::harness, fmt::format("cannot create a socket pair: {}", std::strerror(errno)));
    Fd ours(ends[0]), theirs(ends[1]);
    const auto log = spec->folder / "console.log";
    Fd console_log(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!console_log) return system_error("cannot write", log, errno);
    auto state = MachineState::create(
        {.connection = host_.connection,
         .undertaker = host_.undertaker,
         .console_log = std::move(console_log),
         .agent = std::move(theirs),
         .qemu_log = host_.qemu_logs.empty() ? fs::path() : host_.qemu_logs / (plan->name + ".log"),
         .console_socket = plan->console_socket,
         .volumes = host_.volumes.get(),
         .console_volume = own_volume_name("console", host_.owner, number),
         .console_file = log,
         .limits = limits_});
    if (!state) return fail(state.error());
    auto machine = std::make_unique<LibvirtMachine>(*state, std::move(ours));
    host_.connection->watch(plan->uuid, *state);
    // For a daemon's machines the connection is a life line: if this process is killed, they go with it. The embedded
    // driver refuses that; it would go at the same time.
    const bool ends_with_connection = !host_.connection->uri().is_embedded();
    if (auto started = (*state)->start(xml, ends_with_connection); !started) return fail(started.error());
    return machine;
  }

  Result<std::unique_ptr<Disk>> make_disk(const fs::path& folder, int mib) override {
    if (!host_.volumes) return MachineDriver::make_disk(folder, mib);
    std::string name = own_volume_name("disk", host_.owner, ++host_.machines);
    auto path = host_.volumes->make(name, static_cast<std::uint64_t>(mib) << 20U);
    if (!path) return fail(path.error());
    return std::make_unique<VolumeDisk>(*host_.volumes, std::move(name), std::move(*path));
  }

 private:
  Result<DomainPlan> plan_for(const MachineSpec& spec, int number) {
    DomainPlan plan;
    plan.name = fmt::format("labctl-{}-{}", owner_text(host_.owner), number);
    plan.uuid = new_uuid();
    plan.owner = host_.owner;
    plan.run = fs::absolute(spec.folder).string();
    plan.microvm = host_.abilities.microvm;
    plan.tsc_khz = host_.tsc_khz;
    if (!host_.volumes) {
      // Short: a socket's path has at most 107 characters (unix(7)).
      plan.console_socket =
          host_.sockets / fmt::format("labctl-{}-{}-{}", host_.owner.place.substr(0, 8), host_.owner.pid, number);
      return plan;
    }
    auto log = host_.volumes->make(own_volume_name("console", host_.owner, number), 0);
    if (!log) return fail(log.error());
    plan.console_log = std::move(*log);
    return plan;
  }

  // The files that a machine starts from are those that the host can read.
  Result<MachineSpec> with_files_there(MachineSpec spec) {
    if (!host_.volumes) return spec;
    const bool pvh = spec.pvh && host_.abilities.microvm && !needs_pci(spec);
    for (fs::path* file : {pvh ? &spec.vmlinux : &spec.bzimage, &spec.initramfs}) {
      auto there = host_.volumes->bring(*file, host_.stop);
      if (!there) return fail(there.error());
      *file = std::move(*there);
    }
    return spec;
  }

  HostParts& host_;
  const Limits limits_;
};

}  // namespace

std::unique_ptr<MachineDriver> make_libvirt_driver(HostParts& host, const Limits& limits) {
  return std::make_unique<LibvirtDriver>(host, limits);
}

}  // namespace labctl
