// The boot of a machine. Inside runner/ only.
#pragma once

#include <memory>
#include <vector>

#include "guest/session.hpp"
#include "model/observation.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

struct Booted {
  std::unique_ptr<Machine> machine;
  std::unique_ptr<Session> session;  // after the machine: it goes first
};

// Whether the kernel has given up its timer: it compares the APIC's with the PIT's for a tenth of a second of its boot,
// and on a busy host one of them may miss ticks, most of all where it does not know the TSC's frequency, which
// vm/qemu_arguments.cpp tells it. It then has no timers but those of the clock tick (calibrate_APIC_clock() in
// arch/x86/kernel/apic/apic.c). No option of its command line leaves that out.
bool lost_its_timer(const std::vector<KmsgRecord>& boot_log);

// Whether the kernel could not measure how fast the TSC counts, and goes by its ticks: delays are then a tenth of what
// they should be or less. It measures against the PIT, in some hundredths of a second of its boot that a busy host may
// not give it whole (pit_hpet_ptimer_calibrate_cpu() in arch/x86/kernel/tsc.c). A kernel that is told needs not
// measure: it knows tsc_early_khz= itself, or is built with kernel-config/tsc-early.h.
bool lost_its_clock(const std::vector<KmsgRecord>& boot_log);

// Whether the kernel will go over from the TSC as it knows it early to the TSC as it has measured it, a second after
// its boot (tsc_refine_calibration_work() in arch/x86/kernel/tsc.c). It stops all its CPUs for that and says so in the
// log: in the midst of a test, if the machine were saved before.
bool will_change_its_clock(const std::vector<KmsgRecord>& boot_log);

// Boots a machine and waits until its agent is ready. One that lost its clock is booted again, up to seven times, and
// never given. One that is to be saved and lost its timer is booted again, twice; then it is given as it is: what runs
// in it is judged all the same. A machine that is restored is given as it was saved. Fault::interrupted, or
// Fault::harness.
Result<Booted> boot(MachineDriver& driver, const MachineSpec& spec, const Limits& limits, StopToken stop);

// Likewise, and waits until its clock is the one that it will keep.
Result<Booted> boot_to_save(MachineDriver& driver, const MachineSpec& spec, const Limits& limits, StopToken stop);

}  // namespace labctl
