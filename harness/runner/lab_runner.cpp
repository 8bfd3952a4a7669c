#include "runner/lab_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "guest/session.hpp"
#include "image/program.hpp"
#include "kmod/exported_symbols.hpp"
#include "module_sources.hpp"
#include "snapshot_store.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "test_runner.hpp"

namespace labctl {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

std::chrono::milliseconds since(Clock::time_point began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
}

// A folder name from a test's name: its place in the spec, and what of its letters every file system takes.
std::string folder_name(std::size_t index, const std::string& name) {
  std::string plain;
  for (char c : name) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (keep) plain += c;
    if (!keep && !plain.empty() && plain.back() != '-') plain += '-';
    if (plain.size() >= 60) break;
  }
  return fmt::format("{:02}-{}", index + 1, plain);
}

Status check_config(const Lab& lab, const Kernel& kernel) {
  if (lab.kernel.config.empty()) return {};
  auto config = read_file(kernel.config());
  if (!config) return fail(config.error());
  std::vector<std::string> missing;
  const std::string lines = "\n" + *config;
  for (const auto& option : lab.kernel.config)
    if (lines.find("\nCONFIG_" + option + "=") == std::string::npos) missing.push_back("CONFIG_" + option);
  if (missing.empty()) return {};
  return fail(Fault::harness,
              fmt::format("kernel {} ({}) does not have what lab {} needs: {}", kernel.identity.release,
                          kernel.identity.flavour, lab.id, join(missing, ", ")),
              "use another kernel or flavour: labctl kernel list");
}

BuildResult not_built(const std::string& module, const Error& error) {
  BuildResult built;
  built.module = module;
  built.message = error.message;
  built.output = error.hint;
  return built;
}

// One module, which may use the symbols of others that were built before it.
Result<BuildResult> build_one(const Kernel& kernel, ModuleSource source, const std::vector<std::size_t>& used,
                              const std::vector<BuildResult>& built, const ModuleBuildOptions& options,
                              const RunnerParts& parts) {
  std::string symvers;
  for (const std::size_t other : used) {
    // Without its symbols this one would be blamed for what is not its fault.
    if (!built[other].module.empty() && !built[other].succeeded)
      return not_built(source.module,
                       {Fault::module, fmt::format("it uses {}, which did not build", built[other].module), ""});
    symvers += built[other].symbols;
  }
  source.symbols = symbols_used(source, symvers);
  return build_module(parts.cache, kernel, source, options, parts.stop);
}

// Builds the lab's modules. A module that cannot be built for its own fault is in result.builds; then no test runs.
Result<std::vector<GuestFile>> build_modules(const Lab& lab, const Kernel& kernel, const RunOptions& options,
                                             const RunnerParts& parts, const fs::path& folder, LabResult& result) {
  ModuleBuildOptions build;
  build.sandbox = options.sandbox;
  build.limits = options.limits;
  build.hidden = parts.hidden;
  build.hidden.push_back(lab.file.parent_path());
  for (const auto& module : lab.modules)
    if (!module.tree.empty()) build.hidden.push_back(tree_path(lab, module));

  ModuleSources found(lab, options, parts);
  std::vector<ModuleSource> sources(lab.modules.size());
  std::vector<BuildResult> built(lab.modules.size());  // without a name until it is known how it went
  for (std::size_t i = 0; i < lab.modules.size(); ++i) {
    auto source = found.of(i);
    if (!source && source.error().fault != Fault::module) return fail(source.error());
    if (source) {
      sources[i] = std::move(*source);
    } else {
      built[i] = not_built(lab.modules[i].name, source.error());
    }
  }
  const auto used = used_modules(sources);
  for (const std::size_t i : build_order(used)) {
    if (!built[i].module.empty()) continue;
    ModuleBuildOptions asked = build;
    ask_what_is_judged(lab, lab.modules[i].name, asked);
    auto made = build_one(kernel, sources[i], used[i], built, asked, parts);
    if (!made) return fail(made.error());
    built[i] = std::move(*made);
  }

  std::vector<GuestFile> files;
  for (auto& module : built) {
    if (!module.output.empty())
      if (auto kept = write_file(folder / fmt::format("build-{}.log", module.module), module.output); !kept)
        return fail(kept.error());
    if (module.succeeded) {
      auto bytes = read_file(module.ko);
      if (!bytes) return fail(bytes.error());
      files.push_back({"/lab/modules/" + module.module + ".ko", std::move(*bytes), false});
    }
    result.builds.push_back(std::move(module));
  }
  return files;
}

