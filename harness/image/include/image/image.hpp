// What a guest boots from: the initramfs, the same for every run.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/cache.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct InitramfsSources {
  std::filesystem::path busybox;  // a static one: the guest has no libraries
  std::filesystem::path agent;    // becomes /init
  std::filesystem::path overlay;  // rootfs/overlay: folders and files copied as they are
};

// The initramfs in the cache, made if it is not there. Same inputs, same bytes.
Result<std::filesystem::path> obtain_initramfs(const Cache& cache, const InitramfsSources& sources, StopToken stop);

// Whether an ELF program runs without shared libraries, as it must in the guest.
Result<bool> is_static_program(const std::filesystem::path& program);

// Pure: the archive for these inputs. applets are busybox's command names.
std::string make_initramfs(const std::string& busybox, const std::vector<std::string>& applets,
                           const std::string& agent,
                           const std::vector<std::pair<std::string, std::string>>& overlay_files);

}  // namespace labctl
