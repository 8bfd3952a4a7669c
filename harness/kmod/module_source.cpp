#include "kmod/module_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "kmod/line_replacement.hpp"
#include "module_parts.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_source_bytes = 4 << 20;
constexpr std::size_t max_headers = 100;

// A link could lead the compiler to any file of the host.
Status check_file(const fs::path& file) {
  std::error_code ignored;
  const std::string name = file.filename().string();
  if (fs::symlink_status(file, ignored).type() != fs::file_type::regular)
    return fail(Fault::module, fmt::format("{} is not a plain file", printable(file.string())),
                "hand in the file itself, not a link to it");
  if (!is_source_file_name(name))
    return fail(Fault::module, fmt::format("{} cannot be the name of a source file", labctl::quoted(name)),
                "use letters, digits, \".\", \"_\", \"+\" and \"-\"");
  return {};
}

// A linked folder on the way to a file is as good as a link: it could lead to a solution that the compiler may not see.
Status check_way(const fs::path& folder, const std::string& name) {
  fs::path way = folder;
  std::error_code ignored;
  for (const auto& part : fs::path(name).parent_path()) {
    way /= part;
    if (fs::symlink_status(way, ignored).type() == fs::file_type::symlink)
      return fail(Fault::module, fmt::format("{} is a link", printable(way.string())),
                  "hand in the folder itself, not a link to it");
  }
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

// The lab's names that are in the module's folder; a replacement must have something.
std::vector<std::string> names_in_folder(const ModuleSpec& spec) {
  std::vector<std::string> names;
  for (const auto& name : spec.sources)
    if (!climbs(name)) names.push_back(name);
  return names.empty() ? std::vector<std::string>{spec.name + ".c"} : names;
}

}  // namespace

bool climbs(const std::string& name) {
  return path_in_tree("", name).starts_with("..");
}

std::string object_of(const std::string& source) {
  return source.substr(0, source.size() - 2) + ".o";
}

namespace {

// kbuild cannot make NAME.o both of NAME.c and of several objects: then NAME.c goes by another name.
void make_way(ModuleSource& source) {
  const auto own = std::find(source.objects.begin(), source.objects.end(), source.module + ".o");
  if (source.objects.size() < 2 || own == source.objects.end()) return;
  const auto find = [&source](const std::string& name) {
    return std::find_if(source.files.begin(), source.files.end(),
                        [&name](const SourceFile& file) { return file.name == name; });
  };
  std::string other = source.module + "_main";
  while (std::find(source.objects.begin(), source.objects.end(), other + ".o") != source.objects.end())
    other += "_";
  const std::string name = path_in_tree(source.folder, source.module + ".c");
  const std::string new_name = path_in_tree(source.folder, other + ".c");
  if (const auto file = find(name); file != source.files.end()) {
    file->name = new_name;
  } else if (const auto target = source.tree ? find(source.tree->resolved(name)) : source.files.end();
             target != source.files.end()) {
    // A link: what it points to may be a source of its own, so a copy stands in for the link.
    SourceFile copy = *target;
    copy.name = new_name;
    source.files.push_back(std::move(copy));
  } else {
    return;
  }
  *own = other + ".o";
}

}  // namespace

void finish(ModuleSource& source) {
  make_way(source);
  // A header that the lab names too is there twice.
  std::sort(source.files.begin(), source.files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
  source.files.erase(std::unique(source.files.begin(), source.files.end(),
                                 [](const SourceFile& a, const SourceFile& b) { return a.name == b.name; }),
                     source.files.end());
}

Result<ModuleSource> collect_sources(const ModuleSpec& spec, const fs::path& folder, bool replacement) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return fail(Fault::usage, fmt::format("there is no folder {}", folder.string()),
                "give the folder that holds the module's sources, or one .c file");
  std::vector<std::string> names = replacement ? names_in_folder(spec) : spec.sources;
  std::vector<std::string> missing;
  for (const auto& name : names)
    if (!fs::is_regular_file(folder / name, ignored)) missing.push_back(name);
  if (!missing.empty()) {
    const auto found = names_ending(folder, ".c");
    if (replacement && names.size() == 1 && found.size() == 1) {
      names = found;
    } else {
      return fail(replacement ? Fault::module : Fault::usage,
                  fmt::format("{} has no {}", folder.string(), join(missing, ", ")),
                  found.empty() ? "it has no .c file at all" : "its .c files are: " + join(found, ", "));
    }
  }
  ModuleSource source{spec.name, {}, spec.cflags, {}};
  source.make = spec.make;
  for (const auto& name : names) {
    if (replacement)
      if (auto straight = check_way(folder, name); !straight) return fail(straight.error());
    auto file = read_source(folder / name, name);
    if (!file) return fail(file.error());
    source.files.push_back(std::move(*file));
    if (name.ends_with(".c")) source.objects.push_back(object_of(name));
  }
  if (auto added = add_headers(source, folder); !added) return fail(added.error());
  if (!replacement)
    if (auto replaced = replace_lines(source, spec.replace); !replaced) return fail(replaced.error());
  finish(source);
  return source;
}