// The lab's programs, where the guest's PATH finds them.
Status add_programs(const Lab& lab, const RunOptions& options, const RunnerParts& parts,
                    std::vector<GuestFile>& files) {
  ProgramBuildOptions build{options.sandbox, options.limits, parts.hidden};
  for (const auto& program : lab.programs) {
    auto bytes = build_program(parts.cache, program, lab.file.parent_path(), build, parts.stop);
    if (!bytes) return fail(bytes.error());
    files.push_back({"/lab/bin/" + program.name, std::move(*bytes), true});
  }
  return {};
}

TestResult not_judged(const Test& test, TestStatus status, const std::string& why) {
  TestResult result;
  result.status = status;
  result.name = test.name;
  result.points = test.points;
  result.hidden = test.hidden;
  result.hint = status == TestStatus::build_failed ? "" : test.hint;
  result.where = test.where;
  result.message = why;
  return result;
}

// 64 bytes, other ones for each test and each of its runs. By the test's name, so that a spec that grows leaves the
// others alone.
std::string seed_of(const std::string& run_seed, const Lab& lab, const Test& test, int run) {
  return Sha256().field(run_seed).field(lab.id).field(test.name).field(std::to_string(run)).hex();
}

std::size_t machines_at_once(int memory_mib) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  std::ifstream meminfo("/proc/meminfo");
  std::string name;
  for (std::uint64_t kib = 0; meminfo >> name >> kib; meminfo.ignore(80, '\n'))
    // QEMU's own memory is about 30 MiB, and half of what is free is left to others.
    if (name == "MemAvailable:")
      return std::clamp<std::size_t>(kib / 1024 / 2 / static_cast<std::size_t>(memory_mib + 30), 1, cores);
  return cores;
}

// All runs of one test, of which the first that does not pass is the result. The rest is done all the same: how many
// fail tells a race from a mistake.
Result<TestResult> run_as_often_as_asked(const Lab& lab, const Test& test, const TestMachine& machine,
                                         const RunOptions& options, StopToken stop, const fs::path& folder) {
  if (needs_no_machine(test)) return judge_builds(test, machine.builds);
  std::optional<TestResult> first_failed, last;
  int failed = 0, failed_run = 0;
  std::chrono::milliseconds took{0};
  for (int run = 1; run <= test.runs; ++run) {
    TestMachine own = machine;
    own.spec.folder = test.runs == 1 ? folder : folder / fmt::format("run-{}", run);
    std::error_code error;
    fs::create_directories(own.spec.folder, error);
    if (error)
      return not_judged(test, TestStatus::infrastructure_error,
                        fmt::format("cannot create {}: {}", own.spec.folder.string(), error.message()));
    own.seed = seed_of(options.seed, lab, test, run);
    auto result = run_test(test, own, options.limits, stop);
    if (!result) return fail(result.error());
    took += result->took;
    // Nobody's verdict: it must not be counted among the module's failures.
    if (result->status == TestStatus::infrastructure_error) return std::move(*result);
    if (result->status != TestStatus::passed) ++failed;
    if (result->status != TestStatus::passed && !first_failed) {
      first_failed = *result;
      failed_run = run;
    }
    last = std::move(*result);
  }
  TestResult result = first_failed ? std::move(*first_failed) : std::move(*last);
  result.took = took;
  if (test.runs > 1 && failed > 0)
    result.note = fmt::format("failed {} of {} runs; run {} is shown", failed, test.runs, failed_run);
  return result;
}

