#include "proof_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace labctl {

namespace {

// One progress for several labs: what it shows is the work of the first that is not over.
class Turns {
 public:
  Turns(Progress& shown, std::size_t labs) : shown_(shown), works_(labs) {}

  void begin(std::size_t lab, const std::string& title, std::uint64_t total, const std::string& unit) {
    const std::lock_guard lock(mutex_);
    Work& work = works_[lab];
    if (work.depth++ == 0) work = {title, unit, total, 0, 1};
    if (lab == turn_) shown_.begin(title, total, unit);
  }
  void advance(std::size_t lab, std::uint64_t done) {
    const std::lock_guard lock(mutex_);
    if (works_[lab].depth == 1) works_[lab].done = done;
    if (lab == turn_) shown_.advance(done);
  }
  void end(std::size_t lab, bool succeeded) {
    const std::lock_guard lock(mutex_);
    Work& work = works_[lab];
    if (work.depth > 0) --work.depth;
    if (lab == turn_) shown_.end(succeeded);
  }
  void note(const std::string& line) {
    const std::lock_guard lock(mutex_);
    shown_.note(line);
  }
  // The lab whose turn it is has been told.
  void next() {
    const std::lock_guard lock(mutex_);
    if (++turn_ >= works_.size()) return;
    const Work& work = works_[turn_];
    if (work.depth == 0) return;
    shown_.begin(work.title, work.total, work.unit);
    shown_.advance(work.done);
  }

 private:
  struct Work {
    std::string title;
    std::string unit;
    std::uint64_t total = 0;
    std::uint64_t done = 0;
    int depth = 0;  // of what has begun and not ended; a lab's own work is the first
  };

  Progress& shown_;
  std::mutex mutex_;
  std::vector<Work> works_;
  std::size_t turn_ = 0;
};

class OfOneLab final : public Progress {
 public:
  OfOneLab(Turns& turns, std::size_t lab) : turns_(turns), lab_(lab) {}
  void begin(const std::string& title, std::uint64_t total, const std::string& unit) override {
    turns_.begin(lab_, title, total, unit);
  }
  void advance(std::uint64_t done) override { turns_.advance(lab_, done); }
  void end(bool succeeded) override { turns_.end(lab_, succeeded); }
  void note(const std::string& line) override { turns_.note(line); }

 private:
  Turns& turns_;
  std::size_t lab_;
};

class ProofQueue {
 public:
  ProofQueue(const std::vector<LabToProve>& labs, const RunnerParts& parts, const KernelStoreOpener& open_store,
             const std::function<void(const LabProof&)>& tell)
      : labs_(labs),
        parts_(parts),
        open_store_(open_store),
        tell_(tell),
        turns_(parts.progress, labs.size()),
        slots_(labs.size()) {}

  void work() {
    while (!given_up_) {
      const std::size_t i = next_++;
      if (i >= labs_.size()) return;
      auto proof = prove(i);
      if (!proof) given_up_ = true;
      const std::lock_guard lock(mutex_);
      slots_[i] = std::move(proof);
      tell_those_whose_turn_it_is();
    }
  }

  ProofQueueResult take() {
    ProofQueueResult result;
    for (auto& slot : slots_) {
      if (slot && !*slot && result.ended) result.ended = fail(slot->error());
      if (&slot - slots_.data() < static_cast<std::ptrdiff_t>(told_)) result.done.push_back(std::move(**slot));
    }
    return result;
  }

 private:
  Result<LabProof> prove(std::size_t i) {
    const LabToProve& lab = labs_[i];
    OfOneLab progress(turns_, i);
    auto kernels = open_store_(progress);
    if (!kernels) return fail(kernels.error());
    const RunnerParts parts{parts_.cache,  *kernels, parts_.initramfs, parts_.find_module,
                            parts_.hidden, progress, parts_.stop,      parts_.host};
    try {
      return prove_lab(lab.lab, lab.mutants, lab.options, parts, open_store_, lab.folder);
    } catch (const std::exception& thrown) {
      return fail(Fault::harness, fmt::format("internal error: {}", thrown.what()));
    }
  }

  void tell_those_whose_turn_it_is() {
    for (; told_ < slots_.size() && slots_[told_] && *slots_[told_]; ++told_) {
      tell_(**slots_[told_]);
      turns_.next();
    }
  }

  const std::vector<LabToProve>& labs_;
  const RunnerParts& parts_;
  const KernelStoreOpener& open_store_;
  const std::function<void(const LabProof&)>& tell_;
  Turns turns_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;  // of what is below
  std::vector<std::optional<Result<LabProof>>> slots_;
  std::size_t told_ = 0;
};

}  // namespace

ProofQueueResult prove_labs(const std::vector<LabToProve>& labs, const RunnerParts& parts,
                            const KernelStoreOpener& open_store, std::size_t at_once,
                            const std::function<void(const LabProof&)>& tell) {
  ProofQueue queue(labs, parts, open_store, tell);
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(at_once, labs.size()); ++i)
      workers.emplace_back([&queue] { queue.work(); });
  }
  return queue.take();
}

}  // namespace labctl
