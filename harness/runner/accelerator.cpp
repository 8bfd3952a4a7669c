#include "runner/accelerator.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

Error kvm_error(const std::string& why) {
  return Error{Fault::harness, "KVM cannot be used: " + why,
               "use --accel tcg or --accel auto; for permission: add yourself to the group kvm and log in again"};
}

}  // namespace

Result<AcceleratorChoice> choose_accelerator(AcceleratorMode mode, const Cache& cache, const MachineHost& host,
                                             const std::function<Status(Accelerator)>& boots) {
  if (mode == AcceleratorMode::tcg) return AcceleratorChoice{Accelerator::tcg, "asked for", false};
  if (const auto why = host.kvm_obstacle(); !why.empty()) {
    if (mode == AcceleratorMode::kvm) return fail(kvm_error(why));
    return AcceleratorChoice{Accelerator::tcg, why, false};
  }
  const fs::path remembered = cache.root() / "hosts" / ("kvm-" + sha256_hex(host.kvm_stamp()).substr(0, 16) + ".json");
  if (auto text = read_file(remembered)) {
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (json.is_object() && json.contains("works") && json["works"].is_boolean() && json.contains("reason") &&
        json["reason"].is_string()) {
      const bool works = json["works"];
      const std::string reason = json["reason"];
      if (works) return AcceleratorChoice{Accelerator::kvm, reason, false};
      // Asked for by name it is tried again: the user may just have mended it. After a day too: the host may have been
      // too busy for the deadline.
      std::error_code ignored;
      const auto age = fs::file_time_type::clock::now() - fs::last_write_time(remembered, ignored);
      if (mode == AcceleratorMode::automatic && !ignored && age < std::chrono::hours(24))
        return AcceleratorChoice{Accelerator::tcg, reason, false};
    }
  }
  const auto began = std::chrono::steady_clock::now();
  const Status booted = boots(Accelerator::kvm);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  if (!booted && booted.error().fault == Fault::interrupted) return fail(booted.error());
  std::string reason = fmt::format("KVM booted a kernel in {}", human_duration(took));
  if (!booted) {
    const auto lines = split_lines(booted.error().message);
    reason = fmt::format("KVM is there but does not boot a kernel: {}", lines.empty() ? "" : lines.front());
  }
  const nlohmann::json json = {{"works", booted.has_value()}, {"reason", reason}};
  const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (auto written = write_file(remembered, text); !written) return fail(written.error());
  if (!booted && mode == AcceleratorMode::kvm) return fail(kvm_error(reason));
  return AcceleratorChoice{booted ? Accelerator::kvm : Accelerator::tcg, reason, true};
}

}  // namespace labctl
