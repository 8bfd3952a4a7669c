// What a guest says on its console, until the last byte, pumped in the event loop's thread.
//
// libvirt has a stream only to consoles that are terminals (virDomainOpenConsole()), and a terminal loses what nobody
// has read when QEMU closes it, and what QEMU writes before it has noticed a reader. So where machines run as this
// user, the console is a socket that is connected to without libvirt: what is in its buffer stays. Elsewhere it is a
// terminal, and QEMU keeps a log of it in a volume, which is read when the machine has ended.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "connection.hpp"

namespace labctl {

class Console {
 public:
  // Called in the event loop's thread.
  struct Told {
    std::function<void(std::string_view)> bytes;
    std::function<void()> end;  // it will say nothing more: once, after its bytes
  };

  virtual ~Console() = default;
  // Once the domain is there, and before it runs.
  virtual Status open(virDomainPtr domain) = 0;
  // In the event loop's thread: has nothing more called.
  virtual void stop() = 0;
  // After stop(), and not in the event loop's thread.
  virtual void close() = 0;
};

std::shared_ptr<Console> make_socket_console(std::shared_ptr<Connection> connection, std::filesystem::path socket,
                                             Console::Told told);
Result<std::shared_ptr<Console>> make_terminal_console(std::shared_ptr<Connection> connection, Console::Told told);

}  // namespace labctl
