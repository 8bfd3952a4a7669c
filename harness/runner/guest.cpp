#include "guest.hpp"

#include <fmt/format.h>

#include "boot.hpp"
#include "diagnose/diagnose.hpp"

namespace labctl {

namespace fs = std::filesystem;

Status Guest::start_machine(const MachineSpec& spec) {
  Limits limits = limits_;
  restored_ = spec.snapshot.use == Snapshot::Use::restore;
  if (restored_) limits.boot = limits.restore;
  session_.reset();
  machine_.reset();
  auto booted = boot(given_->driver, spec, limits, stop_);
  if (!booted) return fail(booted.error());
  machine_ = std::move(booted->machine);
  session_ = std::move(booted->session);
  return {};
}

Status Guest::begin_with(const std::string& seed) {
  if (auto begun = session_->begin(seed, given_->files); !begun) return begun;
  return session_->find_again(restored_ ? forgotten_devices(given_->spec) : std::vector<std::string>());
}

Status Guest::boot_instead(const Error& why) {
  if (!restored_ || why.fault == Fault::interrupted) return fail(why);
  given_->on_bad_snapshot(why);
  return start_machine(spec_);
}

Result<Guest> Guest::start(const TestMachine& given, const Limits& limits, StopToken stop) {
  const auto began = std::chrono::steady_clock::now();
  Guest guest(given, limits, stop);
  MachineSpec first = given.spec;
  if (first.disk_mib > 0) {
    auto scratch = TempDir::create(given.scratch, "disk");
    if (!scratch) return fail(scratch.error());
    guest.scratch_ = std::move(*scratch);
    auto disk = given.driver.make_disk(guest.scratch_->path(), first.disk_mib);
    if (!disk) return fail(disk.error());
    guest.disk_ = std::move(*disk);
    first.disk = guest.disk_->path();
  }
  guest.spec_ = first;
  guest.spec_.snapshot = {};
  auto started = guest.start_machine(first);
  if (!started) started = guest.boot_instead(started.error());
  if (!started) return fail(started.error());
  guest.start_took_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  return guest;
}

Status Guest::begin() {
  auto begun = begin_with(given_->seed);
  if (begun) return begun;
  if (auto booted = boot_instead(begun.error()); !booted) return booted;
  return begin_with(given_->seed);
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
  if (auto started = start_machine(spec_); !started) return started;
  if (auto begun = begin_with(fmt::format("{} {}", given_->seed, boots_.size() + 1)); !begun) return begun;
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
