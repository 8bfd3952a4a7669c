#include "model/leftover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace labctl {

std::vector<std::string> survey_paths(const Survey& before) {
  // Numbers rise until they begin again at 300, which a test does not live to see.
  int first_new = 1;
  for (const auto& [path, text] : before.sources)
    if (path.starts_with("/proc/") && path.ends_with("/stat")) first_new = std::max(first_new, std::atoi(&path[6]) + 1);
  return {
      "/proc/modules",
      "/proc/devices",
      "/proc/vmallocinfo",
      "/proc/irq/*/*/",
      "/proc/*",
      "/proc/driver/*",
      "/proc/fs/*",
      "/proc/bus/*",
      "/proc/tty/driver/*",
      "/proc/self/net/*",
      "/sys/*/",
      "/sys/bus/*/",
      "/sys/bus/*/devices/*@",
      "/sys/bus/*/drivers/*/",
      "/sys/class/*/",
      "/sys/class/*/*@",
      "/sys/devices/*/",
      "/sys/firmware/*/",
      "/sys/fs/*/",
      "/sys/kernel/*",
      "/sys/kernel/debug/*",
      "/sys/kernel/slab/*",
      fmt::format("/proc/#{}/stat", first_new),
  };
}

const std::vector<LeftoverKind>& leftover_kinds() {
  static const std::vector<LeftoverKind> kinds = {
      {"proc", "an entry in /proc", "remove_proc_entry() or proc_remove()", "/proc/"},
      {"debugfs", "an entry in debugfs", "debugfs_remove_recursive()", "/sys/kernel/debug/"},
      {"class", "a class of devices", "class_destroy()", "/sys/class/"},
      {"device", "a device", "device_destroy(), or the function that unregisters its kind, such as misc_deregister()",
       "/sys/"},
      {"bus", "a bus", "bus_unregister()", "/sys/bus/"},
      {"driver", "a driver", "the function that unregisters its kind, such as platform_driver_unregister()",
       "/sys/bus/"},
      {"sysfs", "a kobject", "kobject_put()", "/sys/"},
      {"major", "a major number", "unregister_chrdev(), unregister_chrdev_region() or unregister_blkdev()", ""},
      {"kthread", "a kernel thread", "kthread_stop(), a work queue's by destroy_workqueue()", ""},
      {"irq", "an interrupt handler", "free_irq()", ""},
      {"slab", "a slab cache", "kmem_cache_destroy()", ""},
      {"vmalloc", "an area of virtual memory", "vfree(), one of ioremap() by iounmap()", ""},
      {"kmemleak", "memory that was never freed", "kfree(), or what belongs to the function that gave it", ""},
  };
  return kinds;
}

const LeftoverKind* find_leftover_kind(std::string_view name) {
  const auto& kinds = leftover_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [name](const auto& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace labctl
