#include "workshop.hpp"

#include <cstdlib>

namespace labctl {

namespace {

// Where the sandbox shows the kernel and the build folder: the same for everybody, so that the same source gives the
// same bytes in any cache folder.
constexpr const char* kernel_inside = "/kernel";
constexpr const char* build_inside = "/build";

std::string environment_value(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

std::string Workshop::tree() const {
  return sandboxed_build() ? kernel_inside : kernel.headers().string();
}

std::string Workshop::folder() const {
  return sandboxed_build() ? build_inside : build.string();
}

std::string Workshop::module_folder(const ModuleSource& source) const {
  return source.folder.empty() ? folder() : folder() + "/" + source.folder;
}

Result<ProcessOutcome> run_in(const Workshop& shop, const std::vector<std::string>& command, const std::string& cwd) {
  ProcessSpec spec;
  spec.argv = command;
  if (shop.sandboxed_build()) {
    spec.environment = {{"MAKEFLAGS", ""}};
    SandboxSpec box;
    box.read_only = {{shop.kernel.headers(), kernel_inside}};
    box.writable = {{shop.build, build_inside}};
    box.hidden = shop.options.hidden;
    box.hidden.push_back(shop.cache.root());
    box.cwd = cwd;
    spec = sandboxed(box, spec);
  } else {
    // kbuild obeys variables such as KCFLAGS, which the user's shell may hold for another purpose.
    spec.argv = {"env", "-i", "PATH=" + environment_value("PATH", "/usr/bin:/bin"),
                 "HOME=" + environment_value("HOME", "/nonexistent"), "LANG=C.UTF-8"};
    spec.argv.insert(spec.argv.end(), command.begin(), command.end());
    spec.cwd = cwd;
  }
  spec.address_space_bytes = shop.options.limits.module_build_memory;
  spec.file_size_bytes = shop.options.limits.module_bytes;
  return run_process(spec, {shop.options.limits.module_build, shop.options.limits.build_output_bytes}, shop.stop);
}

Result<ProcessOutcome> run_kbuild(const Workshop& shop, const ModuleSource& source,
                                  const std::vector<std::string>& more) {
  const std::string folder = shop.module_folder(source);
  std::vector<std::string> command = {"make", "-C", shop.tree(), "M=" + folder};
  command.insert(command.end(), more.begin(), more.end());
  if (source.own_makefile) {
    // What a generated Kbuild would say.
    command.push_back("KCFLAGS=" + added_flags(source, folder));
    command.push_back("UBSAN_SANITIZE=y");
    if (!source.symbols.empty()) command.push_back("KBUILD_EXTRA_SYMBOLS=" + folder + "/" + symbols_file);
  }
  for (const auto& [name, value] : source.make)
    command.push_back(name + "=" + value);
  command.push_back("modules");
  return run_in(shop, command, folder);
}

}  // namespace labctl
