// libvirt's event loop (https://libvirt.org/html/libvirt-libvirt-event.html): a thread in which it handles connections,
// streams and events, and calls back. A process has one.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "api.hpp"

namespace labctl {

class EventLoop {
 public:
  // The process's loop, begun by the first who asks; it ends with the last who has it.
  static Result<std::shared_ptr<EventLoop>> get(const LibvirtApi& api);
  ~EventLoop();

  // Has the loop's thread do it, as soon as it can; in the order of the calls from one thread. Any thread.
  void run(std::function<void()> work) { after(std::chrono::milliseconds(0), std::move(work)); }
  // The same and waits until it is done. Not from the loop's own thread.
  void run_and_wait(std::function<void()> work);
  void after(std::chrono::milliseconds time, std::function<void()> work);

 private:
  explicit EventLoop(const LibvirtApi& api);

  const LibvirtApi& api_;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

}  // namespace labctl
