#include "module_compile.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "build_commands.hpp"
#include "process/process.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Where the sandbox shows the kernel and the build folder: the same for everybody, so that the same source gives the
// same bytes in any cache folder.
constexpr const char* kernel_inside = "/kernel";
constexpr const char* build_inside = "/build";

constexpr const char* commands_file = "commands";
// One argument of a process has at most 128 KiB (MAX_ARG_STRLEN in <linux/binfmts.h>).
constexpr std::size_t max_script = 120U << 10;

std::string environment_value(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// Everything that is needed to compile in one folder.
struct Workshop {
  const Cache& cache;
  const Kernel& kernel;
  const ModuleBuildOptions& options;
  StopToken stop;
  fs::path build;  // on the host

  bool sandboxed_build() const { return options.sandbox == Sandbox::on; }
  std::string tree() const { return sandboxed_build() ? kernel_inside : kernel.headers().string(); }
  std::string folder() const { return sandboxed_build() ? build_inside : build.string(); }
};

Result<ProcessOutcome> run_in(const Workshop& shop, const std::vector<std::string>& command) {
  ProcessSpec spec;
  spec.argv = command;
  if (shop.sandboxed_build()) {
    spec.environment = {{"MAKEFLAGS", ""}};
    SandboxSpec box;
    box.read_only = {{shop.kernel.headers(), kernel_inside}};
    box.writable = {{shop.build, build_inside}};
    box.hidden = shop.options.hidden;
    box.hidden.push_back(shop.cache.root());
    box.cwd = build_inside;
    spec = sandboxed(box, spec);
  } else {
    // kbuild obeys variables such as KCFLAGS, which the user's shell may hold for another purpose.
    spec.argv = {"env", "-i", "PATH=" + environment_value("PATH", "/usr/bin:/bin"),
                 "HOME=" + environment_value("HOME", "/nonexistent"), "LANG=C.UTF-8"};
    spec.argv.insert(spec.argv.end(), command.begin(), command.end());
    spec.cwd = shop.build;
  }
  spec.address_space_bytes = shop.options.limits.module_build_memory;
  spec.file_size_bytes = shop.options.limits.module_bytes;
  return run_process(spec, {shop.options.limits.module_build, shop.options.limits.build_output_bytes}, shop.stop);
}

Result<ProcessOutcome> run_kbuild(const Workshop& shop, const char* verbosity) {
  return run_in(shop, {"make", verbosity, "-C", shop.tree(), "M=" + shop.folder(), "modules"});
}

Result<ProcessOutcome> run_script(const Workshop& shop, const std::string& script) {
  return run_in(shop, {"sh", "-c", script});
}

Status empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directory(folder, error);
  if (error) return system_error("cannot empty", folder, error.value());
  return {};
}

Status write_sources(const fs::path& build, const ModuleSource& source, const std::string& more_kbuild = {}) {
  if (auto written = write_file(build / "Kbuild", make_kbuild(source) + more_kbuild); !written) return written;
  for (const auto& file : source.files)
    if (auto written = write_file(build / file.name, file.bytes); !written) return written;
  return source.symbols.empty() ? Status() : write_file(build / symbols_file, source.symbols);
}

// The first line that says "error", for the one-line message.
std::string first_error(const std::string& output) {
  for (auto line : split_lines(output))
    if (line.find("error:") != std::string_view::npos || line.find("ERROR:") != std::string_view::npos)
      return printable(line);
  return "the compiler failed";
}

CompileOutcome judge(const Workshop& shop, const ModuleSource& source, const ProcessOutcome& run) {
  CompileOutcome result;
  result.output = readable_messages(run.standard_error, source, shop.folder());
  std::error_code absent;
  const auto size = fs::file_size(shop.build / (source.module + ".ko"), absent);
  result.succeeded = run.success() && !absent && size <= shop.options.limits.module_bytes;
  if (run.timed_out) {
    result.message =
        fmt::format("the compiler did not finish within {}", human_duration(shop.options.limits.module_build));
  } else if (!result.succeeded) {
    result.message = first_error(result.output);
  }
  return result;
}

