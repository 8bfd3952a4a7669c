// SPDX-License-Identifier: GPL-2.0-only
#include "actions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"
#include "survey.h"

#define MAX_OPEN 64
#define MAX_NAME 64
/*
 * A file that has not ended after so many reads is taken for one that never does. By its bytes alone that would take
 * longer on a busy host than a step may.
 */
#define MAX_READS 4096

/* What open requests gave, by the names that they were given. A worker's own; its clones inherit it. */
static struct {
	char name[MAX_NAME]; /* "": free */
	int fd;
} held[MAX_OPEN];

/* What `current->comm` shows in the module: the name of the tool that people would have used. */
static void set_name(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* This thread's allocation counter (Documentation/fault-injection): what is in it counts down, and at 0 one fails. */
static int open_fail_nth(const struct buffer *request)
{
	struct field field;

	return find_field(request, TAG_FAIL_NTH, &field) ? open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC) : -1;
}

static int set_fail_nth(int fd, uint64_t number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

	return pwrite(fd, text, length, 0) == length ? 0 : errno;
}

static void put_fail_nth(int fd, struct buffer *result)
{
	char text[24] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		put_number(result, TAG_FAIL_NTH, strtoull(text, NULL, 10));
	set_fail_nth(fd, 0);
	close(fd);
}

/* Where the code of a module is, as long as it is loaded; its init's too, although that was freed right after it ran. */
static void put_sections(struct buffer *result, const char *path)
{
	static const char *const names[] = {".text", ".init.text", ".exit.text", ".text.unlikely"};
	const char *slash = strrchr(path, '/');
	char module[MAX_NAME], file[2 * MAX_NAME + 40], text[80];

	snprintf(module, sizeof(module), "%s", slash ? slash + 1 : path);
	module[strcspn(module, ".")] = '\0';
	/* To the kernel a name is one in C. */
	for (char *at = module; (at = strchr(at, '-'));)
		*at = '_';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = (size_t)snprintf(text, sizeof(text), "%s ", names[i]);
		ssize_t got;
		int fd;

		snprintf(file, sizeof(file), "/sys/module/%s/sections/%s", module, names[i]);
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		got = read(fd, text + length, sizeof(text) - length);
		close(fd);
		if (got > 0)
			put_field(result, TAG_SECTION, text, length + got);
	}
}

static int load(const struct buffer *request, struct buffer *result)
{
	char *path = field_text(request, TAG_PATH);
	char *params = field_text(request, TAG_PARAMS);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? errno : 0;
	int fail_nth = open_fail_nth(request);

	set_name("insmod");
	/* From here on to the system call there is nothing that allocates, or it would be counted too. */
	if (fail_nth >= 0)
		set_fail_nth(fail_nth, field_number(request, TAG_FAIL_NTH, 0));
	if (!error && syscall(SYS_finit_module, fd, params, 0) != 0)
		error = errno;
	if (fail_nth >= 0)
		put_fail_nth(fail_nth, result);
	if (fd >= 0)
		close(fd);
	if (!error)
		put_sections(result, path);
	free(params);
	free(path);
	return error;
}

static int unload(const struct buffer *request)
{
	char *name = field_text(request, TAG_NAME);
	int error;

	set_name("rmmod");
	error = syscall(SYS_delete_module, name, O_NONBLOCK) == 0 ? 0 : errno;
	free(name);
	return error;
}

static int hold(const char *name, int fd)
{
	for (int i = 0; i < MAX_OPEN; i++) {
		if (held[i].name[0])
			continue;
		snprintf(held[i].name, sizeof(held[i].name), "%s", name);
		held[i].fd = fd;
		return 0;
	}
	return EMFILE;
}

/* The place of a descriptor in held; -1 when there is none of that name. */
static int held_index(const char *name)
{
	for (int i = 0; i < MAX_OPEN; i++)
		if (held[i].name[0] && !strcmp(held[i].name, name))
			return i;
	return -1;
}

