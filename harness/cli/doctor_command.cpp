#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "connection_choice.hpp"
#include "doctor_connection.hpp"
#include "host_finding.hpp"
#include "process/process.hpp"
#include "process/sandbox.hpp"
#include "runner/lab_runner.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t disk_needed = 4ULL << 30;  // a kernel tree unpacked and built takes under 3 GB

struct Tool {
  const char* program;
  const char* package;
  const char* purpose;
};

constexpr Tool build_tools[] = {
    {"gcc", "gcc", "compiles kernels and modules"},
    {"make", "make", "builds kernels and modules"},
    {"flex", "flex", "builds kernels"},
    {"bison", "bison", "builds kernels"},
    {"bc", "bc", "builds kernels"},
    {"ld", "binutils", "links kernels and modules"},
    {"perl", "perl", "builds kernels"},
};

constexpr Tool headers[] = {
    {"/usr/include/gelf.h", "libelf-dev", "builds kernels"},
    {"/usr/include/openssl/opensslv.h", "libssl-dev", "builds kernels"},
};

HostFinding check_qemu(const Result<QemuProgram>& qemu) {
  if (!qemu) return {Health::bad, "QEMU", qemu.error().message, qemu.error().hint};
  if (!qemu->microvm)
    return {Health::warning, "QEMU", qemu->version + ", without the microvm machine: guests boot slower on pc",
            "install QEMU 4.2 or newer"};
  return {Health::good, "QEMU", fmt::format("{} ({}), with microvm", qemu->version, qemu->program.string()), ""};
}

void check_tools(std::vector<HostFinding>& findings) {
  std::vector<std::string> missing, packages;
  for (const auto& tool : build_tools)
    if (!find_program(tool.program)) {
      missing.push_back(fmt::format("{} ({})", tool.program, tool.purpose));
      packages.push_back(tool.package);
    }
  std::error_code ignored;
  const fs::path multiarch = "/usr/include/x86_64-linux-gnu";
  for (const auto& header : headers) {
    const fs::path file = header.program;
    if (fs::exists(file, ignored) || fs::exists(multiarch / file.lexically_relative("/usr/include"), ignored)) continue;
    missing.push_back(fmt::format("{} ({})", header.program, header.purpose));
    packages.push_back(header.package);
  }
  if (missing.empty())
    findings.push_back({Health::good, "build tools", "gcc, make, flex, bison, bc, libelf, openssl", ""});
  else
    findings.push_back(
        {Health::bad, "build tools", "missing: " + join(missing, ", "), "apt-get install " + join(packages, " ")});
  findings.push_back(find_program("ccache")
                         ? HostFinding{Health::good, "ccache", "found: a kernel built again takes a fraction", ""}
                         : HostFinding{Health::warning, "ccache",
                                       "not installed: every kernel build starts from nothing",
                                       "apt-get install ccache"});
}

HostFinding check_busybox() {
  const auto busybox = find_program("busybox");
  if (!busybox) return {Health::bad, "busybox", "not installed", "apt-get install busybox-static"};
  auto is_static = is_static_program(*busybox);
  if (!is_static) return {Health::bad, "busybox", is_static.error().message, "apt-get install busybox-static"};
  if (!*is_static)
    return {Health::bad, "busybox", busybox->string() + " needs shared libraries, which the guest does not have",
            "apt-get install busybox-static"};
  return {Health::good, "busybox", busybox->string() + ", static", ""};
}

HostFinding check_sandbox(StopToken stop) {
  if (auto works = probe_sandbox(stop); !works)
    return {Health::bad, "sandbox", works.error().message, works.error().hint};
  return {Health::good, "sandbox", "bubblewrap works: modules are built without network, home or writable host", ""};
}

HostFinding check_disk(const fs::path& folder) {
  std::error_code error;
  const auto space = fs::space(folder, error);
  if (error) return {Health::bad, "disk", fmt::format("cannot ask {}: {}", folder.string(), error.message()), ""};
  const std::string detail = fmt::format("{} free in {}", human_size(space.available), folder.string());
  if (space.available < disk_needed)
    return {Health::warning, "disk",
            fmt::format("{}; building a kernel takes up to {}", detail, human_size(disk_needed)),
            "free some space, or keep the cache elsewhere: XDG_CACHE_HOME=DIR"};
  return {Health::good, "disk", detail, ""};
}

// The first kernel that is built, the default one first.
std::optional<Kernel> any_kernel(const std::vector<KernelListing>& kernels) {
  for (const auto& kernel : kernels)
    if (kernel.built) return kernel.built;
  return std::nullopt;
}

void check_kernels(const std::vector<KernelListing>& kernels, std::vector<HostFinding>& findings) {
  for (const auto& kernel : kernels) {
    if (kernel.flavour != "release") continue;
    const std::string subject = "kernel " + kernel.name;
    if (kernel.built)
      findings.push_back({Health::good, subject, fmt::format("{} is built", kernel.built->identity.release), ""});
    else
      findings.push_back(
          {Health::warning, subject, "not built; " + kernel.description, "labctl kernel build " + kernel.name});
  }
}

