// What a kernel tree's Kconfig files say of an option, for the message that it cannot be had.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace labctl {

// A clause in one line: "it depends on NET && PCI", "no Kconfig of this kernel has it", or that only other options
// select it. Empty when nothing stands out. name: "CONFIG_VETH".
std::string explain_option(const std::filesystem::path& tree, std::string_view name);

}  // namespace labctl
