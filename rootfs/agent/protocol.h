/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host and the guest's agent say to each other over a virtio serial port. Plain C, included by both sides.
 *
 * A frame is a header, then `length` bytes of payload. All numbers are little-endian. The two checksums are CRC-32
 * (IEEE 802.3): the header's own lets a reader that lost its place find the next frame without trusting a length.
 * The payload is a row of fields: u16 tag, u32 length, bytes. A number is a field of 8 bytes.
 *
 * The host sends a request with a random id; the agent answers with one AGENT_REPLY of the same id. Kernel log
 * records are sent as they appear (AGENT_KMSG, id 0), and always before the reply of the action that caused them.
 */
#ifndef LABCTL_AGENT_PROTOCOL_H
#define LABCTL_AGENT_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define AGENT_PORT_NAME "labctl.agent"
#define AGENT_PROTOCOL_VERSION 8
#define AGENT_MAGIC 0x3143424cu /* "LBC1" */
#define AGENT_HEADER_BYTES 28u
#define AGENT_MAX_PAYLOAD (4u << 20)

/* magic u32, type u16, zero u16, id u64, length u32, payload crc u32, header crc u32 (over the 24 bytes before) */

enum agent_type {
	/* guest to host */
	AGENT_READY = 1, /* VERSION, RELEASE */
	AGENT_KMSG = 2,  /* RECORD..., LOST */
	AGENT_REPLY = 3,
	AGENT_LATE = 4, /* of a request's id: the agent is there, and its reply takes a while */
	/* host to guest; every reply has ERRNO, TOOK_US, AT_US, and KILLED_BY or TIMED_OUT where they apply */
	AGENT_PING = 16,  /* says that the agent runs, and that the log is passed on up to here */
	AGENT_BEGIN = 17, /* TIME_NS, SEED: sets the clock, seeds the random pool */
	AGENT_LOAD = 18,   /* PATH, PARAMS, FAIL_NTH: reply FAIL_NTH, and (SECTION)... of its code, if it was loaded */
	AGENT_UNLOAD = 19, /* NAME */
	AGENT_READ = 20,   /* PATH or NAME, CAP, COUNT, OFFSET: reply DATA, TRUNCATED */
	AGENT_WRITE = 21,  /* PATH or NAME, DATA, OFFSET: reply BYTES */
	AGENT_RUN = 22,    /* ARG..., DATA (stdin), CAP, ENV..., USER, CPUS, POLICY, PRIORITY, NICE:
			      reply EXIT or SIGNAL, STDOUT, STDERR, TRUNCATED.
			      PARTS: stdin is a pipe, to which (AFTER, TIMEOUT_MS, DATA)... are written in turn, each once
			      the program has printed AFTER since the one before, and TIMEOUT_MS later; TTY: so too, but
			      all three are one terminal. Then the reply has PARTS, how many were written */
	AGENT_PUT = 23,    /* PATH, MODE, OFFSET, DATA: a part of a file; folders on the way are made */
	AGENT_STAT = 24,   /* PATH: reply DATA, a "field value" a line */
	AGENT_LIST = 25,   /* PATH, CAP: reply DATA, the names, sorted, one a line; TRUNCATED */
	AGENT_OPEN = 26,   /* PATH, FLAGS, NAME: the descriptor's, for later requests */
	AGENT_CLOSE = 27,  /* NAME */
	AGENT_SEEK = 28,   /* NAME, OFFSET, WHENCE: reply RESULT */
	AGENT_POLL = 29,   /* NAME, EVENTS, TIMEOUT_MS: reply RESULT, the events */
	AGENT_IOCTL = 30,  /* NAME, REQUEST, and VALUE or DATA: reply RESULT, DATA */
	AGENT_SLEEP = 31,  /* TIMEOUT_MS */
	AGENT_KILL = 32,   /* TARGET, a request's id, and SIGNAL: to the processes that do it */
	AGENT_CLONE = 33,  /* only from the agent to its worker */
	AGENT_REBOOT = 34, /* writes to disk what is to be written, and resets the machine: there is a reply only if not */
	AGENT_SURVEY = 35, /* PATH..., CAP: each file is read, and each folder listed whose path ends with a name that stands
			      for many ("*" for all, "*@" for links, "#" for numbers, "#58" for those from 58 on; with a
			      '/' behind it, only folders): reply (PATH, DATA)... of those that are there, TRUNCATED */
	AGENT_LOOK = 36,   /* TARGET, a request's id: where what it does is in the kernel; reply (TASK, NAME, STATE, OWN,
			      STACK)..., RECORD... So too in the reply of every action that was ended at its limit */
};

