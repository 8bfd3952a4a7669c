#include "kmod/module_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "dependencies.hpp"
#include "modpost_refusal.hpp"
#include "module_compile.hpp"
#include "process/process.hpp"
#include "source_checks.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "workshop.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

std::string key_of(const Kernel& kernel, const ModuleSource& source, const ModuleBuildOptions& options) {
  Sha256 hash;
  hash.field("module 8").field(kernel.identity.key).field(program_stamp("gcc")).field(make_kbuild(source));
  hash.field(options.sandbox == Sandbox::on ? "sandbox" : "plain").field(options.inspect ? "inspected" : "built");
  hash.field(options.sparse ? program_stamp("sparse") : "").field(options.checkpatch ? "checkpatch" : "");
  hash.field(source.folder)
      .field(source.own_makefile ? "own" : "generated")
      .field(source.tree ? source.tree->digest : "");
  hash.field(std::to_string(source.make.size()));
  for (const auto& [name, value] : source.make)
    hash.field(name).field(value);
  // Whose file it is decides what is found in it.
  for (const auto& file : source.files)
    hash.field(file.name).field(file.bytes).field(file.own ? "own" : "given");
  return hash.field(source.symbols).hex();
}

Status blame_the_module(const Cache& cache, const Kernel& kernel, const ModuleSource& source,
                        const ModuleBuildOptions& options, StopToken stop) {
  // Asked for first: a program that is missing, or a full disk, says so more clearly than a failed control does.
  if (options.sandbox == Sandbox::on)
    if (auto works = probe_sandbox(stop); !works) return works;
  // What the compiler printed is the student's to choose, so the disk itself is asked.
  std::error_code unknown;
  if (const auto space = fs::space(cache.root(), unknown); !unknown && space.available < (8U << 20))
    return fail(Fault::harness, fmt::format("cannot build module {}: no space left on the disk", source.module),
                "free some disk space, then run the same command again");
  if (auto whole = cache.verify("kernels", kernel.identity.key); !whole) return whole;
  auto control = build_control(cache, kernel, options, stop);
  if (!control) return fail(control.error());
  if (!control->outcome.succeeded)
    return fail(
        Fault::harness,
        fmt::format("no module can be built against kernel {}: {}", kernel.identity.release, control->outcome.message),
        "labctl doctor checks the build tools; labctl kernel build makes the kernel anew");
  return {};
}

int warnings_in(const std::string& output) {
  int count = 0;
  for (const auto line : split_lines(output))
    if (line.find("warning: ") != std::string_view::npos || line.starts_with("WARNING: ")) ++count;
  return count;
}

// The symbols that an object takes from elsewhere, one a line. In nm's portable format (POSIX) a line begins with the
// symbol.
Result<std::string> undefined_symbols(const fs::path& ko, StopToken stop) {
  ProcessSpec spec;
  spec.argv = {"nm", "-u", "-P", ko.string()};
  auto outcome = run_process(spec, {Limits{}.tool, 4 << 20}, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->success())
    return fail(Fault::harness, fmt::format("nm cannot read {}: {}", ko.string(), outcome->describe()),
                "labctl doctor checks the build tools");
  std::vector<std::string> symbols;
  for (const auto line : split_lines(outcome->standard_output))
    symbols.emplace_back(line.substr(0, line.find(' ')));
  std::sort(symbols.begin(), symbols.end());
  return join(symbols, "\n");
}

// What an object's .modinfo says: "name=value" texts, each with a NUL behind it (<linux/moduleparam.h>, __MODULE_INFO).
Result<std::string> module_info(const fs::path& ko, const fs::path& scratch, StopToken stop) {
  ProcessSpec spec;
  spec.argv = {"objcopy", "-O", "binary", "--only-section=.modinfo", ko.string(), scratch.string()};
  auto outcome = run_process(spec, {Limits{}.tool, 1 << 16}, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->success())
    return fail(Fault::harness, fmt::format("objcopy cannot read {}: {}", ko.string(), outcome->describe()),
                "labctl doctor checks the build tools");
  return read_file(scratch);
}

std::string licence_in(const std::string& info) {
  constexpr std::string_view tag = "license=";
  for (std::size_t at = 0; at < info.size(); at = info.find('\0', at) + 1) {
    if (std::string_view(info).substr(at).starts_with(tag)) return info.c_str() + at + tag.size();
    if (info.find('\0', at) == std::string::npos) break;
  }
  return {};
}

Status keep_inspection(const fs::path& ko, const fs::path& build, const fs::path& folder, StopToken stop) {
  auto undefined = undefined_symbols(ko, stop);
  if (!undefined) return fail(undefined.error());
  auto info = module_info(ko, build / "modinfo", stop);
  if (!info) return fail(info.error());
  if (auto kept = write_file(folder / "undefined", *undefined); !kept) return kept;
  return write_file(folder / "modinfo", *info);
}

Status check_sources(const Workshop& shop, const ModuleSource& source, const fs::path& folder) {
  if (shop.options.sparse) {
    const auto found = run_sparse(shop, source);
    if (!found) return fail(found.error());
    if (auto kept = write_file(folder / "sparse", join(found->findings, "\n")); !kept) return kept;
    if (auto kept = write_file(folder / "unreadable", found->unreadable); !kept) return kept;
  }
  if (shop.options.checkpatch) {
    const auto found = run_checkpatch(shop, source);
    if (!found) return fail(found.error());
    if (auto kept = write_file(folder / "checkpatch", join(*found, "\n")); !kept) return kept;
  }
  return {};
}

