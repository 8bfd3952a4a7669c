#include "build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "headers_folder.hpp"
#include "kbuild.hpp"
#include "kconfig.hpp"
#include "kernel/kernel.hpp"
#include "kernel/tree.hpp"
#include "process/process.hpp"
#include "source.hpp"
#include "support/files.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t max_config_bytes = 8 << 20;
constexpr std::uint64_t max_log_bytes = 256 << 20;
constexpr std::uint64_t max_facts_bytes = 1 << 20;

// How many objects a kernel has, where none of that name and flavour was built here before. Measured on 5.4.286 and
// 6.1.192 with the fragments of kernels.yaml.
std::uint64_t typical_objects(const std::string& version) {
  return compare_versions(version, "5.10") < 0 ? 1150 : 1200;
}

fs::path objects_memo(const Cache& cache, const KernelBuild& build) {
  return cache.root() / "kernels" / "state" / fmt::format("objects-{}-{}", build.name, build.flavour);
}

std::uint64_t estimated_objects(const Cache& cache, const KernelBuild& build) {
  const std::string known = read_file(objects_memo(cache, build), 64).value_or("");
  const std::uint64_t count = std::strtoull(known.c_str(), nullptr, 10);
  return count > 0 ? count : typical_objects(build.source.version);
}

std::string title_of(const KernelBuild& build) {
  const std::string& version = build.source.version;
  return fmt::format("kernel {} ({})", version.empty() ? build.name : version, build.flavour);
}

// A failed build's folder goes; its log stays.
std::string keep_log(const Cache& cache, const KernelBuild& build, const fs::path& log) {
  const fs::path kept = cache.root() / "kernels" / "logs" / fmt::format("{}-{}.log", build.name, build.flavour);
  std::error_code error;
  fs::create_directories(kept.parent_path(), error);
  fs::copy_file(log, kept, fs::copy_options::overwrite_existing, error);
  return error ? std::string("it could not be kept: " + error.message()) : kept.string();
}

// what: "configure", "compile"
tl::unexpected<Error> build_failed(const Cache& cache, const KernelBuild& build, const char* what,
                                   const fs::path& log) {
  const std::string why = why_it_failed(read_file(log, max_log_bytes).value_or(""));
  const bool full = why.find("No space left on device") != std::string::npos;
  return fail(Fault::harness, fmt::format("{} does not {}:\n{}", title_of(build), what, why),
              fmt::format("{}the whole log: {}", full ? "free some disk space; " : "", keep_log(cache, build, log)));
}

// A header that the tree's tools need, asked of the compiler itself, wherever it keeps headers.
Status check_header(const char* header, const char* package, StopToken stop) {
  ProcessSpec spec;
  spec.argv = {"gcc", "-E", "-x", "c", "-o", "/dev/null", "-"};
  spec.stdin_data = fmt::format("#include <{}>\n", header);
  auto outcome = run_process(spec, {Limits{}.tool, 1 << 16}, stop);
  if (!outcome) return fail(outcome.error());
  if (outcome->success()) return {};
  return fail(Fault::harness, fmt::format("cannot build the kernel: <{}> is not installed", header),
              fmt::format("apt-get install {}", package));
}

Status check_headers(std::string_view config, StopToken stop) {
  if (config_value(config, "CONFIG_OBJTOOL") == "y" || config_value(config, "CONFIG_STACK_VALIDATION") == "y")
    if (auto found = check_header("libelf.h", "libelf-dev", stop); !found) return found;
  if (config_value(config, "CONFIG_MODULE_SIG") == "y" || config_value(config, "CONFIG_SYSTEM_TRUSTED_KEYRING") == "y")
    return check_header("openssl/evp.h", "libssl-dev", stop);
  return {};
}

std::string reason_in(const fs::path& tree, const LostOption& option) {
  const std::string reason = option.wanted.value == "n" ? "" : explain_option(tree, option.wanted.name);
  return reason.empty() ? "" : "; " + reason;
}

// tinyconfig plus the fragments; the final .config grants every option.
Status configure(const Cache& cache, const KernelBuild& build, const Kbuild& kbuild, const fs::path& tree,
                 const fs::path& log) {
  auto wanted = requested_options(build.fragments);
  if (!wanted) return fail(wanted.error());
  auto tiny = kbuild.make({"tinyconfig"});
  if (!tiny) return fail(tiny.error());
  if (!*tiny) return build_failed(cache, build, "configure", log);

  auto config = read_file(tree / ".config", max_config_bytes);
  if (!config) return fail(config.error());
  *config += config_text(build.fragments);
  if (auto written = write_file(tree / ".config", *config); !written) return written;
  auto settled = kbuild.make({"olddefconfig"});
  if (!settled) return fail(settled.error());
  if (!*settled) return build_failed(cache, build, "configure", log);

  config = read_file(tree / ".config", max_config_bytes);
  if (!config) return fail(config.error());
  const auto lost = lost_options(*wanted, *config);
  if (lost.empty()) return {};
  std::string message = fmt::format("{} cannot have {} of the config options asked for:", title_of(build), lost.size());
  for (const auto& option : lost)
    message += "\n  " + describe(option) + reason_in(tree, option);
  return fail(Fault::usage, message,
              "a dependency is missing, another option forces it, or this kernel does not know it: see its Kconfig, "
              "then change what asks for it");
}

// Where gcc, which runs in the tree, finds them as "labctl/NAME.h".
Status write_headers(const KernelBuild& build, const fs::path& tree) {
  for (const auto& fragment : build.fragments)
    if (is_header(fragment))
      if (auto written = write_file(tree / "labctl" / fragment.name, fragment.text); !written) return written;
  return {};
}

