#include "api.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <memory>
#include <mutex>

#include "support/text.hpp"

namespace labctl {

namespace {

constexpr const char* library_name = "libvirt.so.0";
constexpr const char* package_hint = "apt-get install libvirt0";

Result<std::unique_ptr<LibvirtApi>> load() {
  // A driver in this process tells its log on standard error, where the user would take it for ours. Who wants to see
  // it sets these as libvirt's manual says.
  ::setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", 0);
  // Never closed: it starts threads of its own.
  void* library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return fail(Fault::harness, fmt::format("libvirt cannot be loaded: {}", printable(why != nullptr ? why : "")),
                package_hint);
  }
  auto api = std::make_unique<LibvirtApi>();
  const char* missing = nullptr;
  const auto find = [&](const char* name) {
    void* found = ::dlsym(library, name);
    if (found == nullptr) missing = name;
    return found;
  };
#define LABCTL_FIND(name) api->name = reinterpret_cast<decltype(api->name)>(find(#name));
  LABCTL_LIBVIRT_FUNCTIONS(LABCTL_FIND)
#undef LABCTL_FIND
  if (missing != nullptr)
    return fail(Fault::harness, fmt::format("this libvirt is too old: it has no {}", missing), package_hint);
  // By default it prints every error, of which some are expected.
  api->virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
  if (api->virInitialize() < 0) return fail(Fault::harness, "libvirt does not initialise", package_hint);
  return api;
}

}  // namespace

Result<const LibvirtApi*> load_libvirt() {
  static std::mutex mutex;
  static std::unique_ptr<LibvirtApi> loaded;
  const std::lock_guard lock(mutex);
  if (!loaded) {
    auto api = load();
    if (!api) return fail(api.error());
    loaded = std::move(*api);
  }
  return loaded.get();
}

}  // namespace labctl
