#include "starter.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view makefile_template =
    R"make(# Lab @LAB@. Builds, tries and cleans up the module in this folder:
#
#   make           build it for the kernel that runs here
#   make KDIR=DIR  build it for the kernel that was built in DIR
#   make run       have labctl judge it, in a machine of its own. Without labctl: load it here and unload it again, as
#                  root, and show what the kernel said. Do that in a virtual machine that you can lose
#   make clean     remove what was built
ifneq ($(KERNELRELEASE),)

# Read a second time, by the kernel's build system.
@OBJECTS@
else

KDIR ?= /lib/modules/$(shell uname -r)/build
LABCTL ?= $(or $(shell command -v labctl),$(wildcard @LABCTL@))

.PHONY: modules run clean
modules:
	@test -e $(KDIR)/Makefile || { \
	  echo "no kernel headers in $(KDIR): install your kernel's, or name a built kernel (make KDIR=DIR)," >&2; \
	  echo "or have labctl do all of it: make run" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

ifneq ($(LABCTL),)
run:
	$(LABCTL) run @JUDGE@ --module .
else
run: modules
	sudo insmod ./@MODULE@.ko
	-sudo rmmod @MODULE@
	sudo dmesg | tail -n 20
endif

clean:
	@if test -e $(KDIR)/Makefile; then $(MAKE) -C $(KDIR) M=$(CURDIR) clean; \
	else echo "nothing was built here: there are no kernel headers in $(KDIR)"; fi

endif
)make";

// What kbuild is told of the module.
std::string objects_text(const ModuleSpec& module) {
  std::string text = fmt::format("obj-m := {}.o\n", module.name);
  std::string objects;
  for (const auto& source : module.sources)
    if (source.ends_with(".c")) objects += " " + source.substr(0, source.size() - 2) + ".o";
  if (objects != " " + module.name + ".o") text += fmt::format("{}-y :={}\n", module.name, objects);
  if (!module.cflags.empty()) text += fmt::format("ccflags-y := {}\n", join(module.cflags, " "));
  return text;
}

Status copy_into(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) return fail(system_error("cannot copy", from, error.value()).value());
  return {};
}

// In the student's folder the starter's files are beside the hand-out.
Status copy_hand_out(const fs::path& from, const fs::path& to) {
  auto text = read_file(from);
  if (!text) return fail(text.error());
  replace_all(*text, "`starter/`", "this folder");
  replace_all(*text, "`starter/", "`");
  return write_file(to, *text);
}

}  // namespace

std::string starter_makefile(const Lab& lab, const std::string& labctl, const std::string& judge) {
  std::string text(makefile_template);
  replace_all(text, "@OBJECTS@", objects_text(lab.modules.front()));
  replace_all(text, "@LAB@", lab.id);
  replace_all(text, "@MODULE@", lab.modules.front().name);
  replace_all(text, "@LABCTL@", labctl);
  replace_all(text, "@JUDGE@", judge);
  return text;
}

Result<std::vector<std::string>> make_starter(const Lab& lab, const fs::path& folder, const std::string& makefile) {
  const fs::path lab_folder = fs::absolute(lab.file).parent_path();
  std::error_code error;
  if (!fs::is_directory(lab_folder / "starter", error))
    return fail(
        Fault::usage, fmt::format("lab {} has no starter", lab.id),
        fmt::format("its author makes {}; labctl lab list shows the others", (lab_folder / "starter").string()));
  if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error)))
    return fail(Fault::usage, fmt::format("{} is there already, and nothing of yours is overwritten", folder.string()),
                fmt::format("name another folder: labctl start {} DIR", lab.id));
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const fs::path target = whole.has_filename() ? whole : whole.parent_path();
  fs::create_directories(target.parent_path(), error);
  if (error) return fail(system_error("cannot create", target.parent_path(), error.value()).value());
  // Filled under another name, so that a student never finds half of it.
  const fs::path made = target.parent_path() / fmt::format(".{}.{}", target.filename().string(), ::getpid());
  fs::remove_all(made, error);
  Status done = copy_into(lab_folder / "starter", made);
  if (done && fs::exists(lab_folder / "README.md", error))
    done = copy_hand_out(lab_folder / "README.md", made / "README.md");
  if (done) done = write_file(made / "Makefile", makefile);
  if (done) {
    fs::rename(made, target, error);  // takes the place of an empty folder
    if (error) done = fail(system_error("cannot create", target, error.value()).value());
  }
  if (!done) {
    fs::remove_all(made, error);
    return fail(done.error());
  }
  std::vector<std::string> names;
  for (const auto& item : fs::recursive_directory_iterator(target, error))
    if (!item.is_directory(error)) names.push_back(item.path().lexically_relative(target).string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace labctl