Result<std::vector<std::string>> read_findings(const fs::path& file, const ModuleSource& source) {
  auto kept = read_file(file);
  if (!kept) return fail(kept.error());
  const std::string text = readable_messages(*kept, source);
  std::vector<std::string> findings;
  // A header is seen with each file that includes it.
  for (const auto line : split_lines(text))
    if (std::find(findings.begin(), findings.end(), line) == findings.end()) findings.emplace_back(line);
  return findings;
}

Status read_checks(const fs::path& folder, const ModuleSource& source, const ModuleBuildOptions& options,
                   BuildResult& result) {
  const auto read = [&](bool wanted, const char* name, auto& findings) -> Status {
    if (!wanted) return {};
    auto lines = read_findings(folder / name, source);
    if (!lines) return fail(lines.error());
    findings = std::move(*lines);
    return {};
  };
  if (auto done = read(options.sparse, "sparse", result.sparse); !done) return done;
  if (auto done = read(options.checkpatch, "checkpatch", result.checkpatch); !done || !options.sparse) return done;
  auto unreadable = read_file(folder / "unreadable");
  if (!unreadable) return fail(unreadable.error());
  result.unreadable = readable_messages(*unreadable, source);
  return {};
}

Status read_inspection(const fs::path& folder, BuildResult& result) {
  auto undefined = read_file(folder / "undefined");
  if (!undefined) return fail(undefined.error());
  auto info = read_file(folder / "modinfo");
  if (!info) return fail(info.error());
  for (const auto symbol : split_lines(*undefined))
    result.undefined.emplace_back(symbol);
  result.licence = licence_in(*info);
  return {};
}

}  // namespace

Result<BuildResult> build_module(const Cache& cache, const Kernel& kernel, const ModuleSource& source,
                                 const ModuleBuildOptions& options, StopToken stop) {
  const auto began = std::chrono::steady_clock::now();
  if (auto there = check_programs(options); !there) return fail(there.error());
  const std::string key = key_of(kernel, source, options);
  BuildResult result;
  result.module = source.module;
  for (const SourceFile& file : source.files)
    result.sources.push_back({file.name, file.shown, file.bytes});
  result.cached = cache.find("modules", key).has_value();

  std::optional<CompileOutcome> failed;
  auto entry = cache.get("modules", key, [&](const fs::path& fresh) -> Status {
    const fs::path build = fresh.parent_path() / "build";
    std::error_code error;
    fs::create_directory(build, error);
    if (error) return system_error("cannot create", build, error.value());
    auto made = compile_module(cache, kernel, source, build, options, stop);
    if (!made) return fail(made.error());
    if (!made->succeeded) {
      failed = std::move(*made);
      if (const auto why = modpost_refusal({cache, kernel, options, stop, build}, source, failed->output); !why.empty())
        failed->message += ": " + readable_messages(why, source);
      return fail(Fault::module, failed->message);
    }
    const std::string ko = source.module + ".ko";
    const fs::path folder = build / source.folder;
    fs::rename(folder / ko, fresh / ko, error);
    if (error) return system_error("cannot keep", folder / ko, error.value());
    // Written by every build; empty where nothing is exported.
    if (auto kept = write_file(fresh / "symbols", read_file(folder / "Module.symvers").value_or("")); !kept)
      return kept;
    const Workshop shop{cache, kernel, options, stop, build};
    if (auto kept = write_file(fresh / "foreign", join(foreign_files(shop), "\n")); !kept) return kept;
    if (auto kept = check_sources(shop, source, fresh); !kept) return kept;
    if (options.inspect)
      if (auto kept = keep_inspection(fresh / ko, build, fresh, stop); !kept) return kept;
    return write_file(fresh / "messages", made->output);
  });
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  if (!entry && !failed) return fail(entry.error());
  if (!entry) {
    if (auto blamed = blame_the_module(cache, kernel, source, options, stop); !blamed) return fail(blamed.error());
    result.output = readable_messages(failed->output, source);
    result.message = failed->message;
    result.warnings = warnings_in(result.output);
    return result;
  }
  result.succeeded = true;
  result.ko = *entry / (source.module + ".ko");
  auto messages = read_file(*entry / "messages");
  auto symbols = read_file(*entry / "symbols");
  auto foreign = read_file(*entry / "foreign");
  auto bytes = read_file(result.ko);
  if (!foreign) return fail(foreign.error());
  if (!messages) return fail(messages.error());
  if (!symbols) return fail(symbols.error());
  if (!bytes) return fail(bytes.error());
  result.output = readable_messages(*messages, source);
  result.symbols = std::move(*symbols);
  for (const auto file : split_lines(*foreign))
    result.foreign_files.emplace_back(file);
  result.ko_sha256 = sha256_hex(*bytes);
  result.warnings = warnings_in(result.output);
  if (options.inspect)
    if (auto read = read_inspection(*entry, result); !read) return fail(read.error());
  if (auto read = read_checks(*entry, source, options, result); !read) return fail(read.error());
  return result;
}

}  // namespace labctl
