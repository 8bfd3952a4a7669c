// One record as /dev/kmsg gives it: "6,339,5140900,-,caller=T1;text\n KEY=value\n", with "\x0a" for a newline in the
// text (Documentation/ABI/testing/dev-kmsg in the kernel tree). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "model/observation.hpp"

namespace labctl {

// Nothing when it is no record.
std::optional<KmsgRecord> parse_kmsg(std::string_view record);

}  // namespace labctl
