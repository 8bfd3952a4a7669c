#include "kbuild.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "process/process.hpp"
#include "process/sandbox.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Where the sandbox shows the tree: always the same, so that the same source gives the same bytes.
constexpr const char* tree_inside = "/linux";
constexpr const char* ccache_inside = "/ccache";

// What would make two builds of the same source differ, and what the user's shell may hold that kbuild obeys.
const std::vector<std::pair<std::string, std::string>>& fixed_environment() {
  static const std::vector<std::pair<std::string, std::string>> fixed = {
      {"LANG", "C"},
      {"LC_ALL", "C"},
      {"KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 2020"},
      {"KBUILD_BUILD_USER", "labctl"},
      {"KBUILD_BUILD_HOST", "labctl"},
      {"KBUILD_BUILD_VERSION", "1"},
      {"LOCALVERSION", ""},
      {"MAKEFLAGS", ""},
      {"KBUILD_OUTPUT", ""},
      {"KCFLAGS", ""},
      {"KCPPFLAGS", ""},
      {"KAFLAGS", ""},
      {"CROSS_COMPILE", ""},
      // Depend mode takes the list of headers from the compile itself. ccache's own preprocessor run would make the
      // first build a quarter longer.
      {"CCACHE_DEPEND", "1"},
  };
  return fixed;
}

bool visible_in_sandbox(const fs::path& program) {
  std::error_code ignored;
  const std::string real = fs::canonical(program, ignored).string();
  return real.starts_with("/usr/") || real.starts_with("/opt/") || real.starts_with("/bin/") ||
         real.starts_with("/nix/") || real.starts_with("/gnu/");
}

}  // namespace

Result<Kbuild> Kbuild::open(const Cache& cache, fs::path tree, const fs::path& log, const Compiler& compiler,
                            StopToken stop) {
  Fd fd(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return system_error("cannot write", log, errno);
  Kbuild kbuild(std::move(tree), std::move(fd), stop);
  kbuild.cc_ = join(compiler.command, " ");

  const auto program = find_program(compiler.command.at(0));
  if (program && visible_in_sandbox(*program)) {
    auto works = probe_sandbox(stop);
    if (!works && works.error().fault == Fault::interrupted) return fail(works.error());
    // Without a sandbox it is built all the same: a kernel's source is as trusted as the kernel that runs.
    kbuild.sandboxed_ = works.has_value();
  }
  if (find_program("ccache")) {
    const char* chosen = std::getenv("CCACHE_DIR");
    const fs::path folder = chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : cache.root() / "ccache";
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error) {
      kbuild.ccache_folder_ = folder;
      kbuild.cc_ = "ccache " + kbuild.cc_;
    }
  }
  return kbuild;
}

Result<bool> Kbuild::make(const std::vector<std::string>& arguments,
                          const std::function<void(std::string_view)>& on_line) const {
  ProcessSpec spec;
  // One stream, so that an error stands in the log where it happened.
  spec.argv = {"sh", "-c", "exec \"$@\" 2>&1", "sh", "make", "ARCH=x86", "CC=" + cc_};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.cwd = tree_;
  spec.environment = fixed_environment();
  SandboxSpec box;
  box.writable = {{tree_, tree_inside}};
  box.cwd = tree_inside;
  if (!ccache_folder_.empty()) {
    if (sandboxed_) box.writable.emplace_back(ccache_folder_, ccache_inside);
    spec.environment.emplace_back("CCACHE_DIR", sandboxed_ ? ccache_inside : ccache_folder_.string());
  }
  int write_error = 0;
  const auto log_line = [&](std::string_view line) {
    std::string text(line);
    text += '\n';
    if (write_error == 0 && ::write(log_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      write_error = errno != 0 ? errno : ENOSPC;
    if (on_line) on_line(line);
  };
  auto outcome = run_process(sandboxed_ ? sandboxed(box, spec) : spec, {}, stop_, log_line);
  if (!outcome) return fail(outcome.error());
  // bwrap's own complaints, if it cannot start make.
  for (auto line : split_lines(outcome->standard_error))
    log_line(line);
  if (write_error != 0) return system_error("cannot write the log of the build in", tree_.parent_path(), write_error);
  return outcome->success();
}

bool is_object_line(std::string_view line) {
  return line.starts_with("  CC ") || line.starts_with("  AS ");
}

std::string why_it_failed(std::string_view log) {
  constexpr std::size_t most = 8;
  const auto lines = split_lines(log);
  std::vector<std::string> said;
  for (auto line : lines) {
    const bool tells = line.find("error:") != std::string_view::npos ||
                       line.find(": fatal ") != std::string_view::npos ||
                       line.find("undefined reference") != std::string_view::npos ||
                       line.find(": not found") != std::string_view::npos ||
                       line.find("No space left on device") != std::string_view::npos;
    if (tells && said.size() < most) said.push_back(printable(line));
  }
  if (said.empty())
    for (std::size_t i = lines.size() > most ? lines.size() - most : 0; i < lines.size(); ++i)
      said.push_back(printable(lines[i]));
  return join(said, "\n");
}

}  // namespace labctl
