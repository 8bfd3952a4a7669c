#include "guest.hpp"

#include <fmt/format.h>

#include "diagnose/diagnose.hpp"

namespace labctl {

namespace fs = std::filesystem;

Status Guest::start_machine(const MachineSpec& spec, const std::string& seed) {
  Limits limits = limits_;
  if (spec.snapshot.use == Snapshot::Use::restore) limits.boot = limits.restore;
  session_.reset();
  machine_.reset();
  auto machine = given_->driver.start(spec);
  if (!machine) return fail(machine.error());
  machine_ = std::move(*machine);
  session_ = std::make_unique<Session>(*machine_, limits, stop_);
  if (auto ready = session_->wait_ready(); !ready) return ready;
  if (auto begun = session_->begin(seed, given_->files); !begun) return begun;
  return session_->find_again(forgotten_devices(spec));
}

Result<Guest> Guest::start(const TestMachine& given, const Limits& limits, StopToken stop) {
  Guest guest(given, limits, stop);
  MachineSpec first = given.spec;
  if (first.disk_mib > 0) {
    auto scratch = TempDir::create(given.scratch, "disk");
    if (!scratch) return fail(scratch.error());
    guest.scratch_ = std::move(*scratch);
    first.disk = guest.scratch_->path() / "disk";
    if (auto made = make_disk(first.disk, first.disk_mib); !made) return fail(made.error());
  }
  guest.spec_ = first;
  guest.spec_.snapshot = {};
  auto started = guest.start_machine(first, given.seed);
  if (!started && first.snapshot.use == Snapshot::Use::restore && started.error().fault != Fault::interrupted) {
    given.on_bad_snapshot(started.error());
    started = guest.start_machine(guest.spec_, given.seed);
  }
  if (!started) return fail(started.error());
  return guest;
}

std::vector<KmsgRecord> Guest::last_words(const std::vector<KmsgRecord>& log) const {
  const Boot& boot = boots_.back();
  const auto& latest = log.size() > boot.log_begin ? log : boot.said;
  const std::uint64_t last = latest.empty() ? 0 : latest.back().timestamp_us;
  auto records = records_from_console(machine_->console_tail(1 << 16));
  std::erase_if(records, [last](const KmsgRecord& record) { return record.timestamp_us <= last; });
  return records;
}

Status Guest::boot_again(const std::vector<KmsgRecord>& log) {
  // Not restored: the disk is no longer what it was when the machine was saved, and the saved kernel has read of it.
  spec_.folder = given_->spec.folder / fmt::format("boot-{}", boots_.size() + 1);
  std::error_code error;
  fs::create_directories(spec_.folder, error);
  if (error) return system_error("cannot create", spec_.folder, error.value());
  if (auto started = start_machine(spec_, fmt::format("{} {}", given_->seed, boots_.size() + 1)); !started)
    return started;
  boots_.push_back({log.size(), session_->continue_log(log)});
  return {};
}

void Guest::stop() {
  machine_->stop();
  machine_->wait_end(std::chrono::seconds(10));
}

std::string Guest::whole_log(const std::vector<KmsgRecord>& log) const {
  std::string text;
  const auto add = [&text](const KmsgRecord& record) { text += format_record(record) + "\n"; };
  std::size_t at = 0;
  for (const Boot& boot : boots_) {
    for (; at < boot.log_begin; ++at)
      add(log[at]);
    for (const auto& record : boot.said)
      add(record);
  }
  for (; at < log.size(); ++at)
    add(log[at]);
  return text;
}

}  // namespace labctl
