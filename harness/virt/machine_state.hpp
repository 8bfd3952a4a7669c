// One machine on a libvirt host, as its events and streams show it. Shared by the Machine that a session has and by
// those who tell what happens, because a domain takes longer to end than a session.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "connection.hpp"
#include "console.hpp"
#include "stream_pump.hpp"
#include "support/fd.hpp"
#include "support/limits.hpp"
#include "undertaker.hpp"
#include "vm/machine.hpp"
#include "volumes.hpp"

namespace labctl {

class MachineState final : public DomainWatcher, public std::enable_shared_from_this<MachineState> {
 public:
  struct Parts {
    std::shared_ptr<Connection> connection;
    Undertaker& undertaker;  // outlives the state
    Fd console_log;
    Fd agent;                              // the machine's end of the socket pair
    std::filesystem::path qemu_log;        // what QEMU itself says, removed with the machine; empty: it cannot be read
    std::filesystem::path console_socket;  // or, where that is empty:
    Volumes* volumes = nullptr;            // outlives the state
    std::string console_volume;            // in which QEMU keeps the console; removed with the machine
    std::filesystem::path console_file;    // that console_log is open on
    Limits limits;
  };

  static Result<std::shared_ptr<MachineState>> create(Parts parts);
  ~MachineState() override;

  // Starts the domain, with both ports open before the guest runs. Errors are Fault::harness.
  Status start(const std::string& xml, bool ends_with_connection);

  // Any thread:
  std::optional<MachineEnd> ended() const;
  std::optional<MachineEnd> wait_end(std::chrono::milliseconds limit);
  std::string console_tail(std::size_t max_bytes) const;
  // Ends it; what is left is done in the background.
  void stop();
  void interrupt();

  // The event loop's thread:
  void on_lifecycle(int event, int detail) override;
  void on_disk_error(const std::string& reason) override;
  void on_connection_lost(const std::string& why) override;

 private:
  explicit MachineState(Parts parts) : parts_(std::move(parts)) {}
  Status open_ports();
  void read_kept_console();
  // Each in the event loop's thread.
  void take_console(std::string_view bytes);
  void on_console_end();
  void conclude_when_silent();
  void conclude_with_console();
  void give_up_waiting();
  void conclude(MachineEnd end);
  MachineEnd end_of(int stop_detail) const;
  MachineEnd host_end(const std::string& detail) const;

  void bury();

  Parts parts_;
  std::shared_ptr<Console> console_;
  std::shared_ptr<StreamPump> agent_;
  virDomainPtr domain_ = nullptr;  // once it was started
  std::atomic<bool> buried_ = false;

  // The event loop's:
  std::uint64_t console_bytes_ = 0;
  bool console_ended_ = false;
  bool console_is_read_ = false;  // to its end, from the volume
  bool guest_went_down_ = false;
  std::optional<int> stopped_;  // the detail of its end

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string tail_;
  std::optional<MachineEnd> end_;
};

}  // namespace labctl
