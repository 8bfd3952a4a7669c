#include "stream_pump.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace labctl {

namespace {

// More than this the bridge does not hold; then the guest's port, or the session, waits.
constexpr std::size_t most_held = 1 << 20;
constexpr std::size_t part = 1 << 16;

}  // namespace

std::shared_ptr<StreamPump> StreamPump::listen(std::shared_ptr<Connection> connection, virStreamPtr stream, Told told) {
  return std::shared_ptr<StreamPump>(new StreamPump(std::move(connection), stream, Fd(), std::move(told)));
}

std::shared_ptr<StreamPump> StreamPump::bridge(std::shared_ptr<Connection> connection, virStreamPtr stream, Fd socket) {
  return std::shared_ptr<StreamPump>(new StreamPump(std::move(connection), stream, std::move(socket), {}));
}

StreamPump::StreamPump(std::shared_ptr<Connection> connection, virStreamPtr stream, Fd socket, Told told)
    : connection_(std::move(connection)),
      api_(connection_->api()),
      stream_(stream),
      socket_(std::move(socket)),
      told_(std::move(told)) {}

void StreamPump::close() {
  if (stream_ == nullptr) return;
  static_cast<void>(api_.virStreamAbort(stream_));
  static_cast<void>(api_.virStreamFree(std::exchange(stream_, nullptr)));
}

std::shared_ptr<StreamPump> StreamPump::self(void* opaque) {
  return *static_cast<std::shared_ptr<StreamPump>*>(opaque);
}

bool StreamPump::begin() {
  const auto forget = [](void* opaque) { delete static_cast<std::shared_ptr<StreamPump>*>(opaque); };
  auto* mine = new std::shared_ptr<StreamPump>(shared_from_this());
  const auto on_stream = [](virStreamPtr, int events, void* opaque) { self(opaque)->on_stream(events); };
  if (api_.virStreamEventAddCallback(stream_, VIR_STREAM_EVENT_READABLE, on_stream, mine, forget) < 0) {
    delete mine;
    return false;
  }
  watching_stream_ = true;
  if (!socket_) return true;
  mine = new std::shared_ptr<StreamPump>(shared_from_this());
  const auto on_socket = [](int, int, int events, void* opaque) { self(opaque)->on_socket(events); };
  socket_watch_ = api_.virEventAddHandle(socket_.get(), VIR_EVENT_HANDLE_READABLE, on_socket, mine, forget);
  if (socket_watch_ < 0) delete mine;
  return socket_watch_ >= 0;
}

void StreamPump::on_stream(int events) {
  if (!watching_stream_) return;
  if ((events & VIR_STREAM_EVENT_WRITABLE) != 0) send_to_guest();
  if ((events & (VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR)) != 0) take_from_guest();
  if (watching_stream_) choose_events();
}

void StreamPump::on_socket(int events) {
  if (socket_watch_ < 0) return;
  if ((events & VIR_EVENT_HANDLE_WRITABLE) != 0) write_to_socket();
  if ((events & (VIR_EVENT_HANDLE_READABLE | VIR_EVENT_HANDLE_HANGUP | VIR_EVENT_HANDLE_ERROR)) != 0)
    read_from_socket();
  choose_events();
}

void StreamPump::take_from_guest() {
  char buffer[part];
  while (to_socket_.size() < most_held) {
    const int got = api_.virStreamRecv(stream_, buffer, sizeof buffer);
    if (got == -2) return;  // nothing there now
    if (got <= 0) {
      end_stream();
      return;
    }
    const std::string_view bytes(buffer, static_cast<std::size_t>(got));
    if (socket_) {
      to_socket_ += bytes;
      write_to_socket();
    } else {
      told_.bytes(bytes);
      if (!watching_stream_) return;
    }
  }
}

void StreamPump::write_to_socket() {
  std::size_t written = 0;
  while (written < to_socket_.size()) {
    const ssize_t put =
        ::send(socket_.get(), to_socket_.data() + written, to_socket_.size() - written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno != EAGAIN) written = to_socket_.size();  // nobody listens any more
    if (put < 0) break;
    written += static_cast<std::size_t>(put);
  }
  to_socket_.erase(0, written);
}

void StreamPump::read_from_socket() {
  char buffer[part];
  const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    socket_closed_ = true;
    return;
  }
  to_guest_.append(buffer, static_cast<std::size_t>(got));
  send_to_guest();
}

void StreamPump::send_to_guest() {
  std::size_t sent = 0;
  while (watching_stream_ && sent < to_guest_.size()) {
    const std::size_t next = std::min(part, to_guest_.size() - sent);
    const int put = api_.virStreamSend(stream_, to_guest_.data() + sent, next);
    if (put == -2) break;
    if (put < 0) {
      end_stream();
      break;
    }
    sent += static_cast<std::size_t>(put);
  }
  to_guest_.erase(0, sent);
}

void StreamPump::choose_events() {
  if (watching_stream_) {
    const int events = (to_socket_.size() < most_held ? VIR_STREAM_EVENT_READABLE : 0) |
                       (to_guest_.empty() ? 0 : VIR_STREAM_EVENT_WRITABLE);
    static_cast<void>(api_.virStreamEventUpdateCallback(stream_, events));
  }
  if (socket_watch_ < 0) return;
  if (socket_closed_ && to_socket_.empty()) {
    static_cast<void>(api_.virEventRemoveHandle(std::exchange(socket_watch_, -1)));
    return;
  }
  const bool may_read = watching_stream_ && !socket_closed_ && to_guest_.empty();
  api_.virEventUpdateHandle(
      socket_watch_, (may_read ? VIR_EVENT_HANDLE_READABLE : 0) | (to_socket_.empty() ? 0 : VIR_EVENT_HANDLE_WRITABLE));
}

void StreamPump::end_stream() {
  if (!std::exchange(watching_stream_, false)) return;
  static_cast<void>(api_.virStreamEventRemoveCallback(stream_));
  const auto end = std::exchange(told_.end, {});
  if (end) end();
}

void StreamPump::stop() {
  told_.end = {};
  if (std::exchange(watching_stream_, false)) static_cast<void>(api_.virStreamEventRemoveCallback(stream_));
  if (socket_watch_ >= 0) static_cast<void>(api_.virEventRemoveHandle(std::exchange(socket_watch_, -1)));
  if (!socket_) return;
  write_to_socket();
  ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace labctl
