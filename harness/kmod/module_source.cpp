#include "kmod/module_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_source_bytes = 4 << 20;
constexpr std::size_t max_headers = 100;

// A link could lead the compiler to any file of the host, a strange name could be a command to make.
Status check_file(const fs::path& file) {
  std::error_code ignored;
  const std::string name = file.filename().string();
  static constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";
  if (fs::symlink_status(file, ignored).type() != fs::file_type::regular)
    return fail(Fault::module, fmt::format("{} is not a plain file", printable(file.string())),
                "hand in the file itself, not a link to it");
  if (name.find_first_not_of(plain) != std::string::npos || name.starts_with('-'))
    return fail(Fault::module, fmt::format("{} cannot be the name of a source file", labctl::quoted(name)),
                "use letters, digits, \".\", \"_\", \"+\" and \"-\"");
  return {};
}

Result<SourceFile> read_source(const fs::path& file, const std::string& name) {
  if (auto good = check_file(file); !good) return fail(good.error());
  auto bytes = read_file(file, max_source_bytes);
  if (!bytes) return fail(Fault::module, bytes.error().message);
  return SourceFile{name, std::move(*bytes), file};
}

std::vector<std::string> names_ending(const fs::path& folder, const std::string& ending) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(folder, ignored)) {
    const std::string name = item.path().filename().string();
    // kbuild leaves NAME.mod.c behind in a folder where somebody ran make.
    if (item.path().extension() == ending && !name.ends_with(".mod.c") && !item.is_directory(ignored))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string object_of(const std::string& source) {
  return source.substr(0, source.size() - 2) + ".o";
}

void sort_files(ModuleSource& source) {
  std::sort(source.files.begin(), source.files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
}

Status add_headers(ModuleSource& source, const fs::path& folder) {
  const auto names = names_ending(folder, ".h");
  if (names.size() > max_headers)
    return fail(Fault::module,
                fmt::format("{} has {} headers, more than {}", folder.string(), names.size(), max_headers));
  for (const auto& name : names) {
    auto file = read_source(folder / name, name);
    if (!file) return fail(file.error());
    source.files.push_back(std::move(*file));
  }
  return {};
}

// kbuild cannot make NAME.o both of NAME.c and of several objects: then NAME.c goes by another name.
std::string staged_name(const std::string& source, const ModuleSpec& spec, std::size_t count) {
  if (count > 1 && source == spec.name + ".c") return spec.name + "_main.c";
  return source;
}

}  // namespace

Result<ModuleSource> collect_sources(const ModuleSpec& spec, const fs::path& folder, bool replacement) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return fail(Fault::usage, fmt::format("there is no folder {}", folder.string()),
                "give the folder that holds the module's sources, or one .c file");
  std::vector<std::string> names = spec.sources;
  std::vector<std::string> missing;
  for (const auto& name : names)
    if (!fs::is_regular_file(folder / name, ignored)) missing.push_back(name);
  if (!missing.empty()) {
    const auto found = names_ending(folder, ".c");
    if (replacement && names.size() == 1 && found.size() == 1) {
      names = found;
    } else {
      return fail(Fault::module, fmt::format("{} has no {}", folder.string(), join(missing, ", ")),
                  found.empty() ? "it has no .c file at all" : "its .c files are: " + join(found, ", "));
    }
  }
  ModuleSource source{spec.name, {}, spec.cflags, {}};
  for (const auto& name : names) {
    const std::string staged = staged_name(name, spec, names.size());
    auto file = read_source(folder / name, staged);
    if (!file) return fail(file.error());
    source.files.push_back(std::move(*file));
    if (name.ends_with(".c")) source.objects.push_back(object_of(staged));
  }
  if (auto added = add_headers(source, folder); !added) return fail(added.error());
  // A header that the lab names too is there twice.
  sort_files(source);
  source.files.erase(std::unique(source.files.begin(), source.files.end(),
                                 [](const SourceFile& a, const SourceFile& b) { return a.name == b.name; }),
                     source.files.end());
  return source;
}

Result<ModuleSource> collect_single_file(const ModuleSpec& spec, const fs::path& file) {
  if (spec.sources.size() > 1)
    return fail(Fault::usage, fmt::format("module {} has {} sources: give their folder, not one file", spec.name,
                                          spec.sources.size()));
  const std::string name = file.filename().string();
  auto read = read_source(file, name);
  if (!read) return fail(read.error());
  ModuleSource source{spec.name, {object_of(name)}, spec.cflags, {std::move(*read)}};
  if (auto added = add_headers(source, file.has_parent_path() ? file.parent_path() : fs::path(".")); !added)
    return fail(added.error());
  sort_files(source);
  return source;
}

std::string make_kbuild(const ModuleSource& source) {
  std::string text = fmt::format("obj-m := {}.o\n", source.module);
  const std::string own = source.module + ".o";
  if (source.objects.size() != 1 || source.objects[0] != own)
    text += fmt::format("{}-y := {}\n", source.module, join(source.objects, " "));
  // For kernels with UBSAN but not UBSAN_SANITIZE_ALL; of no effect on others.
  text += "UBSAN_SANITIZE := y\n";
  text += "ccflags-y := -g";
  for (const auto& flag : source.cflags)
    text += " " + flag;
  text += "\n";
  if (!source.symbols.empty()) text += fmt::format("KBUILD_EXTRA_SYMBOLS := $(obj)/{}\n", symbols_file);
  return text;
}

namespace {

bool is_chatter(std::string_view line) {
  return line.starts_with("make: ") || line.starts_with("make[") || line.starts_with("warning: the compiler differs") ||
         line.starts_with("  The kernel was built by:") || line.starts_with("  You are using:") ||
         line.starts_with("  WARNING: Symbol version dump") || line.starts_with("           Modules may not have");
}

}  // namespace

std::string readable_messages(const std::string& output, const ModuleSource& source, const std::string& build_folder) {
  std::string text;
  for (auto view : split_lines(output)) {
    if (is_chatter(view)) continue;
    std::string line(view);
    for (const auto& file : source.files)
      replace_all(line, build_folder + "/" + file.name, file.shown.string());
    replace_all(line, build_folder + "/", "");
    text += line + "\n";
  }
  return text;
}

}  // namespace labctl
