#include "tool_digest.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "judging_digest.hpp"
#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

Result<std::string> tool_digest(const InitramfsSources& initramfs, const QemuProgram& qemu) {
  Sha256 sum;
  sum.field(judging_digest);
  for (const fs::path& file : {initramfs.agent, initramfs.busybox}) {
    const auto digest = sha256_file(file);
    if (!digest) return fail(digest.error());
    sum.field(*digest);
  }
  sum.field(qemu.version).field(qemu.stamp);
  std::vector<fs::path> overlay;
  std::error_code error;
  for (const auto& item : fs::recursive_directory_iterator(initramfs.overlay, error))
    if (item.is_regular_file(error)) overlay.push_back(item.path());
  std::sort(overlay.begin(), overlay.end());
  for (const auto& file : overlay) {
    const auto digest = sha256_file(file);
    if (!digest) return fail(digest.error());
    sum.field(file.lexically_relative(initramfs.overlay).string()).field(*digest);
  }
  return sum.hex();
}

}  // namespace labctl