// A test that needs another one says nothing where that one did not pass.
void withdraw_what_says_nothing(const Lab& lab, std::vector<TestResult>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status == TestStatus::infrastructure_error) continue;
    for (const auto& needed : lab.tests[i].needs) {
      const auto other = std::find_if(results.begin(), results.end(),
                                      [&needed](const TestResult& result) { return result.name == needed; });
      if (other == results.end() || other->status == TestStatus::passed) continue;
      results[i] =
          not_judged(lab.tests[i], TestStatus::not_run, fmt::format("it needs \"{}\", which did not pass", needed));
      break;
    }
  }
}

// Runs the tests, several machines at a time; results are in the spec's order whatever the order of their ends.
Result<std::vector<TestResult>> run_tests(const Lab& lab, const TestMachine& machine, const RunOptions& options,
                                          StopToken stop, const fs::path& folder) {
  std::vector<std::optional<Result<TestResult>>> slots(lab.tests.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < lab.tests.size(); i = next++) {
      const Test& test = lab.tests[i];
      const fs::path place = folder / folder_name(i, test.name);
      std::error_code error;
      fs::create_directories(place, error);
      if (error) {
        slots[i] = not_judged(test, TestStatus::infrastructure_error,
                              fmt::format("cannot create {}: {}", place.string(), error.message()));
        continue;
      }
      try {
        slots[i] = run_as_often_as_asked(lab, test, machine, options, stop, place);
      } catch (const std::exception& thrown) {
        slots[i] = not_judged(test, TestStatus::infrastructure_error, fmt::format("internal error: {}", thrown.what()));
      }
    }
  };
  const std::size_t jobs =
      std::min(options.jobs > 0 ? static_cast<std::size_t>(options.jobs) : machines_at_once(machine.spec.memory_mib),
               lab.tests.size());
  {
    std::vector<std::jthread> workers;  // joined at the end of this block
    for (std::size_t i = 1; i < jobs; ++i)
      workers.emplace_back(work);
    work();
  }

  std::vector<TestResult> results;
  for (auto& slot : slots) {
    if (!*slot) return fail(slot->error());
    results.push_back(std::move(**slot));
  }
  withdraw_what_says_nothing(lab, results);
  return results;
}

// A machine that did not come up may have been given damaged files: then say so, and have them made again.
Status blame_the_cache(const std::vector<TestResult>& tests, const Kernel& kernel, const fs::path& initramfs,
                       const Cache& cache) {
  const bool failed = std::any_of(tests.begin(), tests.end(), [](const TestResult& test) {
    return test.status == TestStatus::infrastructure_error;
  });
  if (!failed) return {};
  if (auto whole = cache.verify("kernels", kernel.identity.key); !whole) return whole;
  return cache.verify("initramfs", initramfs.parent_path().filename());
}

