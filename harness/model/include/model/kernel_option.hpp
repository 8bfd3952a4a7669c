// A kernel option as labs and users name it: "VETH", which is y; "LOG_BUF_SHIFT=18"; "DEFAULT_HOSTNAME=lab".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace labctl {

struct KernelOption {
  std::string name;   // "CONFIG_VETH"
  std::string value;  // as a .config has it: y, 18, "lab" in quotes
};

inline constexpr const char* kernel_option_form =
    "a name without CONFIG_, as in VETH, which is set to y; or NAME=18, NAME=word";

// Nothing for what is no option: options are built in, so there is no NAME=m.
std::optional<KernelOption> kernel_option(std::string_view text);

}  // namespace labctl
