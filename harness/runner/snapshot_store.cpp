#include "snapshot_store.hpp"

#include <fmt/format.h>

#include "boot.hpp"
#include "model/leftover.hpp"
#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr const char* kind = "snapshots";

}  // namespace

Result<Snapshot> SnapshotStore::obtain(const MachineSpec& machine, const std::string& files) {
  const auto dependencies = host_.snapshot_dependencies(machine);
  if (!dependencies) return Snapshot{};
  Sha256 hash;
  hash.field("snapshot 6").field(files).field(*dependencies);
  for (const auto& path : survey_paths({}))
    hash.field(path);
  const std::string key = hash.hex();
  bool made = false;
  auto folder = cache_.get(kind, key, [&](const fs::path& fresh) -> Status {
    progress_.begin("booting a machine once, to be restored from then on", 0, "");
    auto saved = make(machine, fresh);
    progress_.end(saved.has_value());
    made = true;
    return saved;
  });
  if (!folder && folder.error().fault == Fault::interrupted) return fail(folder.error());
  if (!folder) {
    progress_.note(fmt::format("no machine can be saved ({}): each test boots its own", folder.error().message));
    return Snapshot{};
  }
  if (made) evict(key);
  return Snapshot{Snapshot::Use::restore, *folder};
}

Status SnapshotStore::make(MachineSpec machine, const fs::path& folder) const {
  machine.snapshot = {Snapshot::Use::save, folder};
  machine.folder = folder.parent_path();
  // As empty as every test's: what the kernel has read of it, it would read again.
  if (machine.disk_mib > 0) {
    machine.disk = machine.folder / "disk";
    if (auto disk = make_disk(machine.disk, machine.disk_mib); !disk) return disk;
  }
  auto booted = boot_to_save(driver_, machine, limits_, stop_);
  if (!booted) return fail(booted.error());
  return booted->session->save();
}

void SnapshotStore::discard(const Snapshot& snapshot, const Error& why) {
  const std::lock_guard lock(mutex_);
  if (!discarded_.insert(snapshot.folder).second) return;
  progress_.note(fmt::format("a saved machine does not restore and is discarded, the tests boot instead ({})",
                             why.message.substr(0, why.message.find('\n'))));
  if (auto removed = cache_.remove(kind, snapshot.folder.filename()); !removed) progress_.note(removed.error().message);
}

void SnapshotStore::evict(const std::string& keep) const {
  std::uintmax_t bytes = 0;
  for (const auto& entry : cache_.entries()) {  // the last used first
    if (entry.kind != kind) continue;
    bytes += entry.bytes;
    if (bytes > limits_.snapshots_bytes && entry.key != keep)
      if (auto removed = cache_.remove(kind, entry.key); !removed) progress_.note(removed.error().message);
  }
}

}  // namespace labctl
