// Which host machines run on: --connect, else the user's settings, else this machine.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "context.hpp"
#include "support/result.hpp"
#include "virt/libvirt_host.hpp"

namespace labctl {

inline constexpr const char* connect_help =
    "run machines on this libvirt host (docs/libvirt.md); default: libvirt's own default URI; local: this machine "
    "without libvirt";

// Pure. option: of --connect, empty where it was not given; config: the settings' value, likewise. Nothing for this
// machine, and an empty text for libvirt's own default. LIBVIRT_DEFAULT_URI alone never changes where a run goes: who
// has it set for virsh has not asked for that.
std::optional<std::string> chosen_uri(const std::string& option, const std::string& config);

// With the settings read. Fault::usage where they have a mistake.
Result<std::optional<std::string>> choose_uri(const std::string& option);

// The host that was chosen; null for this machine.
Result<std::unique_ptr<LibvirtHost>> connect(const std::string& option, const Cache& cache, const Context& context);

}  // namespace labctl
