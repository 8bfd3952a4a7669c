// Every time limit and size cap in labctl, in one place.
#pragma once

#include <chrono>
#include <cstdint>

namespace labctl {

struct Limits {
  using milliseconds = std::chrono::milliseconds;

  milliseconds boot{120'000};        // QEMU start to the agent's ready; a debug kernel takes 10 s emulated, if alone
  milliseconds restore{10'000};      // a saved machine to its first answer; it takes 0.1 s, and more on a busy host
  milliseconds clock{10'000};        // of a machine that is saved, for its kernel to choose its clock; it takes 1 s
  milliseconds kvm_probe{10'000};    // a guest that runs under KVM is ready in under 2 s
  milliseconds step{10'000};         // one lab step, unless the lab says otherwise
  milliseconds settle{50};           // after a test's last step, for what it set off
  milliseconds leftovers{1'000};     // after that, for what a kernel takes away a moment later than it is told to
  milliseconds kmemleak{60'000};     // one scan of a kernel's memory; it takes 1 s
  milliseconds answer_grace{3'000};  // beyond a step's own limit, for the agent's answer to arrive
  milliseconds late{20'000};         // beyond that, where the agent has said that it looks where the action hangs
  milliseconds last_words{5'000};    // of a guest that does not answer, for where it is; it takes 0.1 s
  milliseconds module_build{120'000};
  milliseconds tool{20'000};  // a helper program that answers at once (qemu --version)

  std::uint64_t console_bytes = 16ULL << 20;       // console log of one machine; more is a flood
  std::uint64_t kernel_log_bytes = 8ULL << 20;     // kernel log records kept of one machine
  std::uint64_t output_bytes = 1ULL << 20;         // one read, or a program's stdout or stderr
  std::uint64_t build_output_bytes = 1ULL << 20;   // a compiler's messages
  std::uint64_t module_build_memory = 4ULL << 30;  // address space of one compiler process
  std::uint64_t module_bytes = 32ULL << 20;        // a .ko, and any file that its build writes; a guest has 128 MiB
  std::uint64_t tree_bytes = 64ULL << 20;          // sources of a tree that a module is built in
  std::uint64_t tree_files = 20'000;
  // Saved machines in the cache, on disk: a course on two kernels has 40. The oldest go.
  std::uint64_t snapshots_bytes = 12ULL << 30;
  std::uint64_t spec_bytes = 1ULL << 20;  // a lab.yaml
};

}  // namespace labctl
