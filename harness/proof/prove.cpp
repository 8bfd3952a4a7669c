#include "proof/prove.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "judge.hpp"
#include "kmod/line_replacement.hpp"
#include "mutants/automatic.hpp"
#include "runner/lab_digest.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "verdicts.hpp"

namespace labctl {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

// The seed is no secret and never changes, so that a verdict can be remembered, and had again with `labctl run`.
constexpr const char* seed = "lab-check";

// For workers: notes are shown once, work is told by who has the whole of it.
class NotesOnly final : public Progress {
 public:
  explicit NotesOnly(Progress& told) : told_(told) {}
  void begin(const std::string&, std::uint64_t, const std::string&) override {}
  void advance(std::uint64_t) override {}
  void end(bool) override {}
  void note(const std::string& line) override {
    const std::lock_guard lock(mutex_);
    if (seen_.insert(line).second) told_.note(line);
  }

 private:
  Progress& told_;
  std::mutex mutex_;
  std::set<std::string> seen_;
};

// A module to judge: how, and what is expected of it.
struct Task {
  Judged judged;
  std::vector<MutantSource> sources;  // of a mutant
  std::optional<fs::path> module;     // of the starter
  bool stop_at_failure = false;
  int times = 1;  // how often each test is done
};

// With its runs each test has as many seeds. What has allocations fail is a sweep already, and is the same each time.
Lab with_runs(Lab lab, int times) {
  constexpr int most_runs = 1000;
  for (auto& test : lab.tests)
    if (!test.init_faults) test.runs = std::min(most_runs, test.runs * times);
  return lab;
}

class Prover {
 public:
  Prover(const Lab& lab, const MutantList& mutants, const ProofOptions& options, const RunnerParts& parts,
         const KernelStoreOpener& open_store, const fs::path& folder)
      : lab_(lab), mutants_(mutants), options_(options), parts_(parts), open_store_(open_store), folder_(folder) {}

  Result<LabProof> prove() {
    const auto began = Clock::now();
    proof_.lab = lab_.id;
    proof_.title = lab_.title;
    if (auto planned = plan(); !planned) return fail(planned.error());
    parts_.progress.begin(lab_.id, tasks_.size(), "modules");
    Status done = do_references();
    if (done) done = do_others();
    parts_.progress.end(done.has_value());
    if (!done) return fail(done.error());
    std::vector<Judged> judged;
    for (auto& task : tasks_)
      judged.push_back(std::move(task.judged));
    judge_proof(lab_, mutants_, judged, options_.statements && options_.mutants.empty(), proof_);
    remove_evidence(judged);
    proof_.verdicts = static_cast<int>(judged.size());
    proof_.remembered = remembered_;
    proof_.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    return std::move(proof_);
  }

 private:
  bool is_wanted(const std::string& mutant) const {
    return options_.mutants.empty() || std::any_of(options_.mutants.begin(), options_.mutants.end(),
                                                   [&](const auto& pattern) { return is_like(mutant, pattern); });
  }

  Status plan() {
    if (!lab_.modules.front().tree.empty())
      return fail(Fault::usage,
                  fmt::format("lab {} takes its module from a source tree, which labctl does not change", lab_.id),
                  "labctl lab check is for labs whose reference is in modules/NAME");
    auto reference = reference_source(lab_, options_.run.limits, parts_.find_module);
    if (!reference) return fail(reference.error());
    if (auto digested = digest_inputs(*reference); !digested) return digested;
    const std::vector<std::string> kernels = options_.kernels.empty() ? std::vector<std::string>{""} : options_.kernels;
    for (const auto& kernel : kernels) {
      if (options_.mutants.empty()) plan_reference(kernel);
      if (auto planned = plan_mutants(kernel, *reference); !planned) return planned;
    }
    if (tasks_.empty())
      return fail(Fault::usage, fmt::format("no mutant of {} has this name", lab_.id),
                  "labctl lab check --verbose tells them all");
    return {};
  }

  void plan_reference(const std::string& kernel) {
    for (const char* flavour : {"release", "debug"}) {
      Task task;
      task.judged.role = Judged::Role::reference;
      task.judged.name = "reference";
      task.judged.kernel = kernel;
      task.judged.flavour = flavour;
      task.times = options_.seeds;
      add(std::move(task));
    }
    const fs::path starter = fs::absolute(lab_.file).parent_path() / "starter";
    std::error_code ignored;
    if (fs::is_directory(starter, ignored)) {
      Task task;
      task.judged.role = Judged::Role::starter;
      task.judged.name = "starter";
      task.judged.kernel = kernel;
      task.module = starter;
      add(std::move(task));
    } else if (proof_.faults.empty()) {
      proof_.faults.push_back(
          {"the lab has no starter", "", "make " + starter.string() + ", where a student begins", {}});
    }
  }

