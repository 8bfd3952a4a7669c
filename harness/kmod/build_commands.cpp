#include "build_commands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.hpp"

namespace labctl {

namespace {

constexpr const char* common_name = "labctl-stand-in";
constexpr const char* build_folder = "@build@";  // stands for it in a script

// kbuild's rule: a module's name in C has "_" for "-".
std::string name_in_c(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

bool is_plain(const std::string& name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
         std::string::npos;
}

// Whether the stand-in goes by the common name.
bool shares_commands(const ModuleSource& source) {
  return source.objects.size() == 1 && source.objects[0] == source.module + ".o" && is_plain(source.module);
}

// Something of everything that a module's build treats in its own way, so that a difference would show.
constexpr const char* frame = R"(#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

static int level = 1;
module_param(level, int, 0444);

static int __init begin(void)
{
	void *block = kmalloc(level, GFP_KERNEL);

	WARN_ON(!block);
	pr_info("%s: level %d\n", __func__, level);
	kfree(block);
	return 0;
}

static void __exit end(void)
{
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
)";

// Words of a line that starts a make, and make's own "make[1]: Entering directory".
bool is_of_make(std::string_view line) {
  const auto start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return false;
  std::string_view word = line.substr(start, line.find_first_of(" \t:[", start) - start);
  if (const auto slash = word.rfind('/'); slash != std::string_view::npos) word.remove_prefix(slash + 1);
  return word == "make" || word == "gmake";
}

}  // namespace

ModuleSource stand_in(const ModuleSource& source) {
  // With the symbols, so that the commands name their file; what it says is not part of a command.
  ModuleSource copy{source.module, source.objects, source.cflags, {}, source.symbols};
  if (shares_commands(source)) {
    copy.module = common_name;
    copy.objects = {std::string(common_name) + ".o"};
  }
  std::string text = frame;
  for (const auto& object : copy.objects) {
    const std::string name = object.substr(0, object.size() - 2) + ".c";
    copy.files.push_back({name, text, name});
    text = "int " + name_in_c("labctl_part_" + std::to_string(copy.files.size())) + ";\n";
  }
  return copy;
}

std::string environment_rule() {
  // 5.4 knows the list by its first name, 6.1 by its second.
  return fmt::format("always := {0}\nalways-y := {0}\n$(obj)/{0}:\n\t@export -p > $@\n", environment_file);
}

std::string build_script(std::string_view environment, std::string_view printed, const std::string& tree,
                         const std::string& folder) {
  std::string commands;
  bool dropping = false;
  bool continued = false;
  for (auto line : split_lines(printed)) {
    if (!continued) dropping = is_of_make(line);
    continued = line.ends_with('\\');
    if (!dropping) commands += std::string(line) + "\n";
  }
  if (commands.empty() || tree.find('\'') != std::string::npos) return {};
  std::string script = fmt::format("{}set -e\ncd '{}'\n{}", environment, tree, commands);
  replace_all(script, folder, build_folder);
  return script;
}

std::string script_for(std::string script, const ModuleSource& source, const std::string& folder) {
  replace_all(script, build_folder, folder);
  if (!shares_commands(source)) return script;
  replace_all(script, common_name, source.module);
  replace_all(script, name_in_c(common_name), name_in_c(source.module));
  return script;
}

}  // namespace labctl
