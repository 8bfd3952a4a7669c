#include "context.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "process/process.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = ::getenv(name);
  return value != nullptr ? value : "";
}

Result<fs::path> xdg_folder(const char* variable, const char* below_home) {
  // The XDG specification: a relative path is to be ignored.
  if (const fs::path set = environment(variable); set.is_absolute()) return set / "labctl";
  const fs::path home = environment("HOME");
  if (home.empty())
    return fail(Fault::harness, fmt::format("neither HOME nor {} is set", variable),
                fmt::format("{}=DIR labctl ...", variable));
  return home / below_home / "labctl";
}

}  // namespace

Result<DataPaths> find_data_paths() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return fail(Fault::harness, "cannot find labctl's own place: " + error.message());
  const fs::path beside = program.parent_path();
  fs::path agent = beside / "libexec/labctl/labctl-agent";
  if (!fs::exists(agent, error)) agent = beside.parent_path() / "libexec/labctl/labctl-agent";
  const fs::path share = beside.parent_path() / "share/labctl";
  if (fs::exists(share / "kernel-config/kernels.yaml", error))
    return DataPaths{share / "labs",
                     share / "modules",
                     share / "kernel-config",
                     share / "rootfs",
                     agent,
                     share / "docs/lab.schema.json",
                     share / "explanations"};
  // A build folder is in the source tree: build/, build/dev/, ...
  for (fs::path root = beside; root != root.parent_path(); root = root.parent_path())
    if (fs::exists(root / "kernel-config/kernels.yaml", error))
      return DataPaths{root / "labs",
                       root / "modules",
                       root / "kernel-config",
                       root / "rootfs/overlay",
                       agent,
                       root / "docs/lab.schema.json",
                       root / "explanations"};
  return fail(Fault::harness,
              fmt::format("cannot find labctl's labs and kernel configuration from {}", beside.string()),
              "run labctl from its build folder, or install it: cmake --install build --prefix DIR");
}

Result<fs::path> cache_folder() {
  return xdg_folder("XDG_CACHE_HOME", ".cache");
}

Result<fs::path> config_folder() {
  return xdg_folder("XDG_CONFIG_HOME", ".config");
}

Result<fs::path> runs_folder() {
  auto state = xdg_folder("XDG_STATE_HOME", ".local/state");
  if (!state) return state;
  return *state / "runs";
}

Terminal look_at_terminal() {
  Terminal terminal;
  terminal.color_out = ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  terminal.terminal_err = ::isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
  return terminal;
}

Result<Cache> Context::open_cache() const {
  auto folder = cache_folder();
  if (!folder) return fail(folder.error());
  auto cache = Cache::open(*folder, stop);
  if (cache) cache->on_note([this](const std::string& line) { progress.note(line); });
  return cache;
}

Result<KernelStore> Context::open_kernels(const Cache& cache, int jobs) const {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  return KernelStore::open(cache, {data->kernel_config, jobs}, progress, stop);
}

KernelStoreOpener Context::store_opener(const Cache& cache) const {
  return [this, &cache](Progress& told) { return Context{stop, told, terminal}.open_kernels(cache); };
}

Result<InitramfsSources> Context::initramfs_sources() const {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  std::error_code error;
  if (!fs::exists(data->agent, error))
    return fail(Fault::harness, fmt::format("the guest's agent is missing: {}", data->agent.string()),
                "build it: cmake --build build");
  const auto busybox = find_program("busybox");
  if (!busybox)
    return fail(Fault::harness, "busybox is not installed: the guest's commands come from it",
                "apt-get install busybox-static");
  return InitramfsSources{*busybox, data->agent, data->overlay};
}

std::vector<std::string> lab_names(const fs::path& labs) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(labs, error))
    if (fs::exists(item.path() / "lab.yaml", error)) names.push_back(item.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Result<fs::path> find_lab(const std::string& name, const fs::path& labs) {
  std::error_code error;
  const fs::path given = name;
  const bool is_path = name.find('/') != std::string::npos || given.extension() == ".yaml" || name == ".";
  const fs::path spec =
      is_path ? (fs::is_directory(given, error) ? given / "lab.yaml" : given) : labs / name / "lab.yaml";
  if (fs::exists(spec, error)) return spec;
  if (is_path)
    return fail(Fault::usage, fmt::format("there is no lab at {}", spec.string()),
                "give the folder that holds its lab.yaml");
  return fail(Fault::usage, fmt::format("there is no lab \"{}\" in {}", name, labs.string()),
              suggestion(name, lab_names(labs)));
}

Result<fs::path> find_module_folder(const Lab& lab, const std::string& module, const DataPaths& data) {
  const fs::path folder = fs::absolute(lab.file).parent_path();
  const fs::path candidates[] = {folder / "modules" / module, folder.parent_path().parent_path() / "modules" / module,
                                 data.modules / module};
  std::error_code error;
  for (const auto& candidate : candidates)
    if (fs::is_directory(candidate, error)) return candidate;
  return fail(Fault::usage, fmt::format("lab {} has no sources for its module \"{}\"", lab.id, module),
              fmt::format("put them into {}, or give your own with --module", candidates[0].string()));
}

std::vector<fs::path> explanation_folders(const Lab& lab, const DataPaths& data) {
  const fs::path folder = fs::absolute(lab.file).parent_path();
  std::vector<fs::path> folders = {data.explanations};
  std::error_code error;
  for (const fs::path& candidate : {folder.parent_path().parent_path() / "explanations", folder / "explanations"}) {
    const bool is_own = fs::equivalent(candidate, data.explanations, error);
    if (!is_own && fs::is_directory(candidate, error)) folders.push_back(candidate);
  }
  return folders;
}

void print_error(const Error& error) {
  // fputs, because fmt::print throws where standard error cannot be written, and that would change the exit status.
  std::fputs(fmt::format("labctl: {}\n", error.message).c_str(), stderr);
  if (!error.hint.empty()) std::fputs(fmt::format("  next: {}\n", error.hint).c_str(), stderr);
}

}  // namespace labctl
