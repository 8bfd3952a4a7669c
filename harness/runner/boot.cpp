#include "boot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr int max_boots_for_timer = 3;
constexpr int max_boots_for_clock = 8;  // beside three other machines on two processors every second one has none

bool kernel_says(const std::vector<KmsgRecord>& boot_log, std::string_view words) {
  return std::any_of(boot_log.begin(), boot_log.end(), [words](const KmsgRecord& record) {
    return record.facility == 0 && record.text.find(words) != std::string::npos;
  });
}

// What a boot that is not kept has left where the machine was to be saved.
Status empty_folder(const fs::path& folder) {
  std::error_code error;
  for (const auto& item : fs::directory_iterator(folder, error)) {
    fs::remove_all(item.path(), error);
    if (error) break;
  }
  if (error) return system_error("cannot empty", folder, error.value());
  return {};
}

}  // namespace

bool will_change_its_clock(const std::vector<KmsgRecord>& boot_log) {
  const auto says = [&boot_log](std::string_view words) {
    return std::any_of(boot_log.begin(), boot_log.end(),
                       [words](const KmsgRecord& record) { return record.facility == 0 && record.text == words; });
  };
  return says("clocksource: Switched to clocksource tsc-early") && !says("clocksource: Switched to clocksource tsc");
}

bool lost_its_timer(const std::vector<KmsgRecord>& boot_log) {
  return kernel_says(boot_log, "APIC timer disabled due to verification") ||
         kernel_says(boot_log, "APIC frequency too slow");
}

bool lost_its_clock(const std::vector<KmsgRecord>& boot_log) {
  return kernel_says(boot_log, "Marking TSC unstable due to could not calculate TSC khz");
}

Result<Booted> boot(MachineDriver& driver, const MachineSpec& spec, const Limits& limits, StopToken stop) {
  for (int boots = 1;; ++boots) {
    auto machine = driver.start(spec);
    if (!machine) return fail(machine.error());
    Booted booted{std::move(*machine), nullptr};
    booted.session = std::make_unique<Session>(*booted.machine, limits, stop);
    if (auto ready = booted.session->wait_ready(); !ready) return fail(ready.error());
    // Of one that is restored that was seen to before it was saved.
    if (spec.snapshot.use == Snapshot::Use::restore) return booted;
    const bool saves = spec.snapshot.use == Snapshot::Use::save;
    const bool no_timer = saves && lost_its_timer(booted.session->log()) && boots < max_boots_for_timer;
    const bool no_clock = lost_its_clock(booted.session->log());
    if (!no_timer && !no_clock) return booted;
    if (boots == max_boots_for_clock)
      return fail(Fault::harness,
                  fmt::format("the guest's kernel could not measure its clock in any of {} boots, and without it no "
                              "delay is as long as it should be",
                              boots),
                  "run it again when less else runs on this host");
    booted.session.reset();
    booted.machine.reset();
    if (saves)
      if (auto emptied = empty_folder(spec.snapshot.folder); !emptied) return fail(emptied.error());
  }
}

Result<Booted> boot_to_save(MachineDriver& driver, const MachineSpec& spec, const Limits& limits, StopToken stop) {
  auto booted = boot(driver, spec, limits, stop);
  if (!booted) return booted;
  const auto settled = [](const std::vector<KmsgRecord>& log) { return !will_change_its_clock(log); };
  if (auto waited = booted->session->wait_for_log(settled, limits.clock); !waited) return fail(waited.error());
  return booted;
}

}  // namespace labctl
