// `faults: init`: a test once more for each allocation that an init function makes, with that one failing. Pure.
//
// The kernel counts the allocations of the whole load: dozens of its own come before those of init, a few after. How
// many there are the passing run tells; which of them a run had fail, its kernel log. So the walk goes from the last
// one backwards until one is found that was made before init. It needs loads that are alike: those of equal machines
// make the same allocations from the slab allocator, in the same order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/lab.hpp"
#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// The load steps whose allocations are made to fail, by their places in the test: those that must succeed. Of those of
// a repeat the first.
std::vector<std::size_t> loads_with_faults(const Test& test);

// The test with the allocations of its loads counted, where it has faults.
Test counting_allocations(Test test);

// The test up to this load step, of whose allocations this one fails; then files are closed and modules unloaded. It
// must leave nothing behind.
Test with_failing_allocation(const Test& test, std::size_t load, std::uint32_t allocation);

// What became of the loads whose allocations were counted. Their traces have no lines yet.
std::vector<CountedLoad> counted_loads(const Test& test, const Evidence& evidence);

// Leaves out what the kernel says of an allocation that it was told to fail: that it failed.
void drop_injected(std::vector<KernelReport>& reports, const Test& test, const Evidence& evidence);

// A run with a failing allocation.
struct FaultRun {
  std::uint32_t allocation = 0;  // of the load's, from 1
  TestResult result;
};

constexpr std::size_t most_faults = 200;  // allocations of one init that are made to fail

// The allocations to try next: at most `many`, in ascending order; none when the walk is over. made: by the load, when
// none failed. so_far: all that were tried.
std::vector<std::uint32_t> next_allocations(std::uint32_t made, const std::vector<FaultRun>& so_far, std::size_t many);

// What was found of one load.
struct InitFaults {
  std::string module;
  std::vector<TestResult> runs;  // in the order of the allocations; each says which one failed
  std::size_t named = 0;         // of them, those that are allocations of init by its trace
  std::size_t unnamed = 0;       // others, of which the kernel does not say where they are made: perhaps in init
  bool cut = false;              // init makes more than most_faults: the last ones of them failed
};
// Of all that were tried, those of init, and others that could not be judged. A run that passed is left out if its
// allocation is one that a checker of the kernel's makes, or that the kernel does not name.
InitFaults init_faults(const std::string& module, std::vector<FaultRun> tried);

// The test's result from that of its runs as it stands, which passed, and those with failing allocations.
TestResult with_init_faults(TestResult passed, std::vector<InitFaults> faults);

}  // namespace labctl
