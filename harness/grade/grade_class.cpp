#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "grade/grade.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// For workers: what one of them says of its work would only be in the others' way.
class Quiet final : public Progress {
 public:
  explicit Quiet(Progress& told) : told_(told) {}
  void begin(const std::string&, std::uint64_t, const std::string&) override {}
  void advance(std::uint64_t) override {}
  void end(bool) override {}
  void note(const std::string& line) override {
    const std::lock_guard lock(mutex_);
    told_.note(line);
  }

 private:
  Progress& told_;
  std::mutex mutex_;
};

class ClassGrader {
 public:
  ClassGrader(const Lab& lab, const std::vector<Entry>& entries, const GradingControl& control,
              const std::string& common, const GradeOptions& options, const RunnerParts& parts,
              const KernelStoreOpener& open_store, const ResultsFolder& results)
      : lab_(lab),
        entries_(entries),
        control_(control),
        common_(common),
        options_(options),
        parts_(parts),
        open_store_(open_store),
        results_(results),
        quiet_(parts.progress) {}

  Result<std::size_t> grade() {
    parts_.progress.begin("grading " + lab_.id, entries_.size(), "submissions");
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t jobs = options_.jobs > 0 ? static_cast<std::size_t>(options_.jobs) : cores;
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < std::min(jobs, entries_.size()); ++i)
        workers.emplace_back([this] { work(); });
    }
    parts_.progress.end(ended_.has_value());
    if (!ended_) return fail(ended_.error());
    return kept_;
  }

 private:
  void work() {
    Status done;
    try {
      auto kernels = open_store_(quiet_);
      if (!kernels) return give_up(fail(kernels.error()));
      const RunnerParts parts{parts_.cache,  *kernels, parts_.initramfs, parts_.find_module,
                              parts_.hidden, quiet_,   parts_.stop,      parts_.host};
      while (done && !given_up_) {
        const std::size_t i = next_++;
        if (i >= entries_.size()) break;
        done = grade(entries_[i], parts);
      }
    } catch (const std::exception& thrown) {
      done = fail(Fault::harness, fmt::format("internal error: {}", thrown.what()));
    }
    if (!done) give_up(std::move(done));
  }

  void give_up(Status why) {
    given_up_ = true;
    const std::lock_guard lock(mutex_);
    if (ended_) ended_ = std::move(why);
  }

  Status grade(const Entry& entry, const RunnerParts& parts) {
    auto submission = read(entry, parts);
    if (!submission && submission.error().fault == Fault::interrupted) return fail(submission.error());
    GradedStudent student;
    bool kept = false;
    if (submission) {
      const std::string key = key_of(*submission);
      auto known = results_.find(entry.id, key);
      kept = known && known->state != GradeState::infrastructure_error;
      auto graded = kept ? Result<GradedStudent>(std::move(*known))
                         : grade_one(lab_, *submission, control_, options_, parts, results_.evidence(entry.id));
      if (!graded) return fail(graded.error());
      student = std::move(*graded);
      student.key = key;
    } else {
      student = not_graded(lab_, entry, submission.error().message);
    }
    const bool late_before = student.late;
    student.late = entry.late;
    if (!kept || late_before != student.late)
      if (auto written = results_.keep(student); !written) return written;
    const std::lock_guard lock(mutex_);
    if (kept) ++kept_;
    parts_.progress.advance(++done_);
    return {};
  }

  Result<Submission> read(const Entry& entry, const RunnerParts& parts) const {
    auto submission = take_in(entry, sources_to_hand_in(lab_), options_.intake, parts.stop);
    if (!submission || !entry.ambiguous()) return submission;
    std::vector<std::string> names;
    for (const auto& part : entry.parts)
      names.push_back(printable(part.path.filename().string()));
    submission->refusals = {
        fmt::format("there are several submissions of {}: {}. Keep one", printable(entry.id), join(names, ", "))};
    submission->files.clear();
    return submission;
  }

  std::string key_of(const Submission& submission) const {
    Sha256 sum;
    sum.field("grade 1").field(common_).field(submission.id).field(submission.name).field(submission.digest);
    for (const auto* lines : {&submission.refusals, &submission.notes})
      sum.field(join(*lines, "\n"));
    for (const auto& file : submission.files)
      sum.field(file.path);
    return sum.hex();
  }

  const Lab& lab_;
  const std::vector<Entry>& entries_;
  const GradingControl& control_;
  const std::string& common_;
  const GradeOptions& options_;
  const RunnerParts& parts_;
  const KernelStoreOpener& open_store_;
  const ResultsFolder& results_;
  Quiet quiet_;
  std::atomic<bool> given_up_ = false;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  Status ended_;
  std::size_t kept_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace

Result<std::size_t> grade_class(const Lab& lab, const std::vector<Entry>& entries, const GradingControl& control,
                                const std::string& common, const GradeOptions& options, const RunnerParts& parts,
                                const KernelStoreOpener& open_store, const ResultsFolder& results) {
  return ClassGrader(lab, entries, control, common, options, parts, open_store, results).grade();
}

}  // namespace labctl
