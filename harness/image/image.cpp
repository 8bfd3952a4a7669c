#include "image/image.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "image/cpio.hpp"
#include "process/process.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Adds the folders above a name that are not there yet.
void add_parents(CpioWriter& archive, std::set<std::string>& known, const std::string& name) {
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string folder = name.substr(0, slash);
    if (known.insert(folder).second) archive.folder(folder);
  }
}

Result<std::vector<std::pair<std::string, std::string>>> read_overlay(const fs::path& overlay) {
  std::vector<std::pair<std::string, std::string>> files;
  std::error_code error;
  for (const auto& item : fs::recursive_directory_iterator(overlay, error)) {
    if (!item.is_regular_file()) continue;
    auto bytes = read_file(item.path());
    if (!bytes) return fail(bytes.error());
    files.emplace_back(fs::relative(item.path(), overlay).string(), std::move(*bytes));
  }
  if (error) return fail(Fault::harness, fmt::format("cannot list {}: {}", overlay.string(), error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::string>> list_applets(const fs::path& busybox, StopToken stop) {
  ProcessSpec list;
  list.argv = {busybox.string(), "--list"};
  auto outcome = run_process(list, {std::chrono::seconds(20), 1 << 20}, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->success())
    return fail(Fault::harness, "cannot list busybox's commands: " + outcome->describe(),
                "apt-get install --reinstall busybox-static");
  std::vector<std::string> applets;
  for (auto line : split_lines(outcome->standard_output))
    applets.emplace_back(line);
  std::sort(applets.begin(), applets.end());
  return applets;
}

}  // namespace

std::string make_initramfs(const std::string& busybox, const std::vector<std::string>& applets,
                           const std::string& agent,
                           const std::vector<std::pair<std::string, std::string>>& overlay_files) {
  CpioWriter archive;
  std::set<std::string> known = {"bin", "dev", "etc", "lab", "proc", "sys", "tmp"};
  for (const auto& folder : known)
    archive.folder(folder);
  archive.link("sbin", "bin");
  // The kernel opens it as init's standard streams before anything is mounted.
  archive.character_device("dev/console", 0600, 5, 1);
  archive.file("init", agent, 0755);
  archive.file("bin/busybox", busybox, 0755);
  for (const auto& applet : applets)
    if (applet != "busybox") archive.link("bin/" + applet, "busybox");
  for (const auto& [name, bytes] : overlay_files) {
    add_parents(archive, known, name);
    archive.file(name, bytes);
  }
  return archive.finish();
}

Result<bool> is_static_program(const fs::path& program) {
  auto bytes = read_file(program);
  if (!bytes) return fail(bytes.error());
  Elf64_Ehdr header{};
  if (bytes->size() < sizeof header || bytes->compare(0, SELFMAG, ELFMAG) != 0)
    return fail(Fault::harness, fmt::format("{} is not an ELF program", program.string()));
  std::memcpy(&header, bytes->data(), sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    const std::size_t at = header.e_phoff + i * sizeof segment;
    if (at + sizeof segment > bytes->size()) break;
    std::memcpy(&segment, bytes->data() + at, sizeof segment);
    if (segment.p_type == PT_INTERP) return false;  // it asks for a dynamic linker
  }
  return true;
}

Result<fs::path> obtain_initramfs(const Cache& cache, const InitramfsSources& sources, StopToken stop) {
  auto busybox = read_file(sources.busybox);
  auto agent = read_file(sources.agent);
  auto overlay = read_overlay(sources.overlay);
  if (!busybox) return fail(busybox.error());
  if (!agent) return fail(agent.error());
  if (!overlay) return fail(overlay.error());
  Sha256 hash;
  hash.field("initramfs 1").field(*busybox).field(*agent);
  for (const auto& [name, bytes] : *overlay)
    hash.field(name).field(bytes);

  auto folder = cache.get("initramfs", hash.hex(), [&](const fs::path& fresh) -> Status {
    auto is_static = is_static_program(sources.busybox);
    if (!is_static) return fail(is_static.error());
    if (!*is_static)
      return fail(Fault::harness,
                  fmt::format("{} needs shared libraries, which the guest does not have", sources.busybox.string()),
                  "apt-get install busybox-static");
    auto applets = list_applets(sources.busybox, stop);
    if (!applets) return fail(applets.error());
    return write_file(fresh / "initramfs.cpio", make_initramfs(*busybox, *applets, *agent, *overlay));
  });
  if (!folder) return fail(folder.error());
  return *folder / "initramfs.cpio";
}

}  // namespace labctl
