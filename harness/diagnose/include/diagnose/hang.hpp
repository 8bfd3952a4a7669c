// Where a step hangs: what the guest was asked, as reports. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "model/kernel_report.hpp"
#include "model/observation.hpp"

namespace labctl {

// A report for each task that may be why: of kind "hang-running" one that a CPU is busy with, or that waits for a CPU,
// and "hang-waiting" one that sleeps. First those that do the step's action. Of others only those that are in a module;
// and where any is in a module, only such.
//
// What a report says is its title ("insmod/61 waits in keep_init() for keep_lock, which keeper/62 holds"), process,
// pid, cpu, trace, and in `locks` where the lock was taken that it waits for. It has no records in the log.
std::vector<KernelReport> find_hangs(const Hang& hang);

// The index of the first record that is a kernel's answer to a non-maskable interrupt; the number of records where
// there is none.
std::size_t interrupt_begin(const std::vector<KmsgRecord>& records);

}  // namespace labctl
