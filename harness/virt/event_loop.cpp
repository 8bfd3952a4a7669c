#include "event_loop.hpp"

#include <future>
#include <mutex>

namespace labctl {

namespace {

struct Task {
  const LibvirtApi& api;
  std::function<void()> work;
};

}  // namespace

Result<std::shared_ptr<EventLoop>> EventLoop::get(const LibvirtApi& api) {
  static std::mutex mutex;
  static std::weak_ptr<EventLoop> current;
  static bool registered = false;
  const std::lock_guard lock(mutex);
  if (auto loop = current.lock()) return loop;
  if (!registered && api.virEventRegisterDefaultImpl() < 0)
    return fail(Fault::harness, "libvirt's event loop cannot be set up");
  registered = true;
  std::shared_ptr<EventLoop> loop(new EventLoop(api));
  current = loop;
  return loop;
}

EventLoop::EventLoop(const LibvirtApi& api) : api_(api) {
  thread_ = std::thread([this] {
    while (!ends_)
      if (api_.virEventRunDefaultImpl() < 0) std::this_thread::yield();
  });
}

EventLoop::~EventLoop() {
  run([this] { ends_ = true; });
  thread_.join();
}

void EventLoop::after(std::chrono::milliseconds time, std::function<void()> work) {
  auto* task = new Task{api_, std::move(work)};
  const auto once = [](int timer, void* opaque) {
    auto* due = static_cast<Task*>(opaque);
    // First, because the work may end the loop, and a timer that stays is due again.
    const auto what = std::move(due->work);
    due->api.virEventRemoveTimeout(timer);
    what();
  };
  const auto forget = [](void* opaque) { delete static_cast<Task*>(opaque); };
  if (api_.virEventAddTimeout(static_cast<int>(time.count()), once, task, forget) < 0) delete task;
}

void EventLoop::run_and_wait(std::function<void()> work) {
  std::promise<void> done;
  run([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace labctl
