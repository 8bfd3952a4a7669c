#include "virt/libvirt_host.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "embedded_root.hpp"
#include "errors.hpp"
#include "libvirt_driver.hpp"
#include "stale_machines.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "vm/host_tsc.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// libvirt's numbers: 9000000 is 9.0.0.
std::string version_text(unsigned long number) {
  return fmt::format("{}.{}.{}", number / 1'000'000, number / 1000 % 1000, number % 1000);
}

fs::path folder_from(const char* variable, const fs::path& below_home) {
  if (const char* set = ::getenv(variable); set != nullptr && *set == '/') return set;
  const char* home = ::getenv("HOME");
  return home != nullptr ? home / below_home : fs::path();
}

// A new folder with a short name, as sockets need, only for this user.
Result<fs::path> make_socket_folder() {
  const char* runtime = ::getenv("XDG_RUNTIME_DIR");
  std::string name = (runtime != nullptr && *runtime == '/' ? fs::path(runtime) : fs::path("/tmp")) / "labctl-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return system_error("cannot make a folder for sockets,", name, errno);
  return fs::path(name);
}

class Host final : public LibvirtHost {
 public:
  explicit Host(std::shared_ptr<Connection> connection) : parts_(std::make_unique<HostParts>()) {
    parts_->connection = std::move(connection);
    parts_->owner = this_process();
  }

  ~Host() override {
    EventLoop& loop = parts_->connection->loop();
    // Machines end here. What the loop still holds of them it lets go of in the rounds that follow.
    const std::shared_ptr<Connection> connection = parts_->connection;
    parts_.reset();
    for (int round = 0; round < 2; ++round)
      loop.run_and_wait([] {});
    std::error_code ignored;
    if (!own_sockets_.empty()) fs::remove_all(own_sockets_, ignored);
  }

  Status prepare(const Cache& cache, StopToken stop) {
    parts_->stop = stop;
    const LibvirtUri& uri = parts_->connection->uri();
    if (auto asked = ask_abilities(); !asked) return asked;
    parts_->tsc_khz = uri.host.empty() ? host_tsc_khz(cache) : parts_->abilities.tsc_khz;
    auto strange = end_stale_machines(*parts_->connection, parts_->undertaker);
    if (!strange) return fail(strange.error());
    strange_ = std::move(*strange);
    return choose_folders();
  }

  std::unique_ptr<MachineDriver> make_driver(const Limits& limits) override {
    return make_libvirt_driver(*parts_, limits);
  }

  std::string kvm_obstacle() const override {
    if (parts_->abilities.kvm) return {};
    return parts_->connection->uri().text + " offers no KVM";
  }

  std::string kvm_stamp() const override {
    return fmt::format("kvm of libvirt 1\n{}\n{}\n{}\n{}", parts_->connection->uri().text, parts_->abilities.id,
                       parts_->abilities.emulator, versions());
  }

  std::optional<std::string> snapshot_dependencies(const MachineSpec&) const override { return std::nullopt; }

  std::size_t machines_at_once(int memory_mib) const override {
    if (parts_->connection->uri().host.empty()) return make_local_host({}, "")->machines_at_once(memory_mib);
    const LibvirtApi& api = parts_->connection->api();
    virNodeInfo node{};
    if (api.virNodeGetInfo(parts_->connection->get(), &node) < 0) return 1;
    const auto free_mib = api.virNodeGetFreeMemory(parts_->connection->get()) >> 20U;
    return std::clamp<std::size_t>(free_mib / 2 / static_cast<std::size_t>(memory_mib + 30), 1,
                                   std::max(1U, node.cpus));
  }

  const LibvirtUri& uri() const override { return parts_->connection->uri(); }
  const HostAbilities& abilities() const override { return parts_->abilities; }
  std::string pool() const override { return parts_->volumes ? parts_->volumes->name() : ""; }
  std::vector<std::string> strange_machines() const override { return strange_; }

