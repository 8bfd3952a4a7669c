# Has tsc-early.h included before arch/x86/kernel/tsc.c.
CFLAGS_tsc.o=-includelabctl/tsc-early.h