/* The descriptor that the request names, or -1 with errno. */
static int held_descriptor(const struct buffer *request)
{
	char *name = field_text(request, TAG_NAME);
	int index = held_index(name);

	free(name);
	errno = EBADF;
	return index < 0 ? -1 : held[index].fd;
}

static int open_and_hold(const struct buffer *request)
{
	char *path = field_text(request, TAG_PATH);
	char *name = field_text(request, TAG_NAME);
	int fd, error;

	set_name("open");
	fd = open(path, (int)field_number(request, TAG_FLAGS, O_RDONLY) | O_CLOEXEC, 0644);
	error = fd < 0 ? errno : hold(name, fd);
	if (error && fd >= 0)
		close(fd);
	free(name);
	free(path);
	return error;
}

static int close_held(const struct buffer *request)
{
	char *name = field_text(request, TAG_NAME);
	int index = held_index(name);

	free(name);
	if (index < 0)
		return EBADF;
	held[index].name[0] = '\0';
	return close(held[index].fd) == 0 ? 0 : errno;
}

/* The file of a read or write: one that is held open, or one that is opened for this and closed by let_go(). */
static int take_file(const struct buffer *request, int flags)
{
	struct field field;
	char *path;
	int fd;

	if (find_field(request, TAG_NAME, &field))
		return held_descriptor(request);
	path = field_text(request, TAG_PATH);
	fd = open(path, flags | O_CLOEXEC, 0644);
	free(path);
	return fd;
}

static int let_go(const struct buffer *request, int fd, int error)
{
	struct field field;

	if (!find_field(request, TAG_NAME, &field) && close(fd) != 0 && !error)
		return errno;
	return error;
}

/* One read() into data. The kernel passes on whatever a read handler claims to have copied: not more than asked for. */
static int read_once(const struct buffer *request, int fd, size_t count, struct buffer *data, size_t *got)
{
	struct field field;
	ssize_t result;
	void *to = buffer_reserve(data, count);

	if (find_field(request, TAG_OFFSET, &field))
		result = pread(fd, to, count, (off_t)field_number(request, TAG_OFFSET, 0));
	else
		result = read(fd, to, count);
	*got = result > 0 && (size_t)result <= count ? (size_t)result : 0;
	data->length += *got;
	if (result < 0)
		return errno;
	return (size_t)result > count ? EIO : 0;
}

static int read_file(const struct buffer *request, struct buffer *result)
{
	size_t cap = field_number(request, TAG_CAP, 1 << 20);
	size_t count = field_number(request, TAG_COUNT, 0);
	struct buffer data = {0};
	unsigned int reads = 0;
	int error = 0;
	size_t got;
	int fd;

	set_name("cat");
	fd = take_file(request, O_RDONLY);
	if (fd < 0)
		return errno;
	if (count) {
		error = read_once(request, fd, count < cap ? count : cap, &data, &got);
	} else {
		/* 64 KiB, as cat reads: a seq_file gives at most a buffer at a time anyway. */
		do
			error = read_once(request, fd, 1 << 16, &data, &got);
		while (!error && got && data.length <= cap && ++reads < MAX_READS);
	}
	if (data.length > cap || reads == MAX_READS)
		put_number(result, TAG_TRUNCATED, 1);
	if (data.length > cap)
		data.length = cap;
	put_field(result, TAG_DATA, data.data, data.length);
	buffer_free(&data);
	return let_go(request, fd, error);
}

/* Creating files is for ordinary file systems; where the kernel makes the names, ENOENT is the answer to report. */
static int is_kernel_made(const struct buffer *request)
{
	char *path = field_text(request, TAG_PATH);
	int made = !strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5) || !strncmp(path, "/dev/", 5);

	free(path);
	return made;
}

