// A module in a source tree: as the lab's author has it there, or with a submission in its place.
#include <fmt/format.h>

#include <algorithm>

#include "kmod/line_replacement.hpp"
#include "kmod/module_source.hpp"
#include "module_parts.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

std::string shown_folder(const SourceTree& tree, const std::string& folder) {
  return folder.empty() ? tree.root.string() : (tree.root / folder).string();
}

// A link far from the module does not concern it; one below its folder, or in a folder above, may well be needed.
Status check_links(const SourceTree& tree, const std::string& folder) {
  for (const auto& link : tree.escaping) {
    const std::string parent = fs::path(link).parent_path();
    const bool above = parent.empty() || folder == parent || folder.starts_with(parent + "/");
    const bool below = folder.empty() || parent.starts_with(folder + "/");
    if (above || below)
      return fail(Fault::usage,
                  fmt::format("{} is a link that leaves the tree {}", printable((tree.root / link).string()),
                              tree.root.string()),
                  "give as \"tree\" a folder that holds what it points to, or put a copy in its place");
  }
  return {};
}

Status check_folder(const SourceTree& tree, const ModuleSpec& spec) {
  if (!tree.has_folder(spec.folder))
    return fail(Fault::usage, fmt::format("there is nothing in {}", shown_folder(tree, spec.folder)),
                fmt::format("\"folder\" of module {} is relative to its tree", spec.name));
  return check_links(tree, spec.folder);
}

// Names of the .c (or .h) files that are in a folder itself.
std::vector<std::string> names_beside(const SourceTree& tree, const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  for (const auto& file : tree.files)
    if (fs::path(file.name).parent_path() == fs::path(folder) && file.name.ends_with(ending))
      names.push_back(fs::path(file.name).filename());
  return names;
}

bool has_makefile(const SourceTree& tree, const std::string& folder) {
  for (const char* name : {"Kbuild", "Makefile"})
    if (tree.find(tree.resolved(path_in_tree(folder, name))) != nullptr) return true;
  return false;
}

// Adds a file of the tree; false when it is not there.
bool add_file(ModuleSource& source, const SourceTree& tree, const std::string& name, bool own) {
  const std::string path = tree.resolved(path_in_tree(source.folder, name));
  const TreeFile* file = tree.find(path);
  if (file == nullptr) return false;
  source.files.push_back({path, file->bytes, tree.root / path, own});
  return true;
}

tl::unexpected<Error> no_source(const ModuleSource& source, const SourceTree& tree, const std::string& name) {
  const auto there = names_beside(tree, source.folder, ".c");
  return fail(Fault::usage, fmt::format("{} has no {}", shown_folder(tree, source.folder), name),
              there.empty() ? "it has no .c file at all" : "its .c files are: " + join(there, ", "));
}

}  // namespace

Result<ModuleSource> collect_from_tree(const ModuleSpec& spec, std::shared_ptr<const SourceTree> tree) {
  ModuleSource source{spec.name, {}, spec.cflags, {}};
  source.folder = spec.folder;
  source.own_makefile = spec.own_makefile;
  source.make = spec.make;
  source.tree = std::move(tree);
  const SourceTree& all = *source.tree;
  if (auto good = check_folder(all, spec); !good) return fail(good.error());
  if (source.own_makefile && !has_makefile(all, source.folder))
    return fail(Fault::usage, fmt::format("{} has neither Kbuild nor Makefile", shown_folder(all, source.folder)),
                "leave \"makefile\" away: labctl writes one");

  std::vector<std::string> names = spec.sources;
  // What its own makefile makes it of is not known: all that is there then.
  const bool by_default = names == std::vector<std::string>{spec.name + ".c"};
  if (source.own_makefile && by_default && all.find(all.resolved(path_in_tree(source.folder, names[0]))) == nullptr)
    names = names_beside(all, source.folder, ".c");
  for (const auto& name : names) {
    if (!add_file(source, all, name, true)) return no_source(source, all, name);
    if (name.ends_with(".c")) source.objects.push_back(object_of(path_in_tree("", name)));
  }
  for (const auto& name : names_beside(all, source.folder, ".h"))
    add_file(source, all, name, true);
  if (auto replaced = replace_lines(source, spec.replace); !replaced) return fail(replaced.error());
  if (source.own_makefile) source.objects.clear();
  finish(source);
  return source;
}

Result<ModuleSource> place_in_tree(ModuleSource replacement, const ModuleSpec& spec, const SourceTree& tree) {
  if (auto good = check_folder(tree, spec); !good) return fail(good.error());
  ModuleSource source = std::move(replacement);
  source.folder = spec.folder;
  for (auto& file : source.files)
    file.name = path_in_tree(source.folder, file.name);
  for (const auto& name : spec.sources) {
    if (!climbs(name)) continue;
    if (!add_file(source, tree, name, false)) return no_source(source, tree, name);
    if (name.ends_with(".c")) source.objects.push_back(object_of(path_in_tree("", name)));
  }
  source.tree = std::make_shared<const SourceTree>(shared_part(tree, source.folder));
  finish(source);
  return source;
}

}  // namespace labctl
