// What an explanation's names stand for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/kernel_report.hpp"

namespace labctl {

// Nothing: the report does not know it. Of a name without text: empty where it holds.
std::optional<std::string> explanation_value(std::string_view name, const KernelReport& report);

}  // namespace labctl
