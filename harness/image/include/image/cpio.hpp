// The "newc" cpio archive, the kernel's initramfs format (Documentation/driver-api/early-userspace/
// buffer-format.rst in the kernel tree).
//
// Reproducible: owner 0:0, time 0, inode numbers in order, so that the same calls give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace labctl {

class CpioWriter {
 public:
  // Names are relative to the root, without a leading slash. A folder must come before what is in it.
  void folder(std::string_view name, unsigned permissions = 0755);
  void file(std::string_view name, std::string_view bytes, unsigned permissions = 0644);
  void link(std::string_view name, std::string_view target);
  void character_device(std::string_view name, unsigned permissions, unsigned major, unsigned minor);
  // Ends the archive; its size is a multiple of 512, as cpio's own are.
  std::string finish();

 private:
  void entry(std::string_view name, unsigned mode, std::string_view bytes, unsigned major, unsigned minor);

  std::string archive_;
  std::uint32_t inode_ = 0;
};

}  // namespace labctl