// Has kbuild build the stand-in and takes down what it does; then does that itself. The script is empty if the two
// differ by a byte: then this kernel's modules are kbuild's.
Result<std::string> learn(const Workshop& shop, const ModuleSource& model) {
  if (auto written = write_sources(shop.build, model, environment_rule()); !written) return fail(written.error());
  auto printed = run_kbuild(shop, "V=1");
  if (!printed) return fail(printed.error());
  const fs::path ko = shop.build / (model.module + ".ko");
  auto expected = read_file(ko);
  auto environment = read_file(shop.build / environment_file);
  if (!printed->success() || !expected || !environment)
    return fail(Fault::module, fmt::format("{} does not build", model.module));
  std::string script = build_script(*environment, printed->standard_output, shop.tree(), shop.folder());
  if (script.empty() || script.size() > max_script || printed->truncated) return std::string();

  if (auto emptied = empty_folder(shop.build); !emptied) return fail(emptied.error());
  if (auto written = write_sources(shop.build, model); !written) return fail(written.error());
  auto repeated = run_script(shop, script_for(script, model, shop.folder()));
  if (!repeated) return fail(repeated.error());
  const auto made = read_file(ko);
  return repeated->success() && made && *made == *expected ? script : std::string();
}

// The script for a module; empty where kbuild must do it. Only an interruption is an error: whatever else stands in
// the way of learning, kbuild will meet it too and say so.
Result<std::string> obtain_script(const Workshop& shop, const ModuleSource& source) {
  const ModuleSource model = stand_in(source);
  Sha256 hash;
  hash.field("commands 2").field(shop.kernel.identity.key).field(compiler_stamp()).field(make_kbuild(model));
  for (const auto& file : model.files)
    hash.field(file.name).field(file.bytes);
  // Outside the sandbox the commands name the kernel's folder.
  hash.field(environment_rule()).field(shop.tree());
  const auto entry = shop.cache.get("commands", hash.hex(), [&](const fs::path& fresh) -> Status {
    Workshop own{shop.cache, shop.kernel, shop.options, shop.stop, fresh.parent_path() / "build"};
    if (auto emptied = empty_folder(own.build); !emptied) return emptied;
    auto script = learn(own, model);
    if (!script) return fail(script.error());
    return write_file(fresh / commands_file, *script);
  });
  if (!entry && entry.error().fault == Fault::interrupted) return fail(entry.error());
  if (!entry) return std::string();
  const auto script = read_file(*entry / commands_file);
  if (!script || script->empty()) return std::string();
  return script_for(*script, source, shop.folder());
}

}  // namespace

std::string compiler_stamp() {
  const auto compiler = find_program("gcc");
  if (!compiler) return "none";
  std::error_code ignored;
  const fs::path real = fs::canonical(*compiler, ignored);
  return fmt::format("{}:{}:{}", real.string(), fs::file_size(real, ignored),
                     fs::last_write_time(real, ignored).time_since_epoch().count());
}

Result<CompileOutcome> compile_module(const Cache& cache, const Kernel& kernel, const ModuleSource& source,
                                      const fs::path& build, const ModuleBuildOptions& options, StopToken stop) {
  const Workshop shop{cache, kernel, options, stop, build};
  auto script = options.commands == BuildCommands::learned ? obtain_script(shop, source) : std::string();
  if (!script) return fail(script.error());
  if (!script->empty()) {
    if (auto written = write_sources(build, source); !written) return fail(written.error());
    auto run = run_script(shop, *script);
    if (!run) return fail(run.error());
    CompileOutcome result = judge(shop, source, *run);
    // kbuild would take as long again.
    if (result.succeeded || run->timed_out) return result;
    if (auto emptied = empty_folder(build); !emptied) return fail(emptied.error());
  }
  if (auto written = write_sources(build, source); !written) return fail(written.error());
  auto run = run_kbuild(shop, "-s");
  if (!run) return fail(run.error());
  return judge(shop, source, *run);
}

}  // namespace labctl
