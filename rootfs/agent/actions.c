// SPDX-License-Identifier: GPL-2.0-only
#include "actions.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"

/* What `current->comm` shows in the module: the name of the tool that people would have used. */
static void set_name(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

static int load(const struct buffer *request)
{
	char *path = field_text(request, TAG_PATH);
	char *params = field_text(request, TAG_PARAMS);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? errno : 0;

	set_name("insmod");
	if (!error && syscall(SYS_finit_module, fd, params, 0) != 0)
		error = errno;
	if (fd >= 0)
		close(fd);
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

static int read_whole(const struct buffer *request, struct buffer *result)
{
	char *path = field_text(request, TAG_PATH);
	size_t cap = field_number(request, TAG_CAP, 1 << 20);
	struct buffer data = {0};
	int error = 0;
	int fd;

	set_name("cat");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = fd < 0 ? errno : 0;
	free(path);
	if (error)
		return error;
	for (;;) {
		/* 64 KiB, as cat reads: a seq_file gives at most a buffer at a time anyway. */
		ssize_t got = read(fd, buffer_reserve(&data, 1 << 16), 1 << 16);

		if (got < 0)
			error = errno;
		/* The kernel passes on whatever a read handler claims to have copied. */
		if (got > 1 << 16)
			error = EIO;
		if (got <= 0 || got > 1 << 16)
			break;
		data.length += got;
		if (data.length > cap) {
			data.length = cap;
			put_number(result, TAG_TRUNCATED, 1);
			break;
		}
	}
	put_field(result, TAG_DATA, data.data, data.length);
	buffer_free(&data);
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

/* Creating files is for ordinary file systems; where the kernel makes the names, ENOENT is the answer to report. */
static int is_kernel_made(const char *path)
{
	return !strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5) || !strncmp(path, "/dev/", 5);
}

static int write_once(const struct buffer *request, struct buffer *result)
{
	char *path = field_text(request, TAG_PATH);
	struct field data = {0};
	int error = 0;
	ssize_t put;
	int fd;

	set_name("tee");
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | (is_kernel_made(path) ? 0 : O_CREAT), 0644);
	error = fd < 0 ? errno : 0;
	free(path);
	if (error)
		return error;
	find_field(request, TAG_DATA, &data);
	put = write(fd, data.bytes, data.length);
	if (put < 0)
		error = errno;
	else
		put_number(result, TAG_BYTES, put);
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
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
	case AGENT_LOAD: error = load(request); break;
	case AGENT_UNLOAD: error = unload(request); break;
	case AGENT_READ: error = read_whole(request, result); break;
	case AGENT_WRITE: error = write_once(request, result); break;
	default: error = EOPNOTSUPP; break;
	}
	put_number(result, TAG_ERRNO, error);
}

_Noreturn void exec_program(const struct buffer *request)
{
	struct field field;
	size_t offset = 0, count = 0;
	char *argv[256];
	int in;

	while (count < 255 && next_field(request, &offset, &field)) {
		if (field.tag != TAG_ARG)
			continue;
		argv[count] = strndup((const char *)field.bytes, field.length);
		if (!argv[count++])
			abort();
	}
	argv[count] = NULL;

	/* A file instead of a pipe: nobody has to feed it. */
	in = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	if (find_field(request, TAG_DATA, &field) && in >= 0) {
		if (write(in, field.bytes, field.length) != (ssize_t)field.length)
			_exit(126);
		lseek(in, 0, SEEK_SET);
	}
	dup2(in >= 0 ? in : open("/dev/null", O_RDONLY), 0);
	if (in > 2)
		close(in);
	if (count)
		execvp(argv[0], argv);
	dprintf(2, "cannot run %s: %s\n", count ? argv[0] : "(nothing)", strerror(errno));
	/* As shells report it (POSIX, "Exit Status for Commands"). */
	_exit(errno == ENOENT ? 127 : 126);
}
