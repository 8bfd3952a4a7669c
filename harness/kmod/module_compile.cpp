#include "module_compile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "build_commands.hpp"
#include "module_parts.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "workshop.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr const char* commands_file = "commands";
// One argument of a process has at most 128 KiB (MAX_ARG_STRLEN in <linux/binfmts.h>).
constexpr std::size_t max_script = 120U << 10;

Result<ProcessOutcome> run_script(const Workshop& shop, const std::string& script) {
  return run_in(shop, {"sh", "-c", script}, shop.folder());
}

Status empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directory(folder, error);
  if (error) return system_error("cannot empty", folder, error.value());
  return {};
}

Status write_sources(const fs::path& build, const ModuleSource& source, const std::string& more_kbuild = {}) {
  if (source.tree)
    if (auto written = write_tree(*source.tree, build); !written) return written;
  const fs::path folder = build / source.folder;
  if (!source.own_makefile)
    if (auto written = write_file(folder / "Kbuild", make_kbuild(source) + more_kbuild); !written) return written;
  for (const auto& file : source.files)
    if (auto written = write_file(build / file.name, file.bytes); !written) return written;
  return source.symbols.empty() ? Status() : write_file(folder / symbols_file, source.symbols);
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
  result.output = kept_messages(run.standard_error, shop.folder());
  std::error_code absent;
  const auto size = fs::file_size(shop.build / source.folder / (source.module + ".ko"), absent);
  result.succeeded = run.success() && !absent && size <= shop.options.limits.module_bytes;
  if (run.timed_out) {
    result.message =
        fmt::format("the compiler did not finish within {}", human_duration(shop.options.limits.module_build));
  } else if (!result.succeeded) {
    result.message = first_error(readable_messages(result.output, source));
  }
  return result;
}

// Has kbuild build the stand-in and takes down what it does; then does that itself. The script is empty if the two
// differ by a byte: then this kernel's modules are kbuild's.
Result<std::string> learn(const Workshop& shop, const ModuleSource& model) {
  if (auto written = write_sources(shop.build, model, environment_rule()); !written) return fail(written.error());
  auto printed = run_kbuild(shop, model, {"V=1"});
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

// Whether the commands for a module are those for its stand-in: nothing but the stand-in's own files decides them.
bool can_be_learned(const ModuleSource& source) {
  return !source.own_makefile && source.make.empty() &&
         std::none_of(source.objects.begin(), source.objects.end(), [](const auto& object) { return climbs(object); });
}

// Whether a built module has a MODULE_VERSION(). For such a module modpost adds a checksum of the sources (srcversion),
// which it finds through files that kbuild itself writes, not one of its commands (scripts/mod/sumversion.c). The text
// may be another's: that costs a second, no more.
bool has_version(const Workshop& shop, const ModuleSource& source) {
  const auto ko = read_file(shop.build / source.folder / (source.module + ".ko"));
  return !ko || ko->find("version=") != std::string::npos;
}

// What a folder's own makefile made instead of what the lab says it makes.
Status check_made(const Workshop& shop, const ModuleSource& source) {
  const fs::path folder = shop.build / source.folder;
  std::error_code ignored;
  if (fs::exists(folder / (source.module + ".ko"), ignored)) return {};
  std::vector<std::string> made;
  for (const auto& item : fs::directory_iterator(folder, ignored))
    if (item.path().extension() == ".ko") made.push_back(item.path().filename());
  std::sort(made.begin(), made.end());
  return fail(
      Fault::usage,
      fmt::format("the makefile of {} makes no {}.ko", (source.tree->root / source.folder).string(), source.module),
      made.empty() ? "it makes no module at all" : "it makes: " + join(made, ", "));
}

// The script for a module; empty where kbuild must do it. Only an interruption is an error: whatever else stands in
// the way of learning, kbuild will meet it too and say so.
Result<std::string> obtain_script(const Workshop& shop, const ModuleSource& source) {
  const ModuleSource model = stand_in(source);
  Sha256 hash;
  hash.field("commands 2").field(shop.kernel.identity.key).field(program_stamp("gcc")).field(make_kbuild(model));
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
  return script_for(*script, source, shop.module_folder(source));
}

}  // namespace

std::string program_stamp(const std::string& name) {
  const auto program = find_program(name);
  if (!program) return "none";
  std::error_code ignored;
  const fs::path real = fs::canonical(*program, ignored);
  return fmt::format("{}:{}:{}", real.string(), fs::file_size(real, ignored),
                     fs::last_write_time(real, ignored).time_since_epoch().count());
}

Result<CompileOutcome> compile_module(const Cache& cache, const Kernel& kernel, const ModuleSource& source,
                                      const fs::path& build, const ModuleBuildOptions& options, StopToken stop) {
  const Workshop shop{cache, kernel, options, stop, build};
  const bool learned = options.commands == BuildCommands::learned && can_be_learned(source);
  auto script = learned ? obtain_script(shop, source) : std::string();
  if (!script) return fail(script.error());
  if (!script->empty()) {
    if (auto written = write_sources(build, source); !written) return fail(written.error());
    auto run = run_script(shop, *script);
    if (!run) return fail(run.error());
    CompileOutcome result = judge(shop, source, *run);
    // kbuild would take as long again.
    if (run->timed_out || (result.succeeded && !has_version(shop, source))) return result;
    if (auto emptied = empty_folder(build); !emptied) return fail(emptied.error());
  }
  if (auto written = write_sources(build, source); !written) return fail(written.error());
  auto run = run_kbuild(shop, source, {"-s"});
  if (!run) return fail(run.error());
  if (source.own_makefile && run->success())
    if (auto made = check_made(shop, source); !made) return fail(made.error());
  return judge(shop, source, *run);
}

Result<Control> build_control(const Cache& cache, const Kernel& kernel, const ModuleBuildOptions& options,
                              StopToken stop) {
  auto folder = TempDir::create(cache.tmp(), "control");
  if (!folder) return fail(folder.error());
  Control control{std::move(*folder), {}, {}};
  std::error_code error;
  fs::create_directory(control.build(), error);
  if (error) return system_error("cannot create", control.build(), error.value());
  control.source.module = "control";
  control.source.objects = {"control.o"};
  control.source.files = {{"control.c", "#include <linux/module.h>\nMODULE_LICENSE(\"GPL\");\n", "control.c"}};
  ModuleBuildOptions plainly = options;
  plainly.commands = BuildCommands::kbuild;
  auto outcome = compile_module(cache, kernel, control.source, control.build(), plainly, stop);
  if (!outcome) return fail(outcome.error());
  control.outcome = std::move(*outcome);
  return control;
}

}  // namespace labctl
