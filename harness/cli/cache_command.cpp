#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "connection_choice.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

struct CacheArguments {
  int unused_days = 30;
  std::vector<std::string> kinds;
  bool all = false;
  std::string connect;
};

std::uintmax_t total(const std::vector<CacheEntry>& entries) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : entries)
    bytes += entry.bytes;
  return bytes;
}

Result<ExitCode> list(const Cache& cache, const CacheArguments&) {
  const auto entries = cache.entries();
  fmt::print("{:<10} {:<12} {:>9}  {}\n", "KIND", "KEY", "SIZE", "LAST USED");
  for (const auto& entry : entries) {
    const std::time_t used = std::chrono::system_clock::to_time_t(entry.last_used);
    fmt::print("{:<10} {:<12} {:>9}  {:%Y-%m-%d %H:%M}\n", printable(entry.kind), printable(entry.key.substr(0, 12)),
               human_size(entry.bytes), fmt::localtime(used));
  }
  fmt::print("{} entries, {}, in {}\n", entries.size(), human_size(total(entries)), cache.root().string());
  return ExitCode::passed;
}

Result<ExitCode> prune_host(const std::string& uri, const CacheArguments& arguments) {
  if (!arguments.kinds.empty())
    return fail(Fault::usage, "--kind is for the cache of this machine", "leave out --kind, or --connect");
  const auto unused = arguments.all ? std::chrono::hours(0) : std::chrono::hours(24) * arguments.unused_days;
  auto pruned = prune_libvirt_volumes(uri, unused);
  if (!pruned) return fail(pruned.error());
  if (pruned->pool.empty())
    fmt::print("nothing is kept there: machines of this URI read the cache of this machine\n");
  else
    fmt::print("removed {} volumes, {}, from pool {}\n", pruned->volumes, human_size(pruned->bytes), pruned->pool);
  return ExitCode::passed;
}

Result<ExitCode> prune(const Cache& cache, const CacheArguments& arguments) {
  if (!arguments.connect.empty())
    if (const auto uri = chosen_uri(arguments.connect, "")) return prune_host(*uri, arguments);
  auto entries = cache.entries();
  const auto kept = [&](const CacheEntry& entry) {
    const auto& kinds = arguments.kinds;
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), entry.kind) == kinds.end()) return true;
    return !arguments.all &&
           std::chrono::system_clock::now() - entry.last_used < std::chrono::hours(24) * arguments.unused_days;
  };
  std::erase_if(entries, kept);
  for (const auto& entry : entries)
    if (auto removed = cache.remove(entry.kind, entry.key); !removed) return fail(removed.error());
  fmt::print("removed {} entries, {}\n", entries.size(), human_size(total(entries)));
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_cache(CLI::App& parent) {
  auto* cache = parent.add_subcommand("cache", "What labctl keeps: kernels, modules, saved machines");
  cache->require_subcommand(1);
  auto arguments = std::make_shared<CacheArguments>();
  std::vector<RegisteredCommand> commands;
  const auto add = [&](const char* name, const char* what,
                       Result<ExitCode> (*action)(const Cache&, const CacheArguments&)) {
    auto* app = cache->add_subcommand(name, what);
    commands.push_back({app, [arguments, action](Context& context) -> Result<ExitCode> {
                          auto opened = context.open_cache();
                          if (!opened) return fail(opened.error());
                          return action(*opened, *arguments);
                        }});
    return app;
  };
  add("list", "Every entry, its size, and when it was last used", list);
  auto* app = add("prune", "Remove entries that were not used for a while; they are made again when needed", prune);
  app->add_option("--unused-days", arguments->unused_days, "not used for that many days (default: 30)")
      ->check(CLI::Range(0, 36500));
  app->add_option("--kind", arguments->kinds, "only of this kind")
      ->check(CLI::IsMember({"kernels", "commands", "modules", "programs", "initramfs", "snapshots"}));
  app->add_flag("--all", arguments->all, "whenever they were used");
  app->add_option("--connect", arguments->connect, "instead of this machine's: copies of files on this libvirt host");
  return commands;
}

}  // namespace labctl