  Status plan_mutants(const std::string& kernel, const ModuleSource& reference) {
    for (const auto& mutant : mutants_.written) {
      if (!is_wanted(mutant.name)) continue;
      ModuleSource source = reference;
      if (auto replaced = replace_lines(source, mutant.replace); !replaced) return replaced;
      Task task;
      task.judged.role = Judged::Role::written_mutant;
      task.judged.name = mutant.name;
      task.judged.about = mutant.about;
      task.judged.written = &mutant;
      task.judged.kernel = kernel;
      task.sources = sources_of(source);
      add(std::move(task));
    }
    AutomaticOptions automatic;
    automatic.statements = options_.statements;
    automatic.failing_allocations =
        std::any_of(lab_.tests.begin(), lab_.tests.end(), [](const Test& test) { return test.init_faults; });
    for (auto& mutant : automatic_mutants(sources_of(reference), automatic)) {
      if (!is_wanted(mutant.name)) continue;
      Task task;
      task.judged.role = Judged::Role::automatic_mutant;
      task.judged.name = mutant.name;
      task.judged.about = mutant.about;
      task.judged.file = mutant.file;
      task.judged.line = mutant.line;
      task.judged.nothing = mutant.nothing;
      task.judged.kernel = kernel;
      task.sources = std::move(mutant.sources);
      // Of these there are many. One test that finds them is enough.
      task.stop_at_failure = mutant.name.starts_with("drop ") || mutant.name.starts_with("unlocked ");
      add(std::move(task));
    }
    return {};
  }

  static std::vector<MutantSource> sources_of(const ModuleSource& source) {
    std::vector<MutantSource> sources;
    for (const auto& file : source.files)
      sources.push_back({file.name, file.bytes});
    return sources;
  }

  void add(Task task) {
    const std::string kernel = task.judged.kernel.empty() ? "default" : task.judged.kernel;
    std::string name = folder_name(task.judged.name, 80);
    if (!task.judged.flavour.empty()) name += "-" + task.judged.flavour;
    task.judged.folder = folder_ / kernel / fmt::format("{:03}-{}", tasks_.size() + 1, name);
    tasks_.push_back(std::move(task));
  }

  // All but the module that is judged: the spec, what is beside it, and labctl itself.
  Status digest_inputs(const ModuleSource& reference) {
    Sha256 sum;
    sum.field("verdict 2").field(options_.tool).field(lab_.text).field(seed);
    sum.field(std::to_string(static_cast<int>(options_.run.accelerator)));
    const auto lab = lab_digest(lab_, parts_.find_module);
    if (!lab) return fail(lab.error());
    sum.field(*lab);
    inputs_ = sum.hex();
    reference_ = sources_of(reference);
    return {};
  }

  Result<std::string> digest_of(const Task& task, const Lab& lab, const KernelStore& kernels) const {
    Sha256 sum;
    sum.field(inputs_).field(task.judged.flavour).field(task.stop_at_failure ? "first failure" : "all tests");
    for (const auto& test : lab.tests)
      sum.field(test.name).field(std::to_string(test.runs));
    if (task.judged.kernel.empty()) {
      for (const auto& listed : kernels.list())
        if (listed.built) sum.field(listed.name).field(listed.built->identity.key);
    } else {
      for (const char* flavour : {"release", "debug"})
        if (const auto kernel = kernels.find(task.judged.kernel, flavour)) sum.field(kernel->identity.key);
    }
    std::vector<MutantSource> sources = task.module ? std::vector<MutantSource>() : task.sources;
    if (sources.empty() && !task.module) sources = reference_;
    if (task.module) {
      std::error_code error;
      std::vector<fs::path> files;
      for (const auto& item : fs::recursive_directory_iterator(*task.module, error))
        if (item.is_regular_file(error)) files.push_back(item.path());
      std::sort(files.begin(), files.end());
      for (const auto& file : files) {
        auto bytes = read_file(file);
        if (!bytes) return fail(bytes.error());
        sources.push_back({file.lexically_relative(*task.module).string(), std::move(*bytes)});
      }
    }
    sum.field(task.judged.role == Judged::Role::reference ? "reference" : "submission");
    for (const auto& source : sources)
      sum.field(source.name).field(source.bytes);
    return sum.hex();
  }

  Status do_task(Task& task, const RunnerParts& parts, int jobs) {
    const Lab lab = task.times > 1 ? with_runs(lab_, task.times) : ordered_for(task);
    Subject subject;
    subject.kernel = task.judged.kernel;
    subject.flavour = task.judged.flavour;
    subject.stop_at_failure = task.stop_at_failure;
    subject.seed = seed;
    auto digest = digest_of(task, lab, parts.kernels);
    if (!digest) return fail(digest.error());
    subject.digest = *digest;
    std::optional<TempDir> made;
    subject.module = task.module;
    if (!task.sources.empty()) {
      auto folder = TempDir::create(parts.cache.tmp(), "mutant");
      if (!folder) return fail(folder.error());
      made = std::move(*folder);
      for (const auto& source : task.sources)
        if (auto written = write_file(made->path() / source.name, source.bytes); !written) return written;
      subject.module = made->path();
    }
    RunOptions run = options_.run;
    run.jobs = jobs;
    // What is in a source tree is not part of the digest.
    const bool in_trees = std::any_of(lab_.modules.begin(), lab_.modules.end(),
                                      [](const ModuleSpec& module) { return !module.tree.empty(); });
    auto result = judge_subject(lab, subject, run, parts, options_.remembered && !in_trees, task.judged.folder);
    if (!result) return fail(result.error());
    task.judged.verdict = std::move(result->verdict);
    if (result->from_cache) ++remembered_;
    parts_.progress.advance(++done_);
    return {};
  }