static int write_once(const struct buffer *request, struct buffer *result)
{
	struct field data = {0}, field;
	int error = 0;
	ssize_t put;
	int fd;

	set_name("tee");
	fd = take_file(request, O_WRONLY | (is_kernel_made(request) ? O_TRUNC : O_TRUNC | O_CREAT));
	if (fd < 0)
		return errno;
	find_field(request, TAG_DATA, &data);
	if (find_field(request, TAG_OFFSET, &field))
		put = pwrite(fd, data.bytes, data.length, (off_t)field_number(request, TAG_OFFSET, 0));
	else
		put = write(fd, data.bytes, data.length);
	if (put < 0)
		error = errno;
	else
		put_number(result, TAG_BYTES, put);
	return let_go(request, fd, error);
}

static int seek(const struct buffer *request, struct buffer *result)
{
	int fd = held_descriptor(request);
	off_t at;

	if (fd < 0)
		return errno;
	at = lseek(fd, (off_t)field_number(request, TAG_OFFSET, 0), (int)field_number(request, TAG_WHENCE, SEEK_SET));
	if (at < 0)
		return errno;
	put_number(result, TAG_RESULT, (uint64_t)at);
	return 0;
}

static int poll_held(const struct buffer *request, struct buffer *result)
{
	struct pollfd item = {held_descriptor(request), (short)field_number(request, TAG_EVENTS, POLLIN), 0};

	set_name("poll");
	if (item.fd < 0)
		return errno;
	if (poll(&item, 1, (int)field_number(request, TAG_TIMEOUT_MS, 0)) < 0)
		return errno;
	put_number(result, TAG_RESULT, (uint64_t)item.revents);
	return 0;
}

static int control(const struct buffer *request, struct buffer *result)
{
	unsigned long number = field_number(request, TAG_REQUEST, 0);
	int fd = held_descriptor(request);
	struct buffer data = {0};
	struct field field;
	int returned;

	set_name("ioctl");
	if (fd < 0)
		return errno;
	if (find_field(request, TAG_DATA, &field)) {
		/* With room behind it: what a handler copies out is more than the author thought, now and then. */
		memset(buffer_reserve(&data, field.length + 4096), 0, field.length + 4096);
		buffer_append(&data, field.bytes, field.length);
		returned = ioctl(fd, number, data.data);
	} else {
		returned = ioctl(fd, number, field_number(request, TAG_VALUE, 0));
	}
	if (returned >= 0) {
		put_number(result, TAG_RESULT, (uint64_t)(int64_t)returned);
		put_field(result, TAG_DATA, data.data, data.length);
	}
	buffer_free(&data);
	/* Read last: freeing leaves errno alone (POSIX.1-2024, free). */
	return returned < 0 ? errno : 0;
}

static const char *file_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "directory";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "socket";
	case S_IFLNK: return "link";
	default: return "unknown";
	}
}

static int stat_file(const struct buffer *request, struct buffer *result)
{
	char *path = field_text(request, TAG_PATH);
	struct stat about;
	char text[300];
	int error = lstat(path, &about) == 0 ? 0 : errno;

	free(path);
	if (error)
		return error;
	snprintf(text, sizeof(text), "type %s\nmode %04o\nowner %u:%u\nmajor %u\nminor %u\nsize %lld\nlinks %lu\n",
		 file_type(about.st_mode), about.st_mode & 07777, about.st_uid, about.st_gid, major(about.st_rdev),
		 minor(about.st_rdev), (long long)about.st_size, (unsigned long)about.st_nlink);
	put_field(result, TAG_DATA, text, strlen(text));
	return 0;
}

