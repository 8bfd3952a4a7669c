#include "workbench.hpp"

#include <fmt/format.h>

#include <map>
#include <random>

namespace labctl {

namespace fs = std::filesystem;

Result<std::unique_ptr<Workbench>> Workbench::open(Context& context, const fs::path& labs_folder) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  auto cache = context.open_cache();
  if (!cache) return fail(cache.error());
  const fs::path labs = labs_folder_of(labs_folder.string(), *data);
  std::unique_ptr<Workbench> bench(new Workbench(context, std::move(*data), labs, std::move(*cache)));
  auto kernels = context.open_kernels(bench->cache_);
  if (!kernels) return fail(kernels.error());
  bench->kernels_ = std::make_unique<KernelStore>(std::move(*kernels));
  auto initramfs = context.initramfs_sources();
  if (!initramfs) return fail(initramfs.error());
  bench->initramfs_ = std::make_unique<InitramfsSources>(std::move(*initramfs));
  return bench;
}

RunnerParts Workbench::parts(MachineHost* host, const std::vector<fs::path>& hidden) {
  std::vector<fs::path> all = {data_.labs, data_.modules, labs_folder_, labs_folder_ / "../modules"};
  all.insert(all.end(), hidden.begin(), hidden.end());
  return {cache_, *kernels_, *initramfs_, module_finder(), std::move(all), context_.progress, context_.stop, host};
}

ModuleFinder Workbench::module_finder() const {
  return [this](const Lab& lab, const std::string& module) { return find_module_folder(lab, module, data_); };
}

fs::path labs_folder_of(const std::string& labs_folder, const DataPaths& data) {
  return labs_folder.empty() ? data.labs : fs::path(labs_folder);
}

AcceleratorMode accelerator_mode(const std::string& name) {
  static const std::map<std::string, AcceleratorMode> modes = {
      {"auto", AcceleratorMode::automatic}, {"kvm", AcceleratorMode::kvm}, {"tcg", AcceleratorMode::tcg}};
  return modes.at(name);
}

std::string fresh_seed() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace labctl
