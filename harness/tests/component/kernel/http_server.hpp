// A loopback HTTP server for one file: honours Range or not, and may hang up in the middle of a body.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace labctl::test {

class HttpServer {
 public:
  struct Behaviour {
    std::string body;
    bool honours_range = true;
    std::size_t hang_up_after = 0;  // bytes of the first answer's body; 0: never
    int status = 200;
  };

  explicit HttpServer(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 8);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/linux-5.4.302.tar.gz"; }
  // The Range header of each request, "" where there was none.
  std::vector<std::string> ranges() {
    const std::lock_guard lock(mutex_);
    return ranges_;
  }

 private:
  void serve() {
    for (int client; (client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      answer(client);
      ::close(client);
    }
  }

  static std::string range_of(const std::string& request) {
    const auto at = request.find("Range: ");
    return at == std::string::npos ? "" : request.substr(at + 7, request.find('\r', at) - at - 7);
  }

  void answer(int client) {
    std::string request;
    for (char buffer[4096]; request.find("\r\n\r\n") == std::string::npos;) {
      const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
      if (got <= 0) return;
      request.append(buffer, static_cast<std::size_t>(got));
    }
    const std::string range = range_of(request);
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = ranges_.empty();
      ranges_.push_back(range);
    }
    std::string head = "HTTP/1.1 " + std::to_string(behaviour_.status) + " x\r\n";
    std::string body = behaviour_.body;
    if (!range.empty() && behaviour_.honours_range) {
      const std::size_t from = std::stoul(range.substr(range.find('=') + 1));
      if (from >= body.size()) {
        head = "HTTP/1.1 416 x\r\n";
        body.clear();
      } else {
        head = "HTTP/1.1 206 x\r\nContent-Range: bytes " + std::to_string(from) + "-" +
               std::to_string(body.size() - 1) + "/" + std::to_string(body.size()) + "\r\n";
        body = body.substr(from);
      }
    }
    head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    if (first && behaviour_.hang_up_after > 0) body.resize(behaviour_.hang_up_after);
    const std::string all = head + body;
    for (std::size_t sent = 0; sent < all.size();) {
      const ssize_t put = ::send(client, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
      if (put <= 0) return;
      sent += static_cast<std::size_t>(put);
    }
  }

  Behaviour behaviour_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> ranges_;
  std::thread thread_;
};

}  // namespace labctl::test