static int no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* In the order of bytes, whatever the locale. */
static int by_name(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static int list_folder(const struct buffer *request, struct buffer *result)
{
	char *path = field_text(request, TAG_PATH);
	size_t cap = field_number(request, TAG_CAP, 1 << 20);
	struct dirent **entries = NULL;
	struct buffer names = {0};
	int count, error;

	set_name("ls");
	count = scandir(path, &entries, no_dots, by_name);
	error = count < 0 ? errno : 0;
	free(path);
	for (int i = 0; i < count; i++) {
		buffer_append(&names, entries[i]->d_name, strlen(entries[i]->d_name));
		buffer_append(&names, "\n", 1);
		free(entries[i]);
	}
	free(entries);
	if (names.length > cap) {
		names.length = cap;
		put_number(result, TAG_TRUNCATED, 1);
	}
	if (!error)
		put_field(result, TAG_DATA, names.data, names.length);
	buffer_free(&names);
	return error;
}

static int sleep_for(const struct buffer *request)
{
	uint64_t ms = field_number(request, TAG_TIMEOUT_MS, 0);
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

/* Modules stay loaded and see the restart as they would on a real machine: notifiers, shutdown of their devices. */
static int restart(void)
{
	set_name("reboot");
	sync();
	return reboot(RB_AUTOBOOT) == 0 ? 0 : errno;
}

static int write_all(int fd, const unsigned char *bytes, size_t length)
{
	while (length) {
		ssize_t put = write(fd, bytes, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? errno : ENOSPC;
		bytes += put;
		length -= put;
	}
	return 0;
}

static void make_folders_of(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static int put(const struct buffer *request)
{
	char *path = field_text(request, TAG_PATH);
	uint64_t offset = field_number(request, TAG_OFFSET, 0);
	struct field data = {0};
	int error, fd;

	if (!offset)
		make_folders_of(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (offset ? 0 : O_TRUNC), field_number(request, TAG_MODE, 0644));
	error = fd < 0 ? errno : 0;
	free(path);
	if (error)
		return error;
	find_field(request, TAG_DATA, &data);
	error = lseek(fd, offset, SEEK_SET) < 0 ? errno : write_all(fd, data.bytes, data.length);
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

/* A restored machine woke up in the past, with the random numbers of every other machine of its snapshot. */
static int begin(const struct buffer *request)
{
	uint64_t time_ns = field_number(request, TAG_TIME_NS, 0);
	struct timespec now = {.tv_sec = time_ns / 1000000000, .tv_nsec = time_ns % 1000000000};
	struct {
		int entropy_count; /* bits */
		int buf_size;      /* bytes */
		unsigned char bytes[64];
	} pool = {0}; /* struct rand_pool_info of linux/random.h */
	struct field seed;
	int error, fd;

	if (time_ns && clock_settime(CLOCK_REALTIME, &now) != 0)
		return errno;
	if (find_field(request, TAG_SEED, &seed)) {
		pool.buf_size = seed.length < sizeof(pool.bytes) ? seed.length : sizeof(pool.bytes);
		pool.entropy_count = pool.buf_size * 8;
		memcpy(pool.bytes, seed.bytes, pool.buf_size);
		fd = open("/dev/random", O_WRONLY | O_CLOEXEC);
		error = fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) != 0 || ioctl(fd, RNDRESEEDCRNG) != 0 ? errno : 0;
		if (fd >= 0)
			close(fd);
		if (error)
			return error;
	}
	return 0;
}

void do_action(uint16_t type, const struct buffer *request, struct buffer *result)
{
	int error;

	switch (type) {
	case AGENT_BEGIN: error = begin(request); break;
	case AGENT_PUT: error = put(request); break;
	case AGENT_LOAD: error = load(request, result); break;
	case AGENT_UNLOAD: error = unload(request); break;
	case AGENT_READ: error = read_file(request, result); break;
	case AGENT_WRITE: error = write_once(request, result); break;
	case AGENT_STAT: error = stat_file(request, result); break;
	case AGENT_LIST: error = list_folder(request, result); break;
	case AGENT_OPEN: error = open_and_hold(request); break;
	case AGENT_CLOSE: error = close_held(request); break;
	case AGENT_SEEK: error = seek(request, result); break;
	case AGENT_POLL: error = poll_held(request, result); break;
	case AGENT_IOCTL: error = control(request, result); break;
	case AGENT_SLEEP: error = sleep_for(request); break;
	case AGENT_REBOOT: error = restart(); break;
	case AGENT_SURVEY: error = survey(request, result); break;
	default: error = EOPNOTSUPP; break;
	}
	put_number(result, TAG_ERRNO, error);
}