Status judge(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const fs::path& folder,
             LabResult& result) {
  if (auto kept = write_file(folder / "lab.yaml", lab.text); !kept) return kept;
  auto qemu = find_qemu(parts.cache, parts.stop);
  if (!qemu) return fail(qemu.error());

  std::string flavour = options.flavour;
  if (flavour.empty()) flavour = lab.flavour.empty() ? "release" : lab.flavour;
  const auto suits = [&](const std::string& version) {
    return (lab.kernel.min_version.empty() || compare_versions(version, lab.kernel.min_version) >= 0) &&
           (lab.kernel.max_version.empty() || compare_versions(version, lab.kernel.max_version) <= 0);
  };
  auto kernel = parts.kernels.obtain(options.kernel, flavour, suits);
  if (!kernel) return fail(kernel.error());
  result.kernel = kernel->identity;
  if (auto fits = check_config(lab, *kernel); !fits) return fits;
  std::error_code error;
  fs::copy_file(kernel->config(), folder / "kernel.config", fs::copy_options::overwrite_existing, error);
  if (error) return fail(Fault::harness, fmt::format("cannot copy {}: {}", kernel->config().string(), error.message()));

  auto files = build_modules(lab, *kernel, options, parts, folder, result);
  if (!files) return fail(files.error());
  if (files->size() < lab.modules.size()) {
    const auto bad = std::find_if(result.builds.begin(), result.builds.end(),
                                  [](const BuildResult& built) { return !built.succeeded; });
    for (const auto& test : lab.tests)
      result.tests.push_back(needs_no_machine(test) ? judge_builds(test, result.builds)
                                                    : not_judged(test, TestStatus::build_failed,
                                                                 fmt::format("module {} did not build", bad->module)));
    return {};
  }

  if (auto added = add_programs(lab, options, parts, *files); !added) return added;
  auto initramfs = obtain_initramfs(parts.cache, parts.initramfs, parts.stop);
  if (!initramfs) return fail(initramfs.error());
  const auto boots = [&](Accelerator accelerator) {
    return boot_once(*kernel, *qemu, accelerator, parts, options.limits);
  };
  auto choice = choose_accelerator(options.accelerator, parts.cache, *qemu, options.kvm_device, boots);
  if (!choice) return fail(choice.error());
  if (choice->probed) parts.progress.note(choice->reason + "; remembered for this machine");
  result.accelerator = accelerator_name(choice->accelerator);

  MachineSpec machine = machine_spec(*kernel, *initramfs, choice->accelerator);
  machine.cpus = lab.cpus;
  if (lab.memory_mib > 0) machine.memory_mib = lab.memory_mib;
  machine.command_line = lab.command_line;
  const auto driver = make_qemu_driver(*qemu, options.limits);
  SnapshotStore snapshots(parts.cache, *qemu, *driver, options.limits, parts.progress, parts.stop);
  if (!options.cold) {
    auto snapshot =
        snapshots.obtain(machine, kernel->identity.key + " " + initramfs->parent_path().filename().string());
    if (!snapshot) return fail(snapshot.error());
    machine.snapshot = *snapshot;
  }
  const TestMachine given{*driver,       machine, *files,
                          result.builds, "",      [&](const Error& why) { snapshots.discard(machine.snapshot, why); }};
  auto tests = run_tests(lab, given, options, parts.stop, folder);
  if (!tests) return fail(tests.error());
  result.tests = std::move(*tests);
  return blame_the_cache(result.tests, *kernel, *initramfs, parts.cache);
}

}  // namespace

MachineSpec machine_spec(const Kernel& kernel, const fs::path& initramfs, Accelerator accelerator) {
  const bool debug = kernel.identity.flavour == "debug";
  MachineSpec machine;
  machine.vmlinux = kernel.vmlinux();
  machine.bzimage = kernel.bzimage();
  machine.pvh = !debug;
  machine.initramfs = initramfs;
  // KASAN's shadow takes an eighth, its quarantine and lockdep's tables much of the rest.
  machine.memory_mib = debug ? 512 : 128;
  machine.accelerator = accelerator;
  return machine;
}

Status boot_once(const Kernel& kernel, const QemuProgram& qemu, Accelerator accelerator, const RunnerParts& parts,
                 const Limits& limits) {
  auto initramfs = obtain_initramfs(parts.cache, parts.initramfs, parts.stop);
  if (!initramfs) return fail(initramfs.error());
  auto folder = TempDir::create(parts.cache.tmp(), "probe");
  if (!folder) return fail(folder.error());
  MachineSpec machine = machine_spec(kernel, *initramfs, accelerator);
  machine.folder = folder->path();
  Limits quick = limits;
  if (accelerator == Accelerator::kvm) quick.boot = limits.kvm_probe;
  auto started = make_qemu_driver(qemu, quick)->start(machine);
  if (!started) return fail(started.error());
  return Session(**started, quick, parts.stop).wait_ready();
}

Result<LabResult> run_lab(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const fs::path& folder) {
  const auto began = Clock::now();
  LabResult result;
  result.lab = lab.id;
  result.title = lab.title;
  result.spec = lab.file;
  result.folder = folder;
  if (auto judged = judge(lab, options, parts, folder, result); !judged) {
    const Error& error = judged.error();
    if (error.fault == Fault::interrupted || error.fault == Fault::usage) return fail(error);
    result.error = error.message;
    result.error_hint = error.hint;
    result.tests.clear();
    for (const auto& test : lab.tests)
      result.tests.push_back(not_judged(test, TestStatus::infrastructure_error, error.message));
  }
  result.took = since(began);
  return result;
}

}  // namespace labctl
