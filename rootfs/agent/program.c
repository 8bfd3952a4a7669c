// SPDX-License-Identifier: GPL-2.0-only
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "protocol.h"
#include "worker.h"

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

static _Noreturn void exec_program(const struct buffer *request)
{
	struct field field;
	size_t offset = 0, count = 0;
	char *argv[256];

	while (count < 255 && next_field(request, &offset, &field)) {
		if (field.tag != TAG_ARG)
			continue;
		argv[count] = strndup((const char *)field.bytes, field.length);
		if (!argv[count++])
			abort();
	}
	argv[count] = NULL;
	set_up_program(request);
	if (count)
		execvp(argv[0], argv);
	dprintf(2, "cannot run %s: %s\n", count ? argv[0] : "(nothing)", strerror(errno));
	/* As shells report it (POSIX, "Exit Status for Commands"). */
	_exit(errno == ENOENT ? 127 : 126);
}

/* A file instead of a pipe: nobody has to feed it. */
static int input_file(const struct buffer *request)
{
	int in = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct field field;

	if (in < 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (find_field(request, TAG_DATA, &field)) {
		if (write(in, field.bytes, field.length) != (ssize_t)field.length)
			_exit(126);
		lseek(in, 0, SEEK_SET);
	}
	return in;
}

/*
 * A terminal as a user has it: lines are edited and echoed, Ctrl-C interrupts. Only newlines stay what they are, so that
 * its output reads as that of any other program.
 */
static int open_terminal(int *master, int *slave)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	struct termios settings;
	int locked = 0;

	*slave = -1;
	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*master >= 0 && ioctl(*master, TIOCSPTLCK, &locked) == 0)
		*slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave >= 0 && tcgetattr(*slave, &settings) == 0) {
		settings.c_oflag &= ~(tcflag_t)ONLCR;
		if (tcsetattr(*slave, TCSANOW, &settings) == 0 && ioctl(*slave, TIOCSWINSZ, &size) == 0)
			return 1;
	}
	return 0;
}

/* The program's ends, which block; all are closed when it is executed. */
struct program_ends {
	int in, out, err, starting;
};

static _Noreturn void become_program(const struct buffer *request, const struct program_ends *ends, int terminal)
{
	int in = ends->in;
	struct field field;

	leave_agent();
	if (in < 0)
		in = input_file(request);
	dup2(in, 0);
	dup2(ends->out, 1);
	dup2(ends->err, 2);
	/* leave_agent() has made this the leader of a session, which is what can have a terminal. */
	if (terminal && ioctl(0, TIOCSCTTY, 0) != 0)
		give_up("take its terminal");
	if (terminal && find_field(request, TAG_USER, &field) &&
	    fchown(0, (uid_t)field_number(request, TAG_USER, 0), -1) != 0)
		give_up("own its terminal");
	exec_program(request);
}

/* One terminal, or pipes: stdin is a file unless it is written part by part. */
static int make_channels(const struct buffer *request, int terminal, struct channels *agent,
			 struct program_ends *program)
{
	int pipes[2];

	*agent = (struct channels){-1, -1, -1, -1};
	*program = (struct program_ends){-1, -1, -1, -1};
	if (terminal) {
		if (!open_terminal(&agent->out, &program->in))
			return 0;
		agent->in = fcntl(agent->out, F_DUPFD_CLOEXEC, 0);
		program->out = program->err = program->in;
		make_pipe(pipes);
		agent->starting = pipes[0];
		program->starting = pipes[1];
		return 1;
	}
	if (field_number(request, TAG_PARTS, 0)) {
		make_pipe(pipes);
		fcntl(pipes[0], F_SETFL, 0);
		program->in = pipes[0];
		agent->in = pipes[1];
	}
	make_pipe(pipes);
	fcntl(pipes[1], F_SETFL, 0);
	agent->out = pipes[0];
	program->out = pipes[1];
	make_pipe(pipes);
	fcntl(pipes[1], F_SETFL, 0);
	agent->err = pipes[0];
	program->err = pipes[1];
	return 1;
}

static void close_once(int fd, int other)
{
	if (fd >= 0 && fd != other)
		close(fd);
}

pid_t start_program(const struct buffer *request, struct channels *channels)
{
	int terminal = field_number(request, TAG_TTY, 0) != 0;
	struct program_ends ends;
	int made = make_channels(request, terminal, channels, &ends);
	int error = errno;
	pid_t pid = 0;

	if (made) {
		pid = fork();
		if (pid < 0)
			die("cannot fork");
		if (pid == 0)
			become_program(request, &ends, terminal);
	} else {
		close_once(channels->out, -1);
	}
	close_once(ends.in, -1);
	close_once(ends.out, ends.in);
	close_once(ends.err, ends.in);
	close_once(ends.starting, -1);
	errno = error;
	return pid;
}
