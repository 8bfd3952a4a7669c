# Files of the kernel that the debug flavour compiles without KASAN's checks: they work on the kernel's own objects, and
# what is judged is a module. Without these lines a test takes half as long again on an emulated CPU, where most of the
# time goes into translating code for the first time, and three of ten blocks end in a call of a check.
#
# A file may stand here if it touches no memory that a module allocates, frees or hands over. Timers, work queues, wait
# queues, lists, kobjects, RCU, seq_file, string and copy functions do: they stay checked, as do all modules.
# A name counts for every file of that name; one that a kernel does not have does no harm.

# Locks' dependencies; the lock itself is checked in spinlock_debug.c and mutex-debug.c
KASAN_SANITIZE_lockdep.o=n
# Loading of modules (5.4: module.c, 6.1: module/main.c)
KASAN_SANITIZE_module.o=n
KASAN_SANITIZE_main.o=n
# Scheduling classes; core.c and wait.c stay checked
KASAN_SANITIZE_fair.o=n
KASAN_SANITIZE_pelt.o=n
KASAN_SANITIZE_rt.o=n
KASAN_SANITIZE_deadline.o=n
KASAN_SANITIZE_build_policy.o=n
KASAN_SANITIZE_process_64.o=n
# Clocks
KASAN_SANITIZE_timekeeping.o=n
KASAN_SANITIZE_vsyscall.o=n
KASAN_SANITIZE_posix-cpu-timers.o=n
# Address spaces and pages
KASAN_SANITIZE_mmap.o=n
KASAN_SANITIZE_maple_tree.o=n
KASAN_SANITIZE_memory.o=n
KASAN_SANITIZE_mmu_gather.o=n
KASAN_SANITIZE_rmap.o=n
KASAN_SANITIZE_interval_tree.o=n
KASAN_SANITIZE_page_alloc.o=n
KASAN_SANITIZE_swap.o=n
KASAN_SANITIZE_vmstat.o=n
KASAN_SANITIZE_vmalloc.o=n
KASAN_SANITIZE_pageattr.o=n
KASAN_SANITIZE_set_memory.o=n
KASAN_SANITIZE_tlb.o=n
# Path lookup, and the root file system
KASAN_SANITIZE_namei.o=n
KASAN_SANITIZE_shmem.o=n
# The log's buffer; formatting, in vsprintf.c, stays checked
KASAN_SANITIZE_printk.o=n
KASAN_SANITIZE_printk_ringbuffer.o=n
# The agent's port and the console
KASAN_SANITIZE_virtio_console.o=n
KASAN_SANITIZE_virtio_ring.o=n
KASAN_SANITIZE_8250_port.o=n
# Other checkers
KASAN_SANITIZE_kmemleak.o=n
KASAN_SANITIZE_debugobjects.o=n
KASAN_SANITIZE_unwind_frame.o=n