Result<ModuleSource> collect_single_file(const ModuleSpec& spec, const fs::path& file) {
  if (const auto names = names_in_folder(spec); names.size() > 1)
    return fail(Fault::usage,
                fmt::format("module {} has {} sources: give their folder, not one file", spec.name, names.size()));
  const std::string name = file.filename().string();
  auto read = read_source(file, name);
  if (!read) return fail(read.error());
  ModuleSource source{spec.name, {object_of(name)}, spec.cflags, {std::move(*read)}};
  source.make = spec.make;
  if (auto added = add_headers(source, file.has_parent_path() ? file.parent_path() : fs::path(".")); !added)
    return fail(added.error());
  finish(source);
  return source;
}

std::string added_flags(const ModuleSource& source, const std::string& src) {
  std::string text = "-g";
  for (const auto& flag : source.cflags) {
    const bool relative = flag.starts_with("-I") && flag.size() > 2 && flag[2] != '/';
    text += relative ? fmt::format(" -I{}/{}", src, flag.substr(2)) : " " + flag;
  }
  return text;
}

std::string make_kbuild(const ModuleSource& source) {
  std::string text = fmt::format("obj-m := {}.o\n", source.module);
  const std::string own = source.module + ".o";
  if (source.objects.size() != 1 || source.objects[0] != own)
    text += fmt::format("{}-y := {}\n", source.module, join(source.objects, " "));
  // For kernels with UBSAN but not UBSAN_SANITIZE_ALL; of no effect on others.
  text += "UBSAN_SANITIZE := y\n";
  text += fmt::format("ccflags-y := {}\n", added_flags(source, "$(src)"));
  if (!source.symbols.empty()) text += fmt::format("KBUILD_EXTRA_SYMBOLS := $(obj)/{}\n", symbols_file);
  return text;
}

namespace {

bool is_chatter(std::string_view line) {
  return line.starts_with("make: ") || line.starts_with("make[") || line.starts_with("warning: the compiler differs") ||
         line.starts_with("  The kernel was built by:") || line.starts_with("  You are using:") ||
         line.starts_with("  WARNING: Symbol version dump") || line.starts_with("           Modules may not have");
}

// How much of a text is a path: up to a blank, a colon, a quote or the like.
std::size_t path_length(std::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f ||
           std::string_view(":,;'\"`()").find(c) != std::string_view::npos;
  });
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

std::string kept_messages(const std::string& output, const std::string& build_folder) {
  const std::string prefix = build_folder + "/";
  std::string text;
  for (auto line : split_lines(output)) {
    if (is_chatter(line)) continue;
    for (auto at = line.find(prefix); at != std::string_view::npos; at = line.find(prefix)) {
      text += std::string(line.substr(0, at)) + std::string(kept_folder);
      line.remove_prefix(at + prefix.size());
    }
    text += std::string(line) + "\n";
  }
  return text;
}

std::string readable_messages(std::string_view kept, const ModuleSource& source) {
  std::map<std::string, std::string, std::less<>> shown;
  for (const auto& file : source.files)
    shown.emplace(file.name, file.shown.string());
  const auto readable = [&](const std::string& path) -> std::string {
    const std::string name = path_in_tree("", path);
    if (const auto found = shown.find(name); found != shown.end()) return found->second;
    const std::string real = source.tree ? source.tree->resolved(name) : name;
    if (const auto found = shown.find(real); found != shown.end()) return found->second;
    return source.tree && source.tree->find(real) != nullptr ? (source.tree->root / real).string() : path;
  };
  std::string text;
  for (auto at = kept.find(kept_folder); at != std::string_view::npos; at = kept.find(kept_folder)) {
    text += kept.substr(0, at);
    kept.remove_prefix(at + kept_folder.size());
    const auto length = path_length(kept);
    text += readable(std::string(kept.substr(0, length)));
    kept.remove_prefix(length);
  }
  return text + std::string(kept);
}

}  // namespace labctl
