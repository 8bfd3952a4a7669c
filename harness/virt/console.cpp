#include "console.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "stream_pump.hpp"
#include "support/fd.hpp"
#include "support/files.hpp"
#include "virt/domain_xml.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

Result<Fd> connected_to(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) return system_error("cannot connect to", path, ENAMETOOLONG);
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error("cannot connect to", path, errno);
  return fd;
}

class SocketConsole final : public Console, public std::enable_shared_from_this<SocketConsole> {
 public:
  SocketConsole(std::shared_ptr<Connection> connection, fs::path path, Told told)
      : connection_(std::move(connection)), path_(std::move(path)), told_(std::move(told)) {}

  Status open(virDomainPtr) override {
    auto fd = connected_to(path_);
    if (!fd) return fail(fd.error());
    fd_ = std::move(*fd);
    auto* mine = new std::shared_ptr<SocketConsole>(shared_from_this());
    const auto forget = [](void* opaque) { delete static_cast<std::shared_ptr<SocketConsole>*>(opaque); };
    const auto on_event = [](int, int, int, void* opaque) {
      const auto self = *static_cast<std::shared_ptr<SocketConsole>*>(opaque);
      self->take();
    };
    // Hang-ups are told too.
    watch_ = connection_->api().virEventAddHandle(fd_.get(), VIR_EVENT_HANDLE_READABLE, on_event, mine, forget);
    if (watch_ >= 0) return {};
    delete mine;
    return fail(connection_->error("cannot listen to a machine's console"));
  }

  void stop() override {
    if (watch_ >= 0) static_cast<void>(connection_->api().virEventRemoveHandle(std::exchange(watch_, -1)));
  }

  // The event loop may look at it once more: it is closed with the object.
  void close() override {}

 private:
  void take() {
    char buffer[1 << 16];
    while (watch_ >= 0) {
      const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got > 0) {
        told_.bytes(std::string_view(buffer, static_cast<std::size_t>(got)));
        continue;
      }
      stop();
      told_.end();
    }
  }

  const std::shared_ptr<Connection> connection_;
  const fs::path path_;
  const Told told_;
  Fd fd_;
  int watch_ = -1;
};

// A terminal is used again as soon as QEMU has ended, and libvirt's lock on it (src/conf/virchrdev.c) goes with the
// stream of the machine before, which may be a second later.
constexpr std::chrono::seconds lock_patience{10};
constexpr std::chrono::milliseconds between_tries{50};

class TerminalConsole final : public Console {
 public:
  TerminalConsole(std::shared_ptr<Connection> connection, std::shared_ptr<StreamPump> pump)
      : connection_(std::move(connection)), pump_(std::move(pump)) {}

  Status open(virDomainPtr domain) override {
    const LibvirtApi& api = connection_->api();
    const auto deadline = std::chrono::steady_clock::now() + lock_patience;
    while (api.virDomainOpenConsole(domain, console_alias, pump_->stream(), 0) < 0) {
      Error why = connection_->error("cannot listen to a machine's console");
      if (why.message.find("is locked by lock file") == std::string::npos ||
          std::chrono::steady_clock::now() >= deadline)
        return fail(std::move(why));
      std::this_thread::sleep_for(between_tries);  // nothing tells that it is free
    }
    if (pump_->begin()) return {};
    return fail(connection_->error("cannot listen to a machine's console"));
  }
  void stop() override { pump_->stop(); }
  void close() override { pump_->close(); }

 private:
  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<StreamPump> pump_;
};

}  // namespace

std::shared_ptr<Console> make_socket_console(std::shared_ptr<Connection> connection, fs::path socket,
                                             Console::Told told) {
  return std::make_shared<SocketConsole>(std::move(connection), std::move(socket), std::move(told));
}

Result<std::shared_ptr<Console>> make_terminal_console(std::shared_ptr<Connection> connection, Console::Told told) {
  virStreamPtr stream = connection->api().virStreamNew(connection->get(), VIR_STREAM_NONBLOCK);
  if (stream == nullptr) return fail(connection->error("no stream to a machine's console"));
  return std::make_shared<TerminalConsole>(
      connection, StreamPump::listen(connection, stream, {std::move(told.bytes), std::move(told.end)}));
}

}  // namespace labctl
