#include "image/cpio.hpp"

#include <fmt/format.h>

namespace labctl {

namespace {

constexpr unsigned type_folder = 0040000, type_file = 0100000, type_link = 0120000, type_character = 0020000;

void pad_to(std::string& text, std::size_t multiple) {
  text.append((multiple - text.size() % multiple) % multiple, '\0');
}

}  // namespace

void CpioWriter::entry(std::string_view name, unsigned mode, std::string_view bytes, unsigned major, unsigned minor) {
  const unsigned links = (mode & 0170000) == type_folder ? 2 : 1;
  // magic, inode, mode, uid, gid, links, time, size, device major and minor, rdev major and minor, name size, check
  archive_ += fmt::format("070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}",
                          inode_++, mode, 0, 0, links, 0, bytes.size(), 0, 0, major, minor, name.size() + 1, 0);
  archive_ += name;
  archive_ += '\0';
  pad_to(archive_, 4);
  archive_ += bytes;
  pad_to(archive_, 4);
}

void CpioWriter::folder(std::string_view name, unsigned permissions) {
  entry(name, type_folder | permissions, {}, 0, 0);
}

void CpioWriter::file(std::string_view name, std::string_view bytes, unsigned permissions) {
  entry(name, type_file | permissions, bytes, 0, 0);
}

void CpioWriter::link(std::string_view name, std::string_view target) {
  entry(name, type_link | 0777, target, 0, 0);
}

void CpioWriter::character_device(std::string_view name, unsigned permissions, unsigned major, unsigned minor) {
  entry(name, type_character | permissions, {}, major, minor);
}

std::string CpioWriter::finish() {
  inode_ = 0;
  entry("TRAILER!!!", 0, {}, 0, 0);
  pad_to(archive_, 512);
  return std::move(archive_);
}

}  // namespace labctl
