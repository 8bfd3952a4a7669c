#include "boot.hpp"

#include <algorithm>

#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr int max_boots = 3;

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
  return std::any_of(boot_log.begin(), boot_log.end(), [](const KmsgRecord& record) {
    return record.facility == 0 && (record.text.find("APIC timer disabled due to verification") != std::string::npos ||
                                    record.text.find("APIC frequency too slow") != std::string::npos);
  });
}

Result<Booted> boot(MachineDriver& driver, const MachineSpec& spec, const Limits& limits, StopToken stop) {
  for (int boots = 1;; ++boots) {
    auto machine = driver.start(spec);
    if (!machine) return fail(machine.error());
    Booted booted{std::move(*machine), nullptr};
    booted.session = std::make_unique<Session>(*booted.machine, limits, stop);
    if (auto ready = booted.session->wait_ready(); !ready) return fail(ready.error());
    if (boots == max_boots || !lost_its_timer(booted.session->log())) {
      const auto settled = [](const std::vector<KmsgRecord>& log) { return !will_change_its_clock(log); };
      if (auto waited = booted.session->wait_for_log(settled, limits.clock); !waited) return fail(waited.error());
      return booted;
    }
    booted.session.reset();
    booted.machine.reset();
    if (auto emptied = empty_folder(spec.snapshot.folder); !emptied) return fail(emptied.error());
  }
}

}  // namespace labctl
