// With elfutils' libdwfl, which relocates the debug information of a .ko as insmod does its code.
#include "symbols/code_symbols.hpp"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <unordered_map>
#include <vector>

namespace labctl {
namespace {

struct DwflEnd {
  void operator()(Dwfl* dwfl) const { dwfl_end(dwfl); }
};

struct FreeScopes {
  void operator()(Dwarf_Die* scopes) const { std::free(scopes); }
};

// The debug information is in the file itself: no other file is looked for.
int no_debug_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*, GElf_Word, char**) {
  return -1;
}

constexpr Dwfl_Callbacks callbacks = {dwfl_build_id_find_elf, no_debug_file, dwfl_offline_section_address, nullptr};

std::string name_of(Dwarf_Die& die) {
  Dwarf_Attribute attribute;
  const char* name = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_name, &attribute));
  return name != nullptr ? name : "";
}

std::optional<Dwarf_Word> number_of(Dwarf_Die& die, unsigned int which) {
  Dwarf_Attribute attribute;
  Dwarf_Word number = 0;
  if (dwarf_formudata(dwarf_attr(&die, which, &attribute), &number) != 0) return std::nullopt;
  return number;
}

bool is_function(Dwarf_Die& die) {
  const int tag = dwarf_tag(&die);
  return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

// Where the function that die is was inlined.
void take_call(Dwarf_Die& unit, Dwarf_Die& die, SourcePlace& place) {
  const auto file = number_of(die, DW_AT_call_file);
  const auto line = number_of(die, DW_AT_call_line);
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (!file || !line || dwarf_getsrcfiles(&unit, &files, &count) != 0 || *file >= count) return;
  const char* name = dwarf_filesrc(files, *file, nullptr, nullptr);
  if (name == nullptr) return;
  place.file = name;
  place.line = static_cast<int>(*line);
}

}  // namespace

class CodeSymbols::Reader {
 public:
  bool open(const std::filesystem::path& file) {
    dwfl_.reset(dwfl_begin(&callbacks));
    if (!dwfl_) return false;
    dwfl_report_begin(dwfl_.get());
    module_ = dwfl_report_offline(dwfl_.get(), "code", file.c_str(), -1);
    dwfl_report_end(dwfl_.get(), nullptr, nullptr);
    return module_ != nullptr && dwfl_module_getsymtab(module_) > 0;
  }

  // Of the only function of that name which is long enough; of several, the only one that is as long as the kernel
  // says.
  std::optional<GElf_Addr> address_of(const StackFrame& frame) {
    if (functions_.empty()) list_functions();
    std::vector<Function> found;
    const auto [first, last] = functions_.equal_range(frame.function);
    for (auto named = first; named != last; ++named) {
      const Function& function = named->second;
      // A call that never returns may be the function's last instruction, and its return address just behind it.
      if (frame.offset > function.size || (frame.exact && frame.offset == function.size)) continue;
      const auto is_alias = [&function](const Function& other) { return other.address == function.address; };
      if (std::none_of(found.begin(), found.end(), is_alias)) found.push_back(function);
    }
    if (found.size() > 1) std::erase_if(found, [&frame](const Function& one) { return shown_size(one) != frame.size; });
    if (found.size() != 1) return std::nullopt;
    return found.front().address + frame.offset - (frame.exact || frame.offset == 0 ? 0 : 1);
  }