  // Where one test is enough, those come first that have found nothing yet: so it is seen sooner whether they find
  // anything. Tests that need others stay where they are.
  Lab ordered_for(const Task& task) const {
    Lab lab = lab_;
    const bool in_any_order =
        std::all_of(lab.tests.begin(), lab.tests.end(), [](const Test& test) { return test.needs.empty(); });
    if (task.stop_at_failure && in_any_order)
      std::stable_partition(lab.tests.begin(), lab.tests.end(),
                            [this](const Test& test) { return !finders_.contains(test.name); });
    return lab;
  }

  // Each has as many machines at once as there are cores: they are many runs of few builds.
  Status do_references() {
    for (auto& task : tasks_)
      if (task.judged.role == Judged::Role::reference)
        if (auto done = do_task(task, parts_, options_.run.jobs); !done) return done;
    return {};
  }

  // The others are one run of many builds: each worker builds and judges one at a time. Those that stop at the first
  // failure come last.
  Status do_others() {
    std::vector<Task*> whole, stopping;
    for (auto& task : tasks_)
      if (task.judged.role != Judged::Role::reference) (task.stop_at_failure ? stopping : whole).push_back(&task);
    if (auto done = in_parallel(whole); !done) return done;
    for (const Task* task : whole)
      if (!task->judged.nothing && task->judged.role != Judged::Role::starter)
        for (const auto& test : task->judged.verdict.tests)
          if (test.status != TestStatus::passed) finders_.insert(test.test);
    return in_parallel(stopping);
  }

  Status in_parallel(const std::vector<Task*>& tasks) {
    // Bad modules often wait for what never comes, and meanwhile leave their core to another.
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t jobs = options_.run.jobs > 0 ? static_cast<std::size_t>(options_.run.jobs) : 2 * cores;
    NotesOnly notes(parts_.progress);
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> given_up = false;
    std::mutex mutex;
    Status ended;
    const auto work = [&] {
      try {
        auto kernels = open_store_(notes);
        Status done = kernels ? Status() : fail(kernels.error());
        while (done && !given_up) {
          const std::size_t i = next++;
          if (i >= tasks.size()) break;
          const RunnerParts parts{parts_.cache,  *kernels, parts_.initramfs, parts_.find_module,
                                  parts_.hidden, notes,    parts_.stop,      parts_.host};
          done = do_task(*tasks[i], parts, 1);
        }
        if (done) return;
        given_up = true;
        const std::lock_guard lock(mutex);
        if (ended) ended = std::move(done);
      } catch (const std::exception& thrown) {
        given_up = true;
        const std::lock_guard lock(mutex);
        if (ended) ended = fail(Fault::harness, fmt::format("internal error: {}", thrown.what()));
      }
    };
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < std::min(jobs, tasks.size()); ++i)
        workers.emplace_back(work);
    }
    return ended;
  }

  // Of what went as it should nobody reads the logs, and there are hundreds.
  void remove_evidence(const std::vector<Judged>& judged) const {
    std::error_code ignored;
    for (const auto& module : judged) {
      const bool needed = !module.verdict.not_judged.empty() ||
                          std::any_of(proof_.faults.begin(), proof_.faults.end(),
                                      [&](const LabFault& fault) { return fault.evidence == module.folder; });
      if (!needed) fs::remove_all(module.folder, ignored);
    }
  }

  const Lab& lab_;
  const MutantList& mutants_;
  const ProofOptions& options_;
  const RunnerParts& parts_;
  const KernelStoreOpener& open_store_;
  const fs::path& folder_;
  std::string inputs_;
  std::vector<MutantSource> reference_;
  std::vector<Task> tasks_;
  std::set<std::string> finders_;  // tests that failed on some mutant which does something
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<int> remembered_ = 0;
  LabProof proof_;
};

}  // namespace

bool is_like(std::string_view name, std::string_view pattern) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return name == pattern;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at)
    if (is_like(name.substr(at), rest)) return true;
  return false;
}

Result<LabProof> prove_lab(const Lab& lab, const MutantList& mutants, const ProofOptions& options,
                           const RunnerParts& parts, const KernelStoreOpener& open_store, const fs::path& folder) {
  return Prover(lab, mutants, options, parts, open_store, folder).prove();
}

}  // namespace labctl
