// One line of `labctl doctor`.
#pragma once

#include <string>

namespace labctl {

enum class Health { good, warning, bad };  // warning: slower or narrower, but labs run

struct HostFinding {
  Health health;
  std::string subject;
  std::string detail;
  std::string mend;  // the command that mends it
};

}  // namespace labctl
