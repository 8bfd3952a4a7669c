#include "source_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "module_compile.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

constexpr const char* sparse_name = "labctl-sparse";  // of our files in the build folder

const SourceFile* file_named(const ModuleSource& source, const std::string& path) {
  const auto find = [&source](const std::string& name) {
    const auto found = std::find_if(source.files.begin(), source.files.end(),
                                    [&name](const SourceFile& file) { return file.name == name; });
    return found != source.files.end() ? &*found : nullptr;
  };
  // As it is first: a submission's file takes the place of a link of the tree's.
  const std::string name = path_in_tree("", path);
  const SourceFile* file = find(name);
  return file != nullptr || !source.tree ? file : find(source.tree->resolved(name));
}

// The package has the program's name.
Status check_program(const char* name, const char* whose) {
  if (find_program(name)) return {};
  return fail(Fault::harness, fmt::format("{} is not installed, and the lab counts warnings of {}", name, whose),
              fmt::format("apt-get install {}", name));
}

tl::unexpected<Error> no_verdict(const char* program, const ModuleSource& source, const ProcessOutcome& run) {
  return fail(Fault::harness, fmt::format("{} could not check module {}: {}", program, source.module, run.describe()),
              "labctl doctor checks the build tools");
}

}  // namespace

Status check_programs(const ModuleBuildOptions& options) {
  if (options.sparse)
    if (auto there = check_program("sparse", "sparse"); !there) return there;
  if (options.checkpatch)
    if (auto there = check_program("perl", "checkpatch"); !there) return there;
  return {};
}

std::vector<std::string> own_findings(const std::string& kept, const ModuleSource& source,
                                      const std::vector<std::string>& marks) {
  std::vector<std::string> findings;
  for (const auto line : split_lines(kept)) {
    const bool marked = std::any_of(marks.begin(), marks.end(), [line](const std::string& mark) {
      return line.find(mark) != std::string_view::npos;
    });
    if (!marked || !line.starts_with(kept_folder)) continue;
    const auto path = line.substr(kept_folder.size(), line.find(':') - kept_folder.size());
    const SourceFile* file = file_named(source, std::string(path));
    if (file != nullptr && file->own) findings.emplace_back(line);
  }
  return findings;
}

namespace {

// Its messages go to a file, where nothing of the compiler's is among them; so do ends that are not its own, as a shell
// tells them, with the file that it read: the last argument (cmd_checksrc in the kernel's scripts/Makefile.build).
constexpr const char* sparse_script = R"(sparse -fmax-warnings=unlimited "$@" 2>>"$0.messages"
end=$?
for file; do :; done
[ $end -le 1 ] || echo "$end $file" >>"$0.ends"
exit $end
)";

struct SparseRun {
  ProcessOutcome make;
  std::string messages;
  std::string ends;  // "139 <build>/m.c", a line each
};

Result<SparseRun> start_sparse(const Workshop& shop, const ModuleSource& source) {
  const auto file = [&](const char* ending) { return shop.build / (std::string(sparse_name) + ending); };
  for (const char* ending : {".messages", ".ends"})
    if (auto emptied = write_file(file(ending), ""); !emptied) return fail(emptied.error());
  if (auto written = write_file(file(""), sparse_script); !written) return fail(written.error());
  auto run = run_kbuild(shop, source, {"-s", "-k", "C=2", fmt::format("CHECK=sh {}/{}", shop.folder(), sparse_name)});
  if (!run) return fail(run.error());
  const auto messages = read_file(file(".messages"), shop.options.limits.module_bytes);
  const auto ends = read_file(file(".ends"), shop.options.limits.module_bytes);
  if (!messages) return fail(messages.error());
  if (!ends) return fail(ends.error());
  return SparseRun{std::move(*run), kept_messages(*messages, shop.folder()), kept_messages(*ends, shop.folder())};
}

// "sparse crashes on <build>/m.c (SIGSEGV)", of the first of the author's files that it crashed on. Other signals are
// the host's, which may have been short of memory.
std::string crash_in(const std::string& ends, const ModuleSource& source) {
  static const std::map<std::string_view, std::string_view> crashes = {
      {"132", "SIGILL"}, {"134", "SIGABRT"}, {"135", "SIGBUS"}, {"136", "SIGFPE"}, {"139", "SIGSEGV"}};
  for (const auto line : split_lines(ends)) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    const auto signal = crashes.find(line.substr(0, blank));
    const auto path = line.substr(blank + 1);
    if (signal == crashes.end() || !path.starts_with(kept_folder)) continue;
    const SourceFile* file = file_named(source, std::string(path.substr(kept_folder.size())));
    if (file != nullptr && file->own) return fmt::format("sparse crashes on {} ({})", path, signal->second);
  }
  return {};
}

// Whether sparse does its work at all.
Result<bool> reads_the_control(const Workshop& shop) {
  auto control = build_control(shop.cache, shop.kernel, shop.options, shop.stop);
  if (!control) return fail(control.error());
  const Workshop own{shop.cache, shop.kernel, shop.options, shop.stop, control->build()};
  auto run = start_sparse(own, control->source);
  if (!run) return fail(run.error());
  return control->outcome.succeeded && run->make.success();
}

}  // namespace

Result<SparseResult> run_sparse(const Workshop& shop, const ModuleSource& source) {
  auto run = start_sparse(shop, source);
  if (!run) return fail(run.error());
  SparseResult result;
  result.findings = own_findings(run->messages, source, {": warning: ", ": error: "});
  result.unreadable = crash_in(run->ends, source);
  if (!result.unreadable.empty()) {
    const auto works = reads_the_control(shop);
    if (!works) return fail(works.error());
    return *works ? Result<SparseResult>(result) : no_verdict("sparse", source, run->make);
  }
  // It fails where it finds an error, and make with it. What it found before it failed otherwise is not all.
  const bool explained = run->ends.empty() && run->messages.find(": error: ") != std::string::npos;
  if (run->make.timed_out || (!run->make.success() && !explained)) return no_verdict("sparse", source, run->make);
  return result;
}

Result<std::vector<std::string>> run_checkpatch(const Workshop& shop, const ModuleSource& source) {
  std::vector<std::string> command = {
      "perl", shop.tree() + "/scripts/checkpatch.pl", "--no-tree", "--terse", "--no-summary", "-f"};
  const auto own = command.size();
  for (const auto& file : source.files)
    if (file.own && (file.name.ends_with(".c") || file.name.ends_with(".h")))
      command.push_back(shop.folder() + "/" + file.name);
  if (command.size() == own) return std::vector<std::string>{};
  // From the kernel's folder: there is no .checkpatch.conf of the module's that it would obey.
  auto run = run_in(shop, command, shop.tree());
  if (!run) return fail(run.error());
  auto findings =
      own_findings(kept_messages(run->standard_output, shop.folder()), source, {": WARNING: ", ": ERROR: "});
  // 1 is that it found something; one that was ended has not told all.
  const bool explained = run->end.signal == 0 && run->end.exit_status == 1 && !findings.empty();
  if (run->timed_out || (!run->success() && !explained)) return no_verdict("checkpatch.pl", source, *run);
  return findings;
}

}  // namespace labctl
