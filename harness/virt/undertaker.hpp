// Ends machines beside the run: ending a domain takes a second, for which nobody should have to wait.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace labctl {

class Undertaker {
 public:
  Undertaker() = default;
  Undertaker(const Undertaker&) = delete;
  Undertaker& operator=(const Undertaker&) = delete;
  ~Undertaker();  // waits until all is done

  // Does it in a thread of its own: where several are to end, none waits for another. Any thread.
  void bury(std::function<void()> work);

 private:
  struct Burial {
    bool done = false;
    std::thread thread;
  };

  std::mutex mutex_;
  std::list<Burial> burials_;
};

}  // namespace labctl
