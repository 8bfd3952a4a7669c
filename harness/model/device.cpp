#include "model/device.hpp"

#include <algorithm>

namespace labctl {

const std::vector<Device>& all_devices() {
  static const std::vector<Device> devices = {
      {"edu", "QEMU's PCI device for teaching, 1234:11e8", {"PCI"}},
      {"gpio", "a GPIO chip with eight lines, gpio-mockup", {"GPIO_MOCKUP"}},
      {"usb", "a USB host controller (xHCI) with a keyboard and a mouse", {"USB_XHCI_HCD", "USB_XHCI_PCI"}},
  };
  return devices;
}

const Device* find_device(std::string_view name) {
  const auto& devices = all_devices();
  const auto found =
      std::find_if(devices.begin(), devices.end(), [name](const Device& device) { return device.name == name; });
  return found == devices.end() ? nullptr : &*found;
}

std::vector<std::string> device_names() {
  std::vector<std::string> names;
  for (const auto& device : all_devices())
    names.push_back(device.name);
  return names;
}

}  // namespace labctl
