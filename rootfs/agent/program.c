// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "actions.h"
#include "protocol.h"

static _Noreturn void give_up(const char *what)
{
	dprintf(2, "cannot %s: %s\n", what, strerror(errno));
	_exit(126);
}

/* What the program runs as and on; in the order in which root can still do it. */
static void set_up_program(const struct buffer *request)
{
	struct sched_param priority = {.sched_priority = (int)field_number(request, TAG_PRIORITY, 0)};
	uint64_t cpus = field_number(request, TAG_CPUS, 0);
	struct field field;
	size_t offset = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int cpu = 0; cpu < 64; cpu++)
		if (cpus >> cpu & 1)
			CPU_SET(cpu, &set);
	if (cpus && sched_setaffinity(0, sizeof(set), &set) != 0)
		give_up("choose the program's CPUs");
	if (find_field(request, TAG_POLICY, &field) &&
	    sched_setscheduler(0, (int)field_number(request, TAG_POLICY, SCHED_OTHER), &priority) != 0)
		give_up("set its scheduling policy");
	if (find_field(request, TAG_NICE, &field) &&
	    setpriority(PRIO_PROCESS, 0, (int)(int64_t)field_number(request, TAG_NICE, 0)) != 0)
		give_up("set its nice value");
	while (next_field(request, &offset, &field)) {
		char *text;

		if (field.tag != TAG_ENV)
			continue;
		text = strndup((const char *)field.bytes, field.length);
		if (!text || putenv(text) != 0)
			give_up("set its environment");
	}
	if (find_field(request, TAG_USER, &field)) {
		uid_t user = (uid_t)field_number(request, TAG_USER, 0);

		if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)
			give_up("change to its user");
	}
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
	set_up_program(request);
	if (count)
		execvp(argv[0], argv);
	dprintf(2, "cannot run %s: %s\n", count ? argv[0] : "(nothing)", strerror(errno));
	/* As shells report it (POSIX, "Exit Status for Commands"). */
	_exit(errno == ENOENT ? 127 : 126);
}