HostFinding check_acceleration(const std::optional<Kernel>& kernel, const Result<QemuProgram>& qemu,
                               const RunnerParts& parts) {
  if (!qemu) return {Health::warning, "acceleration", "not tried: there is no QEMU", ""};
  if (!kernel)
    return {Health::warning, "acceleration", "not tried: it takes a kernel to boot", "labctl kernel build 6.1"};
  const auto host = make_local_host(*qemu, "/dev/kvm");
  const auto boots = [&](Accelerator accelerator) { return boot_once(*kernel, *host, accelerator, parts, Limits()); };
  auto choice = choose_accelerator(AcceleratorMode::automatic, parts.cache, *host, boots);
  if (!choice) return {Health::bad, "acceleration", choice.error().message, choice.error().hint};
  if (choice->accelerator == Accelerator::kvm) return {Health::good, "acceleration", choice->reason, ""};
  // Emulation is proved as well: it is what every lab will run on.
  if (auto booted = boots(Accelerator::tcg); !booted)
    return {Health::bad, "acceleration", booted.error().message, booted.error().hint};
  const bool refused = ::access("/dev/kvm", F_OK) == 0 && ::access("/dev/kvm", R_OK | W_OK) != 0;
  return {Health::warning, "acceleration", fmt::format("emulated CPU, which works ({})", choice->reason),
          refused ? "for speed: adduser YOU kvm, then log in again" : ""};
}

void print(const HostFinding& finding, bool color) {
  static constexpr const char* words[] = {"ok", "note", "PROBLEM"};
  static constexpr const char* colors[] = {"\x1b[32m", "\x1b[33m", "\x1b[31m"};
  const auto which = static_cast<std::size_t>(finding.health);
  const std::string word = fmt::format("{:<8}", words[which]);
  fmt::print("{}{}{} {:<13} {}\n", color ? colors[which] : "", word, color ? "\x1b[0m" : "", finding.subject,
             printable(finding.detail));
  if (!finding.mend.empty()) fmt::print("{:<22} -> {}\n", "", finding.mend);
}

Result<ExitCode> doctor(const std::string& connection, Context& context) {
  auto uri = choose_uri(connection);
  if (!uri) return fail(uri.error());
  std::vector<HostFinding> findings;
  auto cache = context.open_cache();
  if (!cache) {
    findings.push_back({Health::bad, "cache", cache.error().message, cache.error().hint});
  } else {
    findings.push_back({Health::good, "cache", cache->root().string() + " is writable", ""});
    findings.push_back(check_disk(cache->root()));
  }
  check_tools(findings);
  findings.push_back(check_busybox());
  findings.push_back(check_sandbox(context.stop));
  if (cache) {
    std::optional<Result<QemuProgram>> qemu;  // of this machine, where labs run on it
    if (!*uri) findings.push_back(check_qemu(qemu.emplace(find_qemu(*cache, context.stop))));
    auto kernels = context.open_kernels(*cache);
    auto initramfs = context.initramfs_sources();
    if (!kernels) findings.push_back({Health::bad, "kernels", kernels.error().message, kernels.error().hint});
    if (!initramfs) findings.push_back({Health::bad, "guest", initramfs.error().message, initramfs.error().hint});
    if (kernels && initramfs) {
      const auto listing = kernels->list();
      check_kernels(listing, findings);
      const RunnerParts parts{*cache, *kernels, *initramfs, {}, {}, context.progress, context.stop};
      const auto kernel = any_kernel(listing);
      const auto host =
          qemu ? std::vector{check_acceleration(kernel, *qemu, parts)} : examine_libvirt_host(**uri, kernel, parts);
      findings.insert(findings.end(), host.begin(), host.end());
    }
  }
  if (context.stop.requested()) return fail(Fault::interrupted, "interrupted");
  for (const auto& finding : findings)
    print(finding, context.terminal.color_out);
  const auto problems = std::count_if(findings.begin(), findings.end(),
                                      [](const HostFinding& finding) { return finding.health == Health::bad; });
  if (problems > 0) {
    fmt::print("{} problem{} to mend before labs can run\n", problems, problems == 1 ? "" : "s");
    return ExitCode::harness;
  }
  fmt::print("labs can run: labctl run hello-lkm{}\n",
             connection.empty() ? "" : fmt::format(" --connect '{}'", connection));
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_doctor(CLI::App& parent) {
  auto* app = parent.add_subcommand("doctor", "Check this machine, and say how to mend what is wrong");
  auto connection = std::make_shared<std::string>();
  app->add_option("--connect", *connection, connect_help);
  return {{app, [connection](Context& context) { return doctor(*connection, context); }}};
}

}  // namespace labctl
