#include "vm/host_tsc.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include "support/files.hpp"

#ifdef __x86_64__
#include <x86intrin.h>
#endif

namespace labctl {
namespace {

#ifdef __x86_64__

using Clock = std::chrono::steady_clock;

struct Sample {
  std::uint64_t counter;
  std::chrono::nanoseconds time, doubt;
};

// The best of a few: on a busy host the process may have to wait between any two instructions.
Sample sample() {
  std::optional<Sample> best;
  for (int tries = 0; tries < 20; ++tries) {
    const auto before = Clock::now();
    const std::uint64_t counter = __rdtsc();
    const auto after = Clock::now();
    const Sample taken{counter, before.time_since_epoch(), after - before};
    if (!best || taken.doubt < best->doubt) best = taken;
  }
  return *best;
}

int measure() {
  const auto cpuinfo = read_file("/proc/cpuinfo");
  if (!cpuinfo || cpuinfo->find(" constant_tsc") == std::string::npos) return 0;
  const Sample first = sample();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const Sample last = sample();
  const double mhz = static_cast<double>(last.counter - first.counter) * 1000.0 /
                     static_cast<double>((last.time - first.time).count());
  return static_cast<int>(mhz + 0.5) * 1000;
}

#else

int measure() {
  return 0;
}

#endif

}  // namespace

int host_tsc_khz(const Cache& cache) {
  const auto boot = read_file("/proc/sys/kernel/random/boot_id");
  if (!boot) return measure();
  const auto remembered = cache.root() / "hosts" / "tsc";  // "BOOT_ID\nKHZ"
  if (const auto text = read_file(remembered); text && text->starts_with(*boot))
    return std::atoi(text->c_str() + boot->size());
  const int khz = measure();
  // Where it cannot be kept it is measured again.
  static_cast<void>(write_file(remembered, fmt::format("{}{}\n", *boot, khz)));
  return khz;
}

}  // namespace labctl
