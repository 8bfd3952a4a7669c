#include "undertaker.hpp"

namespace labctl {

// Until the last has been done, one may bring another one.
Undertaker::~Undertaker() {
  while (true) {
    std::list<Burial> next;
    {
      const std::lock_guard lock(mutex_);
      if (burials_.empty()) return;
      next.splice(next.begin(), burials_, burials_.begin());
    }
    next.front().thread.join();
  }
}

void Undertaker::bury(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  burials_.remove_if([](Burial& burial) {
    if (burial.done) burial.thread.join();
    return burial.done;
  });
  Burial& burial = burials_.emplace_back();
  burial.thread = std::thread([this, &burial, work = std::move(work)] {
    work();
    const std::lock_guard done(mutex_);
    burial.done = true;
  });
}

}  // namespace labctl
