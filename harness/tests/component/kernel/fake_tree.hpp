// A folder that looks and builds like a kernel tree, in milliseconds: its Makefile knows the targets that labctl
// uses, compiles one C file with the real compiler, and grants every config option but CONFIG_IMPOSSIBLE. Its Kconfig
// knows that one, and why.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace labctl::test {

struct FakeTree {
  std::string version = "5";
  std::string patchlevel = "4";
  std::string sublevel = "286";
  std::string source = "int start_kernel(void) { return 42; }\n";
  std::string before_compiling = "true";  // a shell command
};

inline void put(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

inline std::string fake_makefile(const FakeTree& tree) {
  std::string text = "VERSION = " + tree.version + "\nPATCHLEVEL = " + tree.patchlevel +
                     "\nSUBLEVEL = " + tree.sublevel + "\nEXTRAVERSION =\n";
  text += "RELEASE = $(VERSION).$(PATCHLEVEL).$(SUBLEVEL)\n";
  text += "BEFORE = " + tree.before_compiling + "\n";
  text += R"(
tinyconfig:
	@echo "CONFIG_TINY=y" > .config
olddefconfig:
	@grep -v IMPOSSIBLE .config > .config.new; mv .config.new .config
mrproper:
	@rm -rf .config include/config include/generated && touch cleaned
bzImage:
	@$(BEFORE)
	@echo "  CC      init/main.o"
	@$(CC) -c -o init/main.o init/main.c
	@$(CC) -nostdlib -static -Wl,-e,start_kernel -o vmlinux init/main.o
	@mkdir -p arch/x86/boot arch/x86/include include/config include/generated
	@echo boot > arch/x86/boot/bzImage
	@echo "0 T start_kernel" > System.map
	@echo $(RELEASE) > include/config/kernel.release
	@cp .config include/config/auto.conf
modules: bzImage
	@echo symbols > Module.symvers
.PHONY: tinyconfig olddefconfig mrproper bzImage modules
)";
  return text;
}

inline void make_fake_tree(const std::filesystem::path& folder, const FakeTree& tree = {}) {
  put(folder / "Makefile", fake_makefile(tree));
  put(folder / "Kbuild", "# fake\n");
  put(folder / "net/Kconfig",
      "menu \"Networks\"\n\tdepends on NET || UML\n\nif NETDEVICES\nconfig POSSIBLE\n\tbool \"Possible\"\n\tdepends on "
      "UNRELATED\n\n"
      "config IMPOSSIBLE\n\tbool \"Impossible\"\n\tdepends on PCI\n\thelp\n\t  if this were possible.\n\n\t  config "
      "POSSIBLE is.\n\nendif\nendmenu\n"
      "config HIDDEN_IMPOSSIBLE\n\tbool\n");
  put(folder / "init/main.c", tree.source);
  put(folder / "arch/x86/Makefile", "# fake\n");
  put(folder / "arch/arm/not-needed.c", "# fake\n");
  put(folder / "scripts/Makefile.build", "# fake\n");
  put(folder / "include/linux/module.h", "#define MODULE 1\n");
}

}  // namespace labctl::test
