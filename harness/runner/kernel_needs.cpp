#include "kernel_needs.hpp"

#include <algorithm>
#include <variant>

#include "model/device.hpp"

namespace labctl {

namespace {

bool has_terminal(const Test& test) {
  return std::any_of(test.steps.begin(), test.steps.end(), [](const Step& step) {
    const auto* run = std::get_if<RunStep>(&step.action);
    return run != nullptr && run->tty;
  });
}

}  // namespace

std::vector<std::string> options_needed(const Lab& lab) {
  std::vector<std::string> options = lab.kernel.config;
  for (const auto& device : lab.devices) {
    const auto& of_device = find_device(device)->config;
    options.insert(options.end(), of_device.begin(), of_device.end());
  }
  if (lab.disk_mib > 0) options.emplace_back("VIRTIO_BLK");
  if (std::any_of(lab.tests.begin(), lab.tests.end(), has_terminal)) options.emplace_back("UNIX98_PTYS");
  return options;
}

}  // namespace labctl