  // Of the first relocation of code that is about the symbol.
  std::optional<GElf_Addr> reference_to(const std::string& symbol) const {
    GElf_Addr bias = 0;
    Elf* elf = dwfl_module_getelf(module_, &bias);
    if (elf == nullptr) return std::nullopt;
    for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
      GElf_Shdr header, code, names;
      if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_RELA) continue;
      if (gelf_getshdr(elf_getscn(elf, header.sh_info), &code) == nullptr || (code.sh_flags & SHF_EXECINSTR) == 0 ||
          gelf_getshdr(elf_getscn(elf, header.sh_link), &names) == nullptr)
        continue;
      Elf_Data* relocations = elf_getdata(section, nullptr);
      Elf_Data* symbols = elf_getdata(elf_getscn(elf, header.sh_link), nullptr);
      GElf_Rela relocation;
      for (int i = 0; gelf_getrela(relocations, i, &relocation) != nullptr; ++i) {
        GElf_Sym target;
        if (gelf_getsym(symbols, static_cast<int>(GELF_R_SYM(relocation.r_info)), &target) == nullptr) continue;
        const char* name = elf_strptr(elf, names.sh_link, target.st_name);
        if (target.st_shndx == SHN_UNDEF && name != nullptr && symbol == name)
          return code.sh_addr + bias + relocation.r_offset;
      }
    }
    return std::nullopt;
  }

  std::optional<StackFrame> frame_at(const std::string& section, std::uint64_t offset, bool exact) const {
    GElf_Addr bias = 0;
    Elf* elf = dwfl_module_getelf(module_, &bias);
    std::size_t names = 0;
    if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) return std::nullopt;
    // A return address is behind its call, which may be a function's last instruction.
    const std::uint64_t inside = exact || offset == 0 ? offset : offset - 1;
    for (Elf_Scn* one = elf_nextscn(elf, nullptr); one != nullptr; one = elf_nextscn(elf, one)) {
      GElf_Shdr header;
      if (gelf_getshdr(one, &header) == nullptr || inside >= header.sh_size) continue;
      const char* name = elf_strptr(elf, names, header.sh_name);
      if (name == nullptr || section != name) continue;
      GElf_Off into = 0;
      GElf_Sym symbol;
      const char* function =
          dwfl_module_addrinfo(module_, header.sh_addr + bias + inside, &into, &symbol, nullptr, nullptr, nullptr);
      if (function == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_FUNC || into >= symbol.st_size) break;
      StackFrame frame;
      frame.function = function;
      frame.offset = into + (offset - inside);
      frame.size = symbol.st_size;
      frame.exact = exact;
      return frame;
    }
    return std::nullopt;
  }

  std::optional<StackFrame> call_on_page(std::uint64_t offset) const {
    constexpr std::uint64_t page = 4096;
    std::optional<StackFrame> found;
    for (const char* section : {".text", ".init.text"})
      for (const std::uint64_t call : ends_of_calls(section)) {
        if (call % page != offset % page) continue;
        if (found) return std::nullopt;
        found = frame_at(section, call, false);
      }
    return found;
  }

  std::vector<SourcePlace> places(GElf_Addr address) const {
    std::vector<SourcePlace> places;
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = dwfl_module_addrdie(module_, address, &bias);
    Dwfl_Line* line = dwfl_module_getsrc(module_, address);
    if (unit == nullptr || line == nullptr) return places;
    SourcePlace place;
    const char* file = dwfl_lineinfo(line, nullptr, &place.line, nullptr, nullptr, nullptr);
    if (file == nullptr || place.line == 0) return places;
    place.file = file;

    Dwarf_Die* innermost = nullptr;
    const int found = dwarf_getscopes(unit, address - bias, &innermost);
    const std::unique_ptr<Dwarf_Die, FreeScopes> keep_innermost(innermost);
    if (found <= 0) return {place};
    // What encloses an inlined function here is not what encloses it in the source.
    Dwarf_Die* scopes = nullptr;
    const int count = dwarf_getscopes_die(&innermost[0], &scopes);
    const std::unique_ptr<Dwarf_Die, FreeScopes> keep_scopes(scopes);
    for (int i = 0; i < count; ++i) {
      if (!is_function(scopes[i])) continue;
      place.function = name_of(scopes[i]);
      places.push_back(place);
      if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram) break;
      place = {};
      take_call(*unit, scopes[i], place);
    }
    return places;
  }

  std::vector<SourcePlace> definition(GElf_Addr address) const {
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = dwfl_module_addrdie(module_, address, &bias);
    Dwarf_Die* scopes = nullptr;
    const int count = unit == nullptr ? 0 : dwarf_getscopes(unit, address - bias, &scopes);
    const std::unique_ptr<Dwarf_Die, FreeScopes> keep_scopes(scopes);
    for (int i = 0; i < count; ++i) {
      if (dwarf_tag(&scopes[i]) != DW_TAG_subprogram) continue;
      SourcePlace place{name_of(scopes[i]), "", 0};
      const char* file = dwarf_decl_file(&scopes[i]);
      if (file == nullptr || dwarf_decl_line(&scopes[i], &place.line) != 0) break;
      place.file = file;
      return {place};
    }
    return {};
  }

 private:
  struct Function {
    GElf_Addr address;
    GElf_Xword size;  // in bytes
  };

  // For the kernel a function goes on to the next one, and each begins at a multiple of 16 bytes.
  static GElf_Xword shown_size(const Function& function) { return (function.size + 15) / 16 * 16; }

  void list_functions() {
    const int count = dwfl_module_getsymtab(module_);
    for (int i = 1; i < count; ++i) {
      GElf_Sym symbol;
      GElf_Addr address = 0;
      const char* name = dwfl_module_getsym_info(module_, i, &symbol, &address, nullptr, nullptr, nullptr);
      if (name != nullptr && GELF_ST_TYPE(symbol.st_info) == STT_FUNC)
        functions_.emplace(name, Function{address, symbol.st_size});
    }
  }

  // In bytes from the start of the section. Of a call to another file's function the last four bytes are a relocation.
  std::vector<std::uint64_t> ends_of_calls(const std::string& wanted) const {
    std::vector<std::uint64_t> ends;
    GElf_Addr bias = 0;
    Elf* elf = dwfl_module_getelf(module_, &bias);
    std::size_t names = 0;
    if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) return ends;
    for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
      GElf_Shdr header, code;
      if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_RELA ||
          gelf_getshdr(elf_getscn(elf, header.sh_info), &code) == nullptr)
        continue;
      const char* name = elf_strptr(elf, names, code.sh_name);
      if (name == nullptr || wanted != name) continue;
      constexpr unsigned char call = 0xe8;  // with a relative address of four bytes
      Elf_Data* relocations = elf_getdata(section, nullptr);
      const Elf_Data* bytes = elf_getdata(elf_getscn(elf, header.sh_info), nullptr);
      GElf_Rela relocation;
      for (int i = 0; bytes != nullptr && gelf_getrela(relocations, i, &relocation) != nullptr; ++i) {
        const std::uint64_t at = relocation.r_offset;
        if (at > 0 && at < bytes->d_size && static_cast<const unsigned char*>(bytes->d_buf)[at - 1] == call)
          ends.push_back(at + 4);
      }
    }
    return ends;
  }

  std::unique_ptr<Dwfl, DwflEnd> dwfl_;
  Dwfl_Module* module_ = nullptr;                             // dwfl_ owns it
  std::unordered_multimap<std::string, Function> functions_;  // a kernel has 40,000; empty until one is looked for
};

