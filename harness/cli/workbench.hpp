// What every command that judges labs has open: labctl's own files, the cache, the kernels.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "context.hpp"

namespace labctl {

class Workbench {
 public:
  // labs_folder: where labs are looked for; empty: among labctl's own. The context must outlive it.
  static Result<std::unique_ptr<Workbench>> open(Context& context, const std::filesystem::path& labs_folder);

  const Cache& cache() const { return cache_; }
  KernelStore& kernels() { return *kernels_; }
  const InitramfsSources& initramfs() const { return *initramfs_; }
  KernelStoreOpener store_opener() const { return context_.store_opener(cache_); }

  // They refer to this object. hidden: from module builds, beside labctl's own and the user's labs and modules.
  RunnerParts parts(MachineHost* host = nullptr, const std::vector<std::filesystem::path>& hidden = {});
  ModuleFinder module_finder() const;

 private:
  Workbench(Context& context, DataPaths data, std::filesystem::path labs_folder, Cache cache)
      : context_(context), data_(std::move(data)), labs_folder_(std::move(labs_folder)), cache_(std::move(cache)) {}

  Context& context_;
  DataPaths data_;
  std::filesystem::path labs_folder_;
  Cache cache_;
  std::unique_ptr<KernelStore> kernels_;  // refers to the cache
  std::unique_ptr<InitramfsSources> initramfs_;
};

// labs_folder, or where labctl's own labs are.
std::filesystem::path labs_folder_of(const std::string& labs_folder, const DataPaths& data);

// "auto", "kvm" or "tcg", as the options offer it.
AcceleratorMode accelerator_mode(const std::string& name);

// For a run that was given none: 16 hexadecimal digits, short enough to be typed again.
std::string fresh_seed();

}  // namespace labctl
