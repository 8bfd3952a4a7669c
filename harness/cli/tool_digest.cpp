#include "tool_digest.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "grading_digest.hpp"
#include "judging_digest.hpp"
#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

Result<std::string> digest_with(std::string_view code, const InitramfsSources& initramfs, const QemuProgram& qemu) {
  Sha256 sum;
  sum.field(code);
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

}  // namespace

Result<std::string> tool_digest(const InitramfsSources& initramfs, const QemuProgram& qemu) {
  return digest_with(judging_digest, initramfs, qemu);
}

Result<std::string> grading_tool_digest(const InitramfsSources& initramfs, const QemuProgram& qemu) {
  return digest_with(grading_digest, initramfs, qemu);
}

}  // namespace labctl
