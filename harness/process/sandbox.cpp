#include "process/sandbox.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace labctl {

namespace fs = std::filesystem;

namespace {

// What a compiler and kbuild need of a host. Links such as /lib -> usr/lib are kept as links.
constexpr const char* host_folders[] = {"/usr",
                                        "/bin",
                                        "/sbin",
                                        "/lib",
                                        "/lib32",
                                        "/lib64",
                                        "/libx32",
                                        "/opt",
                                        "/nix",
                                        "/gnu",
                                        "/etc/alternatives",
                                        "/etc/ld.so.cache",
                                        "/etc/ld.so.conf",
                                        "/etc/ld.so.conf.d"};

bool lies_below(const fs::path& path, const fs::path& folder) {
  const auto [rest, deeper] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return rest == folder.end() && deeper != path.end();
}

}  // namespace

ProcessSpec sandboxed(const SandboxSpec& sandbox, const ProcessSpec& command) {
  ProcessSpec spec = command;
  spec.environment.clear();
  spec.cwd = "/";
  auto& argv = spec.argv;
  argv = {"bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"};
  const auto add = [&](std::initializer_list<std::string> words) { argv.insert(argv.end(), words); };
  for (const char* folder : host_folders) {
    std::error_code ignored;
    if (fs::is_symlink(folder, ignored)) {
      add({"--symlink", fs::read_symlink(folder, ignored).string(), folder});
    } else if (fs::exists(folder, ignored)) {
      add({"--ro-bind", folder, folder});
    }
  }
  for (const auto& hidden : sandbox.hidden) {
    // Empty where it does not exist; then there is nothing to hide.
    std::error_code absent;
    const fs::path real = fs::canonical(hidden, absent);
    if (!absent && std::any_of(std::begin(host_folders), std::end(host_folders),
                               [&](const char* folder) { return lies_below(real, folder); }))
      add({"--tmpfs", real.string()});
  }
  add({"--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"});
  for (const auto& [host, inside] : sandbox.read_only)
    add({"--ro-bind", host.string(), inside});
  for (const auto& [host, inside] : sandbox.writable)
    add({"--bind", host.string(), inside});
  add({"--chdir", sandbox.cwd, "--clearenv"});
  add({"--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"});
  add({"--setenv", "LANG", "C.UTF-8", "--setenv", "HOME", "/nonexistent"});
  for (const auto& [name, value] : command.environment)
    add({"--setenv", name, value});
  argv.push_back("--");
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  return spec;
}

Status probe_sandbox(StopToken stop) {
  const std::string way_out =
      "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu 24.04 "
      "kernel.apparmor_restrict_unprivileged_userns=0; a container: --security-opt seccomp=unconfined), or for your "
      "own code only: --sandbox off";
  if (!find_program("bwrap"))
    return fail(Fault::harness, "cannot build in a sandbox: bubblewrap is not installed",
                "apt-get install bubblewrap; or, for your own code only: --sandbox off");
  ProcessSpec trial;
  trial.argv = {"true"};
  SandboxSpec nothing;
  nothing.cwd = "/";
  auto outcome = run_process(sandboxed(nothing, trial), {std::chrono::seconds(20), 1 << 16}, stop);
  if (!outcome) return fail(outcome.error());
  if (outcome->success()) return {};
  std::string said = outcome->standard_error;
  std::replace(said.begin(), said.end(), '\n', ' ');
  return fail(Fault::harness, fmt::format("cannot build in a sandbox: {} ({})", said, outcome->end.describe()),
              way_out);
}

}  // namespace labctl
