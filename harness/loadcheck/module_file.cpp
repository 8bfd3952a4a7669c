#include "loadcheck/module_file.hpp"

#include <algorithm>
#include <utility>

#include "elf_image.hpp"

namespace labctl {
namespace {

// struct modversion_info in <linux/module.h> (5.4 and 6.1, 64 bits).
struct VersionRecord {
  std::uint64_t crc;
  char name[64 - sizeof(std::uint64_t)];
};

const ElfSection* find_section(const std::vector<ElfSection>& sections, std::string_view name) {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [name](const ElfSection& one) { return one.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

// "a,b" → a, b
std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto name = text.substr(0, text.find(','));
    if (!name.empty()) names.emplace_back(name);
    text.remove_prefix(std::min(text.size(), name.size() + 1));
  }
  return names;
}

void take(std::optional<std::string>& field, std::string_view value) {
  if (!field) field = value;  // the kernel takes the first
}

// "tag=value" texts with NULs between them (<linux/moduleparam.h>, __MODULE_INFO).
void read_info(std::string_view info, ModuleFile& file) {
  std::optional<std::string> name, version, depends;
  while (!info.empty()) {
    const auto text = info.substr(0, info.find('\0'));
    info.remove_prefix(std::min(info.size(), text.size() + 1));
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const auto tag = text.substr(0, equals);
    const auto value = text.substr(equals + 1);
    if (tag == "license") take(file.licence, value);
    if (tag == "vermagic") take(file.vermagic, value);
    if (tag == "name") take(name, value);
    if (tag == "version") take(version, value);
    if (tag == "depends") take(depends, value);
    if (tag == "import_ns") file.namespaces.emplace_back(value);
    if (tag == "parmtype") file.parameters.emplace_back(value.substr(0, value.find(':')));
  }
  file.name = name.value_or("");
  file.version = version.value_or("");
  file.depends = listed(depends.value_or(""));
}

void read_symbols(const std::vector<ElfSection>& sections, const ElfSection& table, ModuleFile& file) {
  constexpr std::string_view export_prefix = "__ksymtab_";
  const auto names = sections[table.link].bytes;
  auto symbols = records_of<Elf64_Sym>(table.bytes);
  for (std::size_t i = 1; i < symbols.size(); ++i) {
    const auto name = text_at(names, symbols[i].st_name);
    const std::size_t section = symbols[i].st_shndx;
    if (name.empty()) continue;
    // As the kernel does: an assembler leaves this one without a use.
    if (section == SHN_UNDEF && name != "_GLOBAL_OFFSET_TABLE_")
      file.undefined.push_back({std::string(name), ELF64_ST_BIND(symbols[i].st_info) == STB_WEAK});
    if (section < sections.size() && name.starts_with(export_prefix) && sections[section].name.starts_with("__ksymtab"))
      file.exported.push_back({std::string(name.substr(export_prefix.size())),
                               file.name,
                               sections[section].name == "__ksymtab_gpl",
                               0,
                               {}});
  }
}

}  // namespace

tl::expected<ModuleFile, BrokenFile> read_module_file(std::string_view bytes) {
  const auto sections = elf_sections(bytes);
  if (!sections) return tl::unexpected<BrokenFile>(sections.error());
  ModuleFile file;
  if (const auto* info = find_section(*sections, ".modinfo")) read_info(info->bytes, file);
  const auto table = std::find_if(sections->begin(), sections->end(),
                                  [](const ElfSection& section) { return section.type == SHT_SYMTAB; });
  file.stripped = table == sections->end();
  if (!file.stripped) read_symbols(*sections, *table, file);
  if (const auto* versions = find_section(*sections, "__versions")) {
    file.has_versions = true;
    for (const auto& record : records_of<VersionRecord>(versions->bytes))
      file.versions.emplace(text_at({record.name, sizeof record.name}, 0), static_cast<std::uint32_t>(record.crc));
  }
  file.finished = find_section(*sections, ".gnu.linkonce.this_module") != nullptr;
  return file;
}

}  // namespace labctl