  std::string versions() const override {
    const LibvirtApi& api = parts_->connection->api();
    unsigned long libvirt = 0, qemu = 0;
    static_cast<void>(api.virConnectGetLibVersion(parts_->connection->get(), &libvirt));
    static_cast<void>(api.virConnectGetVersion(parts_->connection->get(), &qemu));
    return fmt::format("libvirt {}, QEMU {}", version_text(libvirt), version_text(qemu));
  }

 private:
  Status ask_abilities() {
    const Connection& connection = *parts_->connection;
    char* xml = connection.api().virConnectGetCapabilities(connection.get());
    if (xml == nullptr)
      return fail(connection.error(fmt::format("cannot ask {} what it can do", connection.uri().text)));
    const auto abilities = parse_capabilities(xml);
    ::free(xml);
    if (!abilities || !abilities->qemu || !(abilities->microvm || abilities->pc))
      return fail(Fault::harness, fmt::format("{} has no QEMU for x86-64 machines", connection.uri().text),
                  connection.uri().host.empty()
                      ? "apt-get install qemu-system-x86"
                      : fmt::format("on {}: apt-get install qemu-system-x86", connection.uri().host));
    parts_->abilities = *abilities;
    return {};
  }

  // Where sockets and files are, as the host sees them.
  Status choose_folders() {
    const LibvirtUri& uri = parts_->connection->uri();
    if (uri.is_embedded()) {
      parts_->sockets = uri.root / "run";
      parts_->qemu_logs = uri.root / "log" / "qemu";
      return {};
    }
    if (uri.is_this_user()) {
      auto folder = make_socket_folder();
      if (!folder) return fail(folder.error());
      own_sockets_ = parts_->sockets = *folder;
      parts_->qemu_logs = folder_from("XDG_CACHE_HOME", ".cache") / "libvirt" / "qemu" / "log";
      return {};
    }
    auto volumes = Volumes::open(parts_->connection);
    if (!volumes) return fail(volumes.error());
    parts_->volumes = std::move(*volumes);
    parts_->volumes->sweep();
    return {};
  }

  std::unique_ptr<HostParts> parts_;
  std::vector<std::string> strange_;
  fs::path own_sockets_;
};

// libvirt's own default, as far as it is known before libvirt is asked: an embedded driver's folder must be made first.
std::string known_default() {
  const char* set = ::getenv("LIBVIRT_DEFAULT_URI");
  return set != nullptr ? set : "";
}

// As the libvirt that runs in this process needs it.
Status prepare_embedded(const std::string& uri) {
  if (uri.empty()) return {};
  const auto parsed = parse_libvirt_uri(uri);
  if (!parsed) return fail(parsed.error());
  return parsed->is_embedded() ? prepare_embedded_root(parsed->root) : Status();
}

}  // namespace

Result<std::unique_ptr<LibvirtHost>> open_libvirt_host(const std::string& given, const Cache& cache, Progress& progress,
                                                       StopToken stop) {
  const std::string uri = given.empty() ? known_default() : given;
  if (auto prepared = prepare_embedded(uri); !prepared) return fail(prepared.error());
  auto connection = Connection::open(uri);
  if (!connection) return fail(connection.error());
  auto host = std::make_unique<Host>(std::move(*connection));
  if (auto prepared = host->prepare(cache, stop); !prepared) return fail(prepared.error());
  if (!host->strange_machines().empty())
    progress.note(fmt::format("{} has machines of labctl that were started elsewhere, and are left alone: {}",
                              host->uri().text, join(host->strange_machines(), ", ")));
  return host;
}

Result<PrunedVolumes> prune_libvirt_volumes(const std::string& uri, std::chrono::hours unused) {
  auto connection = Connection::open(uri);
  if (!connection) return fail(connection.error());
  if ((*connection)->uri().is_this_user()) return PrunedVolumes{};
  auto volumes = Volumes::open(std::move(*connection));
  if (!volumes) return fail(volumes.error());
  auto removed = (*volumes)->prune(unused);
  if (!removed) return fail(removed.error());
  return PrunedVolumes{(*volumes)->name(), removed->volumes, removed->bytes};
}

}  // namespace labctl
