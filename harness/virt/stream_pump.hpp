// A libvirt stream to a port of a guest, pumped in the event loop's thread: to a function, or to and from a socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connection.hpp"
#include "support/fd.hpp"

namespace labctl {

class StreamPump : public std::enable_shared_from_this<StreamPump> {
 public:
  // Called in the event loop's thread.
  struct Told {
    std::function<void(std::string_view)> bytes;  // what the guest said
    std::function<void()> end;                    // it will say nothing more: once, after its bytes
  };

  // For a stream that is only listened to. stream: new, with VIR_STREAM_NONBLOCK; closed with the pump.
  static std::shared_ptr<StreamPump> listen(std::shared_ptr<Connection> connection, virStreamPtr stream, Told told);
  // For one that is bridged to a stream socket, which is set not to block. After the stream's end the socket stays
  // open.
  static std::shared_ptr<StreamPump> bridge(std::shared_ptr<Connection> connection, virStreamPtr stream, Fd socket);
  ~StreamPump() { close(); }

  virStreamPtr stream() const { return stream_; }
  // Once the stream is connected. False: it cannot be watched.
  bool begin();
  // In the event loop's thread: hands on what has come, closes the socket for writing and has nothing more called.
  void stop();
  // After stop(), and not in the event loop's thread: it may have to wait for the host.
  void close();

 private:
  StreamPump(std::shared_ptr<Connection> connection, virStreamPtr stream, Fd socket, Told told);
  static std::shared_ptr<StreamPump> self(void* opaque);
  void on_stream(int events);
  void on_socket(int events);
  void take_from_guest();
  void write_to_socket();
  void read_from_socket();
  void send_to_guest();
  void choose_events();
  void end_stream();

  const std::shared_ptr<Connection> connection_;
  const LibvirtApi& api_;
  virStreamPtr stream_;
  const Fd socket_;
  Told told_;
  bool watching_stream_ = false;
  int socket_watch_ = -1;
  bool socket_closed_ = false;  // by the session: what it has to say has been said
  std::string to_socket_;
  std::string to_guest_;
};

}  // namespace labctl
