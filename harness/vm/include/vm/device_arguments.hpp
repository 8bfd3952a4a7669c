// What QEMU, libvirt and the kernel must be told of the devices of model/device.hpp.
#pragma once

#include <string>
#include <vector>

namespace labctl {

struct DeviceArguments {
  std::string name;
  bool on_pci = false;
  std::vector<std::string> qemu;
  std::string command_line;  // of the kernel
  std::string forgotten_at;  // its PCI address, where QEMU does not save it; empty: it does
  bool usb = false;          // whether it is the USB devices, for which libvirt has words of its own
};

// name: of a device in all_devices().
const DeviceArguments& device_arguments(const std::string& name);

}  // namespace labctl