enum agent_tag {
	TAG_PATH = 1,
	TAG_NAME = 2,
	TAG_PARAMS = 3,
	TAG_ARG = 4,
	TAG_DATA = 5,
	TAG_CAP = 6,      /* bytes kept of each output */
	TAG_LIMIT_MS = 7, /* the agent ends the action after this time; in every request */
	TAG_MODE = 8,     /* permissions: 0755 */
	TAG_OFFSET = 9,   /* bytes; of PUT, 0: the file is made anew */
	TAG_BACKGROUND = 10, /* 1: other requests come before this one's reply */
	TAG_COUNT = 11,      /* bytes of one read() */
	TAG_FLAGS = 12,      /* of open() */
	TAG_WHENCE = 13,
	TAG_EVENTS = 14,
	TAG_TIMEOUT_MS = 15,
	TAG_REQUEST = 16, /* of ioctl() */
	TAG_VALUE = 17,   /* its argument, itself; DATA is pointed to */
	TAG_TARGET = 18,
	TAG_ENV = 19,  /* NAME=value */
	TAG_USER = 20, /* user and group id */
	TAG_CPUS = 21, /* bit 0: the first one */
	TAG_POLICY = 22,
	TAG_PRIORITY = 23,
	TAG_NICE = 24,
	TAG_TTY = 25,   /* 1 */
	TAG_PARTS = 26, /* of a program's input */
	TAG_AFTER = 27,
	TAG_FAIL_NTH = 28, /* the number of the action's allocation that fails, from 1; in the reply, how far it still
			      was from that one; 0: it did fail */
	TAG_ERRNO = 32,
	TAG_BYTES = 33,
	TAG_STDOUT = 34,
	TAG_STDERR = 35,
	TAG_EXIT = 36,
	TAG_SIGNAL = 37,    /* the signal that ended the program */
	TAG_TRUNCATED = 38, /* 1: an output was cut at CAP */
	TAG_TOOK_US = 39,
	TAG_KILLED_BY = 40, /* the process that did a load, read, ... was killed in it, by this signal */
	TAG_TIMED_OUT = 41, /* 1: the action was ended at LIMIT_MS */
	TAG_VERSION = 42,
	TAG_RELEASE = 43,
	TAG_RECORD = 44, /* one /dev/kmsg record as read; in the answer of LOOK, what the kernel said to it alone */
	TAG_LOST = 45,   /* records that the ring buffer dropped before they were read */
	TAG_TIME_NS = 46, /* wall clock: nanoseconds since 1970 */
	TAG_SEED = 47,    /* bytes for the random pool */
	TAG_RESULT = 48,  /* what a system call returned */
	TAG_AT_US = 49,   /* when the action ended: CLOCK_MONOTONIC; in every reply */
	TAG_TASK = 50,    /* a task's id; the fields after it, up to the next one, are of this task */
	TAG_STATE = 51,   /* "R", "S", "D", ... */
	TAG_OWN = 52,     /* 1: it is one of those that do the action */
	TAG_STACK = 53,   /* /proc/PID/stack */
	TAG_SECTION = 54, /* "NAME 0xADDRESS", of a module that was loaded */
};

static inline uint32_t agent_crc32(uint32_t crc, const void *data, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)data;

	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		/* Four bits at a time: a table small enough to see at a glance. */
		static const uint32_t nibble[16] = {
			0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
			0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
		};

		crc ^= bytes[i];
		crc = (crc >> 4) ^ nibble[crc & 15];
		crc = (crc >> 4) ^ nibble[crc & 15];
	}
	return ~crc;
}

static inline void agent_put_u16(unsigned char *at, uint16_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static inline void agent_put_u32(unsigned char *at, uint32_t value)
{
	agent_put_u16(at, (uint16_t)value);
	agent_put_u16(at + 2, (uint16_t)(value >> 16));
}

static inline void agent_put_u64(unsigned char *at, uint64_t value)
{
	agent_put_u32(at, (uint32_t)value);
	agent_put_u32(at + 4, (uint32_t)(value >> 32));
}

static inline uint16_t agent_get_u16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t agent_get_u32(const unsigned char *at)
{
	return agent_get_u16(at) | (uint32_t)agent_get_u16(at + 2) << 16;
}

static inline uint64_t agent_get_u64(const unsigned char *at)
{
	return agent_get_u32(at) | (uint64_t)agent_get_u32(at + 4) << 32;
}

/* Fills the header for a payload; both sides write frames with it. */
static inline void agent_make_header(unsigned char *header, uint16_t type, uint64_t id, const void *payload,
				     uint32_t length)
{
	agent_put_u32(header, AGENT_MAGIC);
	agent_put_u16(header + 4, type);
	agent_put_u16(header + 6, 0);
	agent_put_u64(header + 8, id);
	agent_put_u32(header + 16, length);
	agent_put_u32(header + 20, agent_crc32(0, payload, length));
	agent_put_u32(header + 24, agent_crc32(0, header, 24));
}

/* Whether 28 bytes are a header that can be believed. */
static inline int agent_header_valid(const unsigned char *header)
{
	return agent_get_u32(header) == AGENT_MAGIC && agent_get_u32(header + 24) == agent_crc32(0, header, 24) &&
	       agent_get_u32(header + 16) <= AGENT_MAX_PAYLOAD;
}

#endif