Result<std::uint64_t> compile(const Cache& cache, const KernelBuild& build, const Kbuild& kbuild, const fs::path& log,
                              Progress& progress) {
  auto variables = make_variables(build.fragments);
  if (!variables) return fail(variables.error());
  std::vector<std::string> arguments = {fmt::format("-j{}", build.jobs), "bzImage", "modules"};
  arguments.insert(arguments.end(), variables->begin(), variables->end());
  std::uint64_t objects = 0;
  progress.begin("building " + title_of(build), estimated_objects(cache, build), "objects");
  auto made = kbuild.make(arguments, [&](std::string_view line) {
    if (is_object_line(line)) progress.advance(++objects);
  });
  progress.end(made && *made);
  if (!made) return fail(made.error());
  if (!*made) return build_failed(cache, build, "compile", log);
  return objects;
}

Status move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return system_error("cannot keep", from, error.value());
  return {};
}

// Without symbols, for QEMU to load; the notes stay, in which PVH finds its entry.
Status strip_vmlinux(const fs::path& from, const fs::path& to, StopToken stop) {
  ProcessSpec spec;
  spec.argv = {"objcopy", "--strip-all", from.string(), to.string()};
  auto outcome = run_process(spec, {Limits{}.module_build, 1 << 16}, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->success()) return fail(Fault::harness, "cannot strip the kernel: " + outcome->describe());
  return {};
}

Status write_facts(const KernelBuild& build, const std::string& release, std::uint64_t objects,
                   const fs::path& folder) {
  json fragments = json::array();
  for (const auto& fragment : build.fragments)
    fragments.push_back(fragment.name);
  const json facts = {{"release", release},
                      {"flavour", build.flavour},
                      {"compiler", build.compiler.version},
                      {"source", {{"text", build.source_text}, {"sha256", build.source.identity}}},
                      {"fragments", fragments},
                      {"objects", objects}};
  return write_file(folder / "kernel.json", facts.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

// Moves what is kept from the tree into the entry.
Status collect(const KernelBuild& build, const fs::path& tree, std::uint64_t objects, const fs::path& folder,
               StopToken stop) {
  auto release = read_file(tree / "include/config/kernel.release", 4096);
  if (!release) return fail(release.error());
  while (!release->empty() && release->back() == '\n')
    release->pop_back();
  if (auto copied = copy_headers(tree, folder / "headers"); !copied) return copied;
  if (auto stripped = strip_vmlinux(tree / "vmlinux", folder / "vmlinux", stop); !stripped) return stripped;
  const std::pair<const char*, const char*> files[] = {{"vmlinux", "vmlinux.debug"},
                                                       {"arch/x86/boot/bzImage", "bzImage"},
                                                       {"System.map", "System.map"},
                                                       {".config", "config"}};
  for (const auto& [from, to] : files)
    if (auto moved = move_file(tree / from, folder / to); !moved) return moved;
  return write_facts(build, *release, objects, folder);
}

}  // namespace

Status check_build_tools() {
  const std::pair<const char*, const char*> tools[] = {
      {"gcc", "gcc"},   {"make", "make"},   {"ld", "binutils"}, {"objcopy", "binutils"},
      {"flex", "flex"}, {"bison", "bison"}, {"bc", "bc"}};
  std::vector<std::string> missing, packages;
  for (const auto& [tool, package] : tools) {
    if (find_program(tool)) continue;
    missing.emplace_back(tool);
    if (std::find(packages.begin(), packages.end(), package) == packages.end()) packages.emplace_back(package);
  }
  if (missing.empty()) return {};
  return fail(Fault::harness, fmt::format("cannot build a kernel: {} not installed", join(missing, ", ")),
              "apt-get install " + join(packages, " "));
}

Status build_kernel(const Cache& cache, const KernelBuild& build, const fs::path& folder, Progress& progress,
                    StopToken stop) {
  if (auto tools = check_build_tools(); !tools) return tools;
  auto work = TempDir::create(cache.tmp(), "kernel");
  if (!work) return fail(work.error());
  const fs::path tree = work->path() / "linux";
  std::error_code error;
  fs::create_directory(tree, error);
  if (error) return system_error("cannot create", tree, error.value());
  if (auto staged = stage_source(build.source, tree, progress, stop); !staged) return staged;

  const fs::path log = folder / "build.log";
  auto kbuild = Kbuild::open(cache, tree, log, build.compiler, stop);
  if (!kbuild) return fail(kbuild.error());
  if (has_build_products(tree)) {
    auto clean = kbuild->make({"mrproper"});
    if (!clean) return fail(clean.error());
    if (!*clean) return build_failed(cache, build, "let itself be cleaned", log);
  }
  if (auto configured = configure(cache, build, *kbuild, tree, log); !configured) return configured;
  auto config = read_file(tree / ".config", max_config_bytes);
  if (!config) return fail(config.error());
  if (auto headers = check_headers(*config, stop); !headers) return headers;
  if (auto written = write_headers(build, tree); !written) return written;
  auto objects = compile(cache, build, *kbuild, log, progress);
  if (!objects) return fail(objects.error());
  if (auto collected = collect(build, tree, *objects, folder, stop); !collected) return collected;
  // An estimate for the next build's progress, no more.
  (void)write_file(objects_memo(cache, build), std::to_string(*objects));
  return {};
}

Result<KernelFacts> read_kernel_facts(const fs::path& folder) {
  auto bytes = read_file(folder / "kernel.json", max_facts_bytes);
  if (!bytes) return fail(bytes.error());
  try {
    const json facts = json::parse(*bytes);
    return KernelFacts{facts.at("release"), facts.at("flavour")};
  } catch (const json::exception& error) {
    return fail(Fault::harness, fmt::format("cannot read {}: {}", (folder / "kernel.json").string(), error.what()));
  }
}

}  // namespace labctl
