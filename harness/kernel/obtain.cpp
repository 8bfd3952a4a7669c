// Which kernel a run gets: the one that was named, or the default and what stands in for it.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "kernel/kernel_store.hpp"
#include "kernel_keys.hpp"
#include "source.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// A download that failed is not tried again for this long, so that runs without a network start at once.
constexpr auto memory_of_failure = std::chrono::hours(1);

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

fs::path failure_file(const Cache& cache, const std::string& name) {
  return cache.root() / "kernels" / "state" / ("no-source-" + name);
}

// Why the source could not be had a short while ago.
std::optional<std::string> recent_failure(const Cache& cache, const std::string& name) {
  auto text = read_file(failure_file(cache, name), 1 << 16);
  if (!text) return std::nullopt;
  char* reason = nullptr;
  const std::int64_t age = seconds_now() - std::strtoll(text->c_str(), &reason, 10);
  if (age < 0 || age > std::chrono::seconds(memory_of_failure).count() || *reason != ' ') return std::nullopt;
  return std::string(reason + 1);
}

std::string one_line(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

// All the ways to a kernel whose source cannot be had.
std::string ways(const Catalogue& catalogue, const std::string& name) {
  std::vector<std::string> ways = {fmt::format("labctl kernel fetch {} where there is a network", name),
                                   fmt::format("labctl kernel build {} --source TREE-OR-TARBALL", name)};
  for (const auto& entry : catalogue.entries) {
    const std::string other = entry.name == name ? "" : fmt::format(" and --kernel {}", entry.name);
    for (const auto& package : entry.packages)
      ways.push_back(fmt::format("apt-get install {}{}", package.package, other));
  }
  return join(ways, "; or ");
}

}  // namespace

Result<Kernel> KernelStore::obtain(const std::string& name, const std::string& flavour,
                                   const std::function<bool(const std::string& version)>& accepts) {
  if (auto known = check_flavour(flavour); !known) return fail(known.error());
  return name.empty() ? obtain_default(flavour, accepts) : obtain_named(name, flavour, accepts);
}

Result<Kernel> KernelStore::obtain_named(const std::string& name, const std::string& flavour,
                                         const std::function<bool(const std::string& version)>& accepts) {
  const auto unsuitable = [&](const std::string& version) {
    return fail(Fault::usage, fmt::format("kernel {} ({}) does not suit this lab", name, version),
                "leave --kernel out, and labctl takes one that does");
  };
  std::optional<Kernel> kernel = find(name, flavour);
  if (!kernel) {
    auto meaning = meaning_of(name);
    if (!meaning) return fail(meaning.error());
    if (!accepts(meaning->version())) return unsuitable(meaning->version());
    if (auto here = have_source(*meaning, {flavour, {}}); !here) {
      Error error = here.error();
      if (error.fault == Fault::interrupted) return fail(error);
      return fail(Fault::harness, fmt::format("kernel {} cannot be had: {}", name, error.message),
                  ways(catalogue_, name));
    }
    auto built = build_meaning(*meaning, {flavour, {}});
    if (!built) return built;
    kernel = std::move(*built);
  }
  if (!accepts(kernel->identity.release)) return unsuitable(kernel->identity.release);
  return *kernel;
}

Result<Kernel> KernelStore::obtain_default(const std::string& flavour,
                                           const std::function<bool(const std::string& version)>& accepts) {
  std::vector<std::string> passed_over;  // "kernel 5.4 cannot be had (no network)"
  const auto announce = [&](const std::string& version) {
    if (!passed_over.empty()) progress_->note(fmt::format("{}; using {}", join(passed_over, ", "), version));
  };
  bool all_unsuitable = true;
  for (const auto& entry : catalogue_.entries) {
    auto meaning = meaning_of(entry.name);
    if (!meaning) return fail(meaning.error());
    const auto found = find(entry.name, flavour);
    if (const auto version = found ? found->identity.release : meaning->version(); !accepts(version)) {
      passed_over.push_back(fmt::format("kernel {} does not suit this lab", entry.name));
      continue;
    }
    all_unsuitable = false;
    if (found) {
      announce(found->identity.release);
      return *found;
    }
    std::optional<std::string> reason;
    if (!source_is_here(*cache_, entry)) reason = recent_failure(*cache_, entry.name);
    if (!reason) {
      auto here = have_source(*meaning, {flavour, {}});
      if (!here && here.error().fault == Fault::interrupted) return fail(here.error());
      if (!here) reason = one_line(here.error().message);
      // Only the network is slow to fail, and only the network is worth remembering.
      if (reason && !meaning->of_user() && !entry.tarballs.empty())
        (void)write_file(failure_file(*cache_, entry.name), fmt::format("{} {}", seconds_now(), *reason));
    }
    if (reason) {
      passed_over.push_back(fmt::format("kernel {} cannot be had ({})", entry.name, *reason));
      continue;
    }
    announce(meaning->version());
    return build_meaning(*meaning, {flavour, {}});
  }
  if (all_unsuitable)
    return fail(Fault::usage, "no kernel of kernels.yaml suits this lab",
                "labctl kernel build NAME --source TREE builds one that does; then --kernel NAME");
  return fail(Fault::harness, join(passed_over, ", "), ways(catalogue_, catalogue_.default_name));
}

}  // namespace labctl
