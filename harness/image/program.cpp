#include "image/program.hpp"

#include <fmt/format.h>

#include <utility>

#include "process/process.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr const char* inside = "/build";
constexpr std::uint64_t max_source_bytes = 1 << 20;

using Sources = std::vector<std::pair<std::string, std::string>>;  // name and bytes

Result<Sources> sources_of(const ProgramSpec& program, const fs::path& folder) {
  if (!program.code.empty()) return Sources{{program.sources.at(0), program.code}};
  Sources sources;
  for (const auto& name : program.sources) {
    auto bytes = read_file(folder / name, max_source_bytes);
    if (!bytes)
      return fail(Fault::usage, fmt::format("program {}: {}", program.name, bytes.error().message),
                  "its sources lie in the lab's folder");
    sources.emplace_back(name, std::move(*bytes));
  }
  return sources;
}

std::vector<std::string> compiler_command(const ProgramSpec& program) {
  std::vector<std::string> argv = {"gcc", "-static", "-O2", "-Wall", "-pthread", "-o", "program"};
  argv.insert(argv.end(), program.cflags.begin(), program.cflags.end());
  for (const auto& source : program.sources)
    if (source.ends_with(".c")) argv.push_back(source);
  return argv;
}

Status compile(const ProgramSpec& program, const Sources& sources, const fs::path& build,
               const ProgramBuildOptions& options, const Cache& cache, StopToken stop) {
  for (const auto& [name, bytes] : sources) {
    std::error_code error;
    fs::create_directories((build / name).parent_path(), error);
    if (error) return system_error("cannot create", (build / name).parent_path(), error.value());
    if (auto written = write_file(build / name, bytes); !written) return written;
  }
  ProcessSpec spec;
  spec.argv = compiler_command(program);
  if (options.sandbox == Sandbox::on) {
    SandboxSpec box;
    box.writable = {{build, inside}};
    box.hidden = options.hidden;
    box.hidden.push_back(cache.root());
    box.cwd = inside;
    spec = sandboxed(box, spec);
  } else {
    spec.cwd = build;
  }
  spec.address_space_bytes = options.limits.module_build_memory;
  spec.file_size_bytes = options.limits.module_bytes;
  auto outcome = run_process(spec, {options.limits.module_build, options.limits.build_output_bytes}, stop);
  if (!outcome) return fail(outcome.error());
  if (outcome->success()) return {};
  if (options.sandbox == Sandbox::on)
    if (auto works = probe_sandbox(stop); !works) return works;
  return fail(
      Fault::usage,
      fmt::format("program {} of the lab does not build:\n{}", program.name,
                  printable(outcome->standard_error.substr(0, 4000))),
      "mend it, or the \"programs\" of the lab's spec; a static C library is needed: apt-get install libc6-dev");
}

}  // namespace

Result<std::string> build_program(const Cache& cache, const ProgramSpec& program, const fs::path& folder,
                                  const ProgramBuildOptions& options, StopToken stop) {
  auto sources = sources_of(program, folder);
  if (!sources) return fail(sources.error());
  if (!find_program("gcc"))
    return fail(Fault::harness, "cannot build the lab's programs: gcc is not installed",
                "apt-get install gcc libc6-dev");
  Sha256 hash;
  hash.field("program 1").field(join(compiler_command(program), "\n"));
  hash.field(fs::canonical(*find_program("gcc")).string());
  for (const auto& [name, bytes] : *sources)
    hash.field(name).field(bytes);
  auto entry = cache.get("programs", hash.hex(), [&](const fs::path& fresh) -> Status {
    const fs::path build = fresh.parent_path() / "build";
    std::error_code error;
    fs::create_directory(build, error);
    if (error) return system_error("cannot create", build, error.value());
    if (auto made = compile(program, *sources, build, options, cache, stop); !made) return made;
    fs::rename(build / "program", fresh / "program", error);
    if (error) return system_error("cannot keep", build / "program", error.value());
    return {};
  });
  if (!entry) return fail(entry.error());
  return read_file(*entry / "program", options.limits.module_bytes);
}

}  // namespace labctl