CodeSymbols::CodeSymbols(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
CodeSymbols::CodeSymbols(CodeSymbols&&) noexcept = default;
CodeSymbols& CodeSymbols::operator=(CodeSymbols&&) noexcept = default;
CodeSymbols::~CodeSymbols() = default;

Result<CodeSymbols> CodeSymbols::open(const std::filesystem::path& file) {
  auto reader = std::make_unique<Reader>();
  if (!reader->open(file)) {
    const char* why = dwfl_errmsg(-1);  // null where nothing failed: it has no symbols
    return fail(Fault::harness,
                fmt::format("cannot read the symbols of {}: {}", file.string(), why != nullptr ? why : "it has none"),
                "labctl cache prune --kind modules --all, then run the same command again");
  }
  return CodeSymbols(std::move(reader));
}

std::vector<SourcePlace> CodeSymbols::places(const StackFrame& frame) const {
  const auto address = reader_->address_of(frame);
  return address ? reader_->places(*address) : std::vector<SourcePlace>();
}

std::vector<SourcePlace> CodeSymbols::definition(const StackFrame& frame) const {
  const auto address = reader_->address_of(frame);
  return address ? reader_->definition(*address) : std::vector<SourcePlace>();
}

std::optional<StackFrame> CodeSymbols::frame_at(const std::string& section, std::uint64_t offset, bool exact) const {
  return reader_->frame_at(section, offset, exact);
}

std::optional<StackFrame> CodeSymbols::call_on_page(std::uint64_t offset) const {
  return reader_->call_on_page(offset);
}

std::vector<SourcePlace> CodeSymbols::use_of(const std::string& symbol) const {
  const auto address = reader_->reference_to(symbol);
  return address ? reader_->places(*address) : std::vector<SourcePlace>();
}

}  // namespace labctl
