// The sections of a 64-bit object file for x86. Every offset in it is checked before it is followed. Inside loadcheck/
// only.
#pragma once

#include <elf.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "loadcheck/module_file.hpp"

namespace labctl {

struct ElfSection {
  std::string_view name;
  std::uint32_t type = 0;
  std::uint32_t link = 0;  // another section's number
  std::string_view bytes;  // empty where the file has none
};

// They point into bytes. The checks, and their order, are those of elf_validity_check() in kernel/module/main.c.
tl::expected<std::vector<ElfSection>, BrokenFile> elf_sections(std::string_view bytes);

// The text at an offset, up to its NUL or to the end of the table; empty beyond it.
std::string_view text_at(std::string_view table, std::size_t offset);

// The records of a section, as many as are whole.
template <class Record>
std::vector<Record> records_of(std::string_view bytes) {
  std::vector<Record> records(bytes.size() / sizeof(Record));
  if (!records.empty()) std::memcpy(records.data(), bytes.data(), records.size() * sizeof(Record));
  return records;
}

}  // namespace labctl
