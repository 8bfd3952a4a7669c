#include "elf_image.hpp"

#include <fmt/format.h>

namespace labctl {
namespace {

tl::unexpected<BrokenFile> broken(std::string what, std::string log = {}) {
  return tl::unexpected<BrokenFile>(BrokenFile{std::move(what), std::move(log)});
}

bool is_inside(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

std::string class_text(const Elf64_Ehdr& header) {
  if (header.e_ident[EI_CLASS] == ELFCLASS32) return "it is a 32-bit file, and the kernel is of 64 bits";
  return fmt::format("it is for another machine (ELF machine {}, and that of x86-64 is {})", header.e_machine,
                     EM_X86_64);
}

tl::expected<Elf64_Ehdr, BrokenFile> header_of(std::string_view bytes) {
  Elf64_Ehdr header;
  if (bytes.size() < sizeof header)
    return broken(bytes.empty() ? "it is empty" : "it is too short for an ELF file",
                  bytes.empty() ? "" : fmt::format("Invalid ELF header len {}", bytes.size()));
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return broken("it is no ELF file", std::string("Invalid ELF header magic: != ") + ELFMAG);
  if (header.e_type != ET_REL)
    return broken("it is a program or a shared library, no module",
                  fmt::format("Invalid ELF header type: {} != {}", header.e_type, ET_REL));
  if (header.e_machine != EM_X86_64)
    return broken(class_text(header), fmt::format("Invalid architecture in ELF header: {}", header.e_machine));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof(Elf64_Shdr))
    return broken(header.e_ident[EI_CLASS] != ELFCLASS64 ? class_text(header) : "its section headers have a wrong size",
                  header.e_shentsize != sizeof(Elf64_Shdr) ? "Invalid ELF section header size" : "");
  if (header.e_shoff >= bytes.size() || !is_inside(bytes, header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)))
    return broken("it was cut off: its section headers are beyond its end", "Invalid ELF section header overflow");
  return header;
}

}  // namespace

std::string_view text_at(std::string_view table, std::size_t offset) {
  if (offset >= table.size()) return {};
  const auto text = table.substr(offset);
  return text.substr(0, text.find('\0'));
}

tl::expected<std::vector<ElfSection>, BrokenFile> elf_sections(std::string_view bytes) {
  const auto header = header_of(bytes);
  if (!header) return tl::unexpected<BrokenFile>(header.error());
  const auto headers = records_of<Elf64_Shdr>(bytes.substr(header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr)));
  if (header->e_shstrndx == SHN_UNDEF || header->e_shstrndx >= headers.size())
    return broken("it has no table of section names");
  const auto& table = headers[header->e_shstrndx];
  if (!is_inside(bytes, table.sh_offset, table.sh_size) || table.sh_size == 0)
    return broken("its table of section names is damaged");
  const auto names = bytes.substr(table.sh_offset, table.sh_size);
  std::vector<ElfSection> sections(headers.size());
  for (std::size_t i = 1; i < headers.size(); ++i) {
    const auto& one = headers[i];
    sections[i] = {text_at(names, one.sh_name), one.sh_type, one.sh_link, {}};
    if (one.sh_type == SHT_NULL || one.sh_type == SHT_NOBITS) continue;
    if (one.sh_type == SHT_SYMTAB && (one.sh_link == SHN_UNDEF || one.sh_link >= headers.size()))
      return broken("its symbol table has no names",
                    fmt::format("Invalid ELF sh_link!=SHN_UNDEF({}) or (sh_link({}) >= hdr->e_shnum({})", SHN_UNDEF,
                                one.sh_link, headers.size()));
    if (!is_inside(bytes, one.sh_offset, one.sh_size))
      return broken("it was cut off, or is damaged: a section is beyond its end",
                    fmt::format("Invalid ELF section in module (section {} type {})", i, one.sh_type));
    sections[i].bytes = bytes.substr(one.sh_offset, one.sh_size);
  }
  return sections;
}

}  // namespace labctl
