#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "commands.hpp"
#include "proof_queue.hpp"
#include "report/proof_report.hpp"
#include "run_folder.hpp"
#include "spec/lab_reader.hpp"
#include "spec/mutants_reader.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "tool_digest.hpp"
#include "workbench.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct CheckArguments {
  std::vector<std::string> labs;
  bool all = false;
  std::vector<std::string> kernels;
  int seeds = 20;
  bool quick = false;
  std::vector<std::string> mutants;
  bool again = false;
  int jobs = 0;
  std::string labs_folder;
  std::string run_folder;
  std::string format = "text";
  bool verbose = false;
};

// All are read before anything runs.
Result<std::vector<LabToProve>> read_labs(const CheckArguments& arguments, const fs::path& folder) {
  const auto names = arguments.all ? lab_names(folder) : arguments.labs;
  if (names.empty())
    return fail(Fault::usage, "no lab was named",
                "labctl lab check LAB... or --all, with labs from: " + join(lab_names(folder), ", "));
  std::vector<LabToProve> labs;
  for (const auto& name : names) {
    auto file = find_lab(name, folder);
    if (!file) return fail(file.error());
    auto lab = read_lab(*file);
    if (!lab) return fail(lab.error());
    auto mutants = read_mutants(*lab);
    if (!mutants) return fail(mutants.error());
    labs.push_back({std::move(*lab), std::move(*mutants), {}, {}});
  }
  return labs;
}

bool suits(const Lab& lab, const std::string& release) {
  const auto& [min, max, config] = lab.kernel;
  return (min.empty() || compare_versions(release, min) >= 0) && (max.empty() || compare_versions(release, max) <= 0);
}

// Those that were asked for, else all that are built in both flavours and suit the lab; none: the default, to be built.
std::vector<std::string> kernels_for(const Lab& lab, const CheckArguments& arguments, const KernelStore& kernels) {
  if (!arguments.kernels.empty()) return arguments.kernels;
  std::vector<std::string> names;
  for (const auto& listed : kernels.list()) {
    const bool plain = listed.options.empty() && listed.flavour == "release";
    if (plain && listed.built && kernels.find(listed.name, "debug") && suits(lab, listed.built->identity.release))
      names.push_back(listed.name);
  }
  return names;
}

ExitCode verdict(const ProofResult& result) {
  if (result.interrupted) return ExitCode::interrupted;
  const auto& labs = result.labs;
  if (std::any_of(labs.begin(), labs.end(), [](const LabProof& lab) { return !lab.error.empty(); }))
    return ExitCode::harness;
  return std::all_of(labs.begin(), labs.end(), proven) ? ExitCode::passed : ExitCode::failed;
}

Result<ExitCode> check(const CheckArguments& arguments, Context& context) {
  const auto began = std::chrono::steady_clock::now();
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  auto labs = read_labs(arguments, labs_folder_of(arguments.labs_folder, *data));
  if (!labs) return fail(labs.error());
  auto opened = Workbench::open(context, arguments.labs_folder);
  if (!opened) return fail(opened.error());
  Workbench& bench = **opened;
  auto qemu = find_qemu(bench.cache(), context.stop);
  if (!qemu) return fail(qemu.error());
  auto tool = tool_digest(bench.initramfs(), *qemu);
  if (!tool) return fail(tool.error());
  auto folder = make_run_folder(arguments.run_folder);
  if (!folder) return fail(folder.error());

  const RunnerParts parts = bench.parts();
  const KernelStoreOpener open_store = bench.store_opener();
  ProofResult result;
  result.tool_version = LABCTL_VERSION;
  result.started = folder->started;
  result.seeds = arguments.quick ? 1 : arguments.seeds;
  for (LabToProve& asked : *labs) {
    ProofOptions& options = asked.options;
    options.kernels = kernels_for(asked.lab, arguments, bench.kernels());
    options.seeds = result.seeds;
    options.statements = !arguments.quick;
    options.mutants = arguments.mutants;
    options.remembered = !arguments.again;
    options.tool = *tool;
    options.run.jobs = arguments.jobs;
    asked.folder = folder->path / asked.lab.id;
    std::error_code error;
    fs::create_directories(asked.folder, error);
    if (error) return fail(system_error("cannot create", asked.folder, error.value()).value());
  }
  const auto tell = [&](const LabProof& proof) {
    // A course takes long: each lab is told when it is done.
    if (arguments.format != "text") return;
    fmt::print("{}", proof_text(proof, {context.terminal.color_out, arguments.verbose}));
    std::fflush(stdout);
  };
  // How many modules are judged at once was asked for: then it is not twice as many.
  auto queued = prove_labs(*labs, parts, open_store, arguments.jobs > 0 ? 1 : 2, tell);
  result.interrupted = !queued.ended && queued.ended.error().fault == Fault::interrupted;
  if (!queued.ended && !result.interrupted) return fail(queued.ended.error());
  result.labs = std::move(queued.done);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  if (auto kept = write_file(folder->path / "proof.json", proof_json(result)); !kept) return fail(kept.error());
  if (arguments.format == "json")
    fmt::print("{}", proof_json(result));
  else
    fmt::print("{}", proof_summary(result, took, {context.terminal.color_out, arguments.verbose}));
  return verdict(result);
}

}  // namespace

std::vector<RegisteredCommand> add_lab_check(CLI::App& lab) {
  auto arguments = std::make_shared<CheckArguments>();
  auto* app =
      lab.add_subcommand("check", "Prove labs: the reference passes, the starter does not, each bad module fails");
  app->add_option("LAB", arguments->labs, "labs by name, or paths to lab folders");
  app->add_flag("--all", arguments->all, "every lab in the labs folder");
  app->add_option("-k,--kernel", arguments->kernels,
                  "on this kernel; may be given several times (default: all that are built)")
      ->allow_extra_args(false);
  auto* seeds =
      app->add_option("--seeds", arguments->seeds, "how often the reference must pass in each flavour (default: 20)")
          ->check(CLI::Range(1, 1000));
  app->add_flag("--quick", arguments->quick, "the reference once, and no mutants of single statements")
      ->excludes(seeds);
  app->add_option("--mutant", arguments->mutants, "only the mutants of this name, in which * stands for any text")
      ->allow_extra_args(false);
  app->add_flag("--again", arguments->again, "judge everything anew (default: what has not changed is remembered)");
  app->add_option("-j,--jobs", arguments->jobs,
                  "modules at once, of one lab (default: two a core, of each of two labs)")
      ->check(CLI::Range(1, 256));
  app->add_option("--labs", arguments->labs_folder, "look for labs in this folder")->check(CLI::ExistingDirectory);
  app->add_option("--run-dir", arguments->run_folder, "keep the evidence of faults in this new folder");
  app->add_option("-f,--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app->add_flag("-v,--verbose", arguments->verbose, "show every mutant, and which tests failed on it");
  return {{app, [arguments](Context& context) { return check(*arguments, context); }}};
}

}  // namespace labctl
