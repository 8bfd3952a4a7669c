#include "libvirt_hosts.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>

#include "support/files.hpp"

namespace labctl::e2e {

namespace fs = std::filesystem;

namespace {

constexpr const char* driver = "libvirt/connection-driver/libvirt_driver_qemu.so";
// Where a system daemon keeps things, and what it is given instead.
constexpr std::pair<const char*, const char*> system_folders[] = {
    {"run", "/run/libvirt"}, {"lock", "/run/lock"},       {"lib", "/var/lib/libvirt"},
    {"etc", "/etc/libvirt"}, {"log", "/var/log/libvirt"}, {"cache", "/var/cache/libvirt"}};

void write(const fs::path& file, const std::string& text) {
  if (auto written = write_file(file, text); !written) throw std::runtime_error(written.error().message);
}

bool is_root() {
  return ::geteuid() == 0;
}

// Learning what QEMU can do takes libvirt seconds.
fs::path shared_capabilities(const std::string& of) {
  const fs::path folder = fs::path(LABCTL_TEST_CACHE) / "libvirt" / of;
  fs::create_directories(folder);
  return folder;
}

// The service manager's part in the protocol of sd_notify(3): a daemon says when it is ready.
class ReadySocket {
 public:
  explicit ReadySocket(const fs::path& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    fs::remove(path);
    if (!fd_ || ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no socket " + path.string());
  }
  // False where the daemon ended instead.
  bool wait(const Child& daemon) const {
    pollfd items[2] = {{fd_.get(), POLLIN, 0}, {daemon.pidfd(), POLLIN, 0}};
    return ::poll(items, 2, 60'000) > 0 && items[0].revents != 0;
  }

 private:
  const Fd fd_;
};

}  // namespace

std::string missing_libvirt() {
  bool has_driver = false;
  for (const char* lib : {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"})
    has_driver = has_driver || fs::exists(fs::path(lib) / driver);
  if (!has_driver) return "libvirt's QEMU driver is not installed: apt-get install libvirt-daemon-driver-qemu";
  for (const auto& [program, package] :
       {std::pair{"libvirtd", "libvirt-daemon"}, std::pair{"virsh", "libvirt-clients"}})
    if (!find_program(program)) return std::string(program) + " is not installed: apt-get install " + package;
  return {};
}

std::string embedded_uri(const fs::path& root) {
  std::error_code there;
  fs::create_directory_symlink(shared_capabilities("embedded"), root / "cache", there);
  return "qemu:///embed?root=" + root.string();
}

OwnLibvirtd::OwnLibvirtd() {
  const fs::path etc = is_root() ? at("etc") : at("etc/libvirt");
  for (const auto& [here, there] : system_folders)
    if (!is_root() || std::string(here) != "cache") fs::create_directories(at(here));
  fs::create_directories(etc / "storage/autostart");
  fs::create_directories(at("pool"));
  fs::permissions(folder_.path(), fs::perms::others_exec | fs::perms::group_exec, fs::perm_options::add);
  write(etc / "qemu.conf",
        "security_driver = \"none\"\ncgroup_controllers = [ ]\nnamespaces = [ ]\nstdio_handler = \"file\"\n");
  write(etc / "libvirtd.conf", "auth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\nlog_outputs = \"3:file:" +
                                   at("libvirtd.log").string() + "\"\n");
  write(etc / "storage/labctl.xml",
        "<pool type='dir'><name>labctl</name><target><path>" + at("pool").string() + "</path></target></pool>");
  fs::create_symlink(is_root() ? "/etc/libvirt/storage/labctl.xml" : (etc / "storage/labctl.xml").string(),
                     etc / "storage/autostart/labctl.xml");
  const fs::path socket = is_root() ? at("run/libvirt-sock") : at("run/libvirt/libvirt-sock");
  uri_ = std::string("qemu+unix:///") + (is_root() ? "system" : "session") + "?socket=" + socket.string();
  start();
}

OwnLibvirtd::~OwnLibvirtd() {
  kill();
  for (const pid_t left : qemus_mentioning(folder_.path().string()))
    ::kill(left, SIGKILL);
}

ProcessSpec OwnLibvirtd::command() const {
  ProcessSpec spec;
  spec.environment = {{"NOTIFY_SOCKET", at("ready").string()}, {"LABCTL_LIBVIRTD", folder_.path().string()}};
  if (!is_root()) {
    spec.argv = {"libvirtd", "-f", at("etc/libvirt/libvirtd.conf")};
    for (const auto& [variable, folder] : {std::pair{"XDG_RUNTIME_DIR", "run"}, std::pair{"XDG_CONFIG_HOME", "etc"},
                                           std::pair{"XDG_DATA_HOME", "lib"}, std::pair{"XDG_CACHE_HOME", "cache"}})
      spec.environment.emplace_back(variable, at(folder).string());
    return spec;
  }
  // A /dev without kvm: where it is there but not for libvirt's user, libvirt would ask QEMU again at every call.
  // And with terminals of its own goes a folder of its own for their locks: two daemons both have a /dev/pts/0.
  spec.argv = {"bwrap", "--bind", "/", "/", "--dev", "/dev", "--tmpfs", "/run/lock"};
  for (const auto& [here, there] : system_folders) {
    const fs::path given = std::string(here) == "cache" ? shared_capabilities("system") : at(here);
    spec.argv.insert(spec.argv.end(), {"--bind", given.string(), there});
  }
  spec.argv.insert(spec.argv.end(), {"--", "libvirtd", "-f", "/etc/libvirt/libvirtd.conf", "-p", "/run/libvirt/pid"});
  return spec;
}

void OwnLibvirtd::start() {
  const ReadySocket ready(at("ready"));
  auto child = start_process(command(), false);
  if (!child) throw std::runtime_error(child.error().message);
  child_ = std::move(*child);
  if (!ready.wait(*child_)) throw std::runtime_error("libvirtd does not start: " + slurp(at("libvirtd.log")));
}

// Not of bubblewrap, which may be around it.
pid_t OwnLibvirtd::daemon() const {
  return static_cast<pid_t>(std::stol(slurp(is_root() ? at("run/pid") : at("run/libvirt/libvirtd.pid"))));
}

void OwnLibvirtd::suspend() {
  ::kill(daemon(), SIGSTOP);
}

void OwnLibvirtd::kill() {
  if (!child_) return;
  const pid_t pid = daemon();
  const Fd ended(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  ::kill(pid, SIGKILL);
  pollfd item{ended.get(), POLLIN, 0};
  if (ended) ::poll(&item, 1, 60'000);
  child_->terminate(std::chrono::milliseconds(0));
  child_.reset();
}

std::string OwnLibvirtd::virsh(const std::vector<std::string>& arguments) const {
  ProcessSpec spec;
  spec.argv = {"virsh", "-q", "-c", uri_};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  auto outcome = run_process(spec, {std::chrono::seconds(60), 1 << 20}, {});
  if (!outcome || !outcome->success())
    throw std::runtime_error(outcome ? outcome->describe() : outcome.error().message);
  return outcome->standard_output;
}

std::string OwnLibvirtd::machines() const {
  std::string names = virsh({"list", "--all", "--name"});
  while (!names.empty() && names.back() == '\n')
    names.pop_back();
  return names;
}

std::vector<pid_t> qemus_mentioning(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& process : processes_mentioning(text))  // "PID COMMAND"
    if (process.find("qemu-system-") != std::string::npos && process.find("bwrap") == std::string::npos)
      found.push_back(static_cast<pid_t>(std::stol(process)));
  return found;
}

}  // namespace labctl::e2e
