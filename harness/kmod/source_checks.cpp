#include "source_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

constexpr const char* sparse_messages = "labctl-sparse.messages";

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

Result<std::vector<std::string>> run_sparse(const Workshop& shop, const ModuleSource& source) {
  // Its messages go to a file, where nothing of the compiler's is among them. The kernel's makefiles put CHECK in front
  // of a command for the shell.
  const std::string check =
      fmt::format("CHECK=2>>{}/{} sparse -fmax-warnings=unlimited", shop.folder(), sparse_messages);
  const auto file = shop.build / sparse_messages;
  if (auto emptied = write_file(file, ""); !emptied) return fail(emptied.error());
  auto run = run_kbuild(shop, source, {"-s", "-k", "C=2", check});
  if (!run) return fail(run.error());
  const auto printed = read_file(file, shop.options.limits.module_bytes);
  if (!printed) return fail(printed.error());
  auto findings = own_findings(kept_messages(*printed, shop.folder()), source, {": warning: ", ": error: "});
  // It fails where it finds an error, and make with it. What it found before it failed otherwise is not all.
  const bool explained = printed->find(": error: ") != std::string::npos;
  if (run->timed_out || (!run->success() && !explained)) return no_verdict("sparse", source, *run);
  return findings;
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
