#include "runner/lab_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

namespace labctl {

namespace {

class LabQueue {
 public:
  LabQueue(const std::vector<Lab>& labs, const std::vector<std::filesystem::path>& folders, const RunnerParts& parts,
           const KernelStoreOpener& open_store)
      : labs_(labs), folders_(folders), parts_(parts), open_store_(open_store), slots_(labs.size()) {}

  // The next lab, until `end`.
  void work(RunOptions options, std::size_t jobs, std::size_t end) {
    options.jobs = static_cast<int>(jobs);
    auto kernels = open_store_(parts_.progress);
    while (!given_up_) {
      const std::size_t i = next_++;
      if (i >= end) return;
      if (!kernels) {
        slots_[i] = fail(kernels.error());
      } else {
        const RunnerParts parts{parts_.cache,  *kernels,        parts_.initramfs, parts_.find_module,
                                parts_.hidden, parts_.progress, parts_.stop,      parts_.host};
        try {
          slots_[i] = run_lab(labs_[i], options, parts, folders_[i]);
        } catch (const std::exception& thrown) {
          slots_[i] = fail(Fault::harness, fmt::format("internal error: {}", thrown.what()));
        }
      }
      if (!*slots_[i]) given_up_ = true;
    }
  }

  void first_alone(const RunOptions& options, std::size_t jobs) {
    work(options, jobs, 1);
    next_ = 1;
  }

  void others(const RunOptions& options, std::size_t workers, std::size_t jobs) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i)
      threads.emplace_back([&] { work(options, jobs, labs_.size()); });
  }

  LabQueueResult take() {
    LabQueueResult result;
    for (auto& slot : slots_) {
      if (!slot) break;
      if (!*slot) {
        result.ended = fail(slot->error());
        return result;
      }
      result.done.push_back(std::move(**slot));
    }
    // A lab that was not begun because one behind it failed: that one's error is told.
    for (auto& slot : slots_)
      if (slot && !*slot) result.ended = fail(slot->error());
    return result;
  }

 private:
  const std::vector<Lab>& labs_;
  const std::vector<std::filesystem::path>& folders_;
  const RunnerParts& parts_;
  const KernelStoreOpener& open_store_;
  std::atomic<bool> given_up_ = false;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::optional<Result<LabResult>>> slots_;
};

}  // namespace

LabQueueResult run_labs(const std::vector<Lab>& labs, const std::vector<std::filesystem::path>& folders,
                        const RunOptions& options, const RunnerParts& parts, const KernelStoreOpener& open_store,
                        std::size_t machines) {
  LabQueue queue(labs, folders, parts, open_store);
  if (labs.empty()) return queue.take();
  queue.first_alone(options, static_cast<std::size_t>(options.jobs));
  const std::size_t at_once =
      options.jobs > 0 ? static_cast<std::size_t>(options.jobs) : std::max<std::size_t>(machines, 1);
  const std::size_t workers = std::min(at_once, labs.size() - 1);
  if (workers > 0) queue.others(options, workers, at_once / workers);
  return queue.take();
}

}  // namespace labctl
