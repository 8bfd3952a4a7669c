#include "vm/device_arguments.hpp"

#include <algorithm>
#include <stdexcept>

namespace labctl {

const DeviceArguments& device_arguments(const std::string& name) {
  static const std::vector<DeviceArguments> all = {
      // QEMU has no way to save its registers (hw/misc/edu.c has no vmstate).
      {"edu", true, {"-device", "edu,addr=0x10"}, "", "0000:00:10.0"},
      // A pair of numbers a chip: where its lines begin, -1 for anywhere, and how many it has
      // (drivers/gpio/gpio-mockup.c).
      {"gpio", false, {}, "gpio_mockup.gpio_mockup_ranges=-1,8", ""},
      {"usb",
       true,
       {"-device", "qemu-xhci,id=usb", "-device", "usb-kbd,bus=usb.0", "-device", "usb-mouse,bus=usb.0"},
       "",
       "",
       true},
  };
  const auto found = std::find_if(all.begin(), all.end(), [&name](const auto& device) { return device.name == name; });
  // A mistake in labctl, which a test of this library finds.
  if (found == all.end()) throw std::logic_error("no such device: " + name);
  return *found;
}

}  // namespace labctl
