// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the guest. It does what the host asks over a virtio serial port, reports what it observed, passes the
 * kernel log on as it appears, and reaps whatever is left to it. It judges nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actions.h"
#include "buffer.h"
#include "input.h"
#include "program.h"
#include "protocol.h"
#include "stacks.h"
#include "worker.h"

#define MAX_JOBS 16
#define LOOK_BYTES (1u << 18)
#define LAST_CHANCE_MS 100 /* between telling where it hangs and killing it */
#define STUCK_MS 500 /* how long a killed process may take to go before the host is told without it */

/* What is under way: an action that a worker does, or a program. */
struct job {
	pid_t pid; /* 0: free */
	uint16_t type;
	uint64_t id;
	struct worker worker; /* not for AGENT_RUN */
	int out, err;         /* a worker's answer, or a program's stdout and stderr */
	struct input input;   /* a program's stdin, where it is written part by part */
	struct buffer out_data, err_data;
	struct buffer seen; /* where it was when its time was over */
	size_t cap;
	int background, truncated, looked, timed_out, ended, status;
	uint64_t began_us, deadline_us; /* CLOCK_MONOTONIC; deadline 0: none */
};

static struct job jobs[MAX_JOBS];
static int port = -1;
static int kmsg = -1;
static pid_t first_worker;

_Noreturn void die(const char *what)
{
	dprintf(2, "labctl agent: %s: %s\n", what, strerror(errno));
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void send_bytes(const unsigned char *bytes, size_t length)
{
	while (length) {
		ssize_t put = write(port, bytes, length);

		if (put < 0 && errno == EAGAIN) {
			struct pollfd item = {port, POLLOUT, 0};

			poll(&item, 1, 1000);
			continue;
		}
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			die("cannot write to the host");
		bytes += put;
		length -= put;
	}
}

static void send_frame(uint16_t type, uint64_t id, const struct buffer *payload)
{
	unsigned char header[AGENT_HEADER_BYTES];

	agent_make_header(header, type, id, payload->data, (uint32_t)payload->length);
	send_bytes(header, sizeof(header));
	send_bytes(payload->data, payload->length);
}

/* Passes on the records that are there now; a flood that never ends is left to the next turn of the loop. */
static void send_kmsg(void)
{
	static char record[8192];
	struct buffer batch = {0};
	unsigned int count = 0;

	while (count++ < 5000) {
		ssize_t got = read(kmsg, record, sizeof(record));

		if (got < 0 && errno == EPIPE) {
			put_number(&batch, TAG_LOST, 1);
			continue;
		}
		if (got <= 0)
			break;
		put_field(&batch, TAG_RECORD, record, got);
		if (batch.length > 60000) {
			send_frame(AGENT_KMSG, 0, &batch);
			batch.length = 0;
		}
	}
	if (batch.length)
		send_frame(AGENT_KMSG, 0, &batch);
	buffer_free(&batch);
}

/*
 * Where a job is that does not end, while it is still there. What the kernel is asked to say of it goes with it and not
 * into the log that is passed on, which tests look at.
 */
static void look_at(uint64_t request, pid_t session, struct buffer *seen)
{
	static char record[8192];
	const struct sched_param first = {.sched_priority = 1}, usual = {0};
	const struct buffer nothing = {0};
	ssize_t got;

	/* What does not end may be taking all the time that it gets. */
	sched_setscheduler(0, SCHED_FIFO, &first);
	send_frame(AGENT_LATE, request, &nothing);
	send_kmsg();
	put_stacks(session, first_worker, seen);
	send_kmsg(); /* what came meanwhile was not asked for */
	show_cpus_and_locks();
	sched_setscheduler(0, SCHED_OTHER, &usual);
	while (seen->length < LOOK_BYTES && (got = read(kmsg, record, sizeof(record))) > 0)
		put_field(seen, TAG_RECORD, record, got);
}

static void reply_at_once(uint64_t id, int error, const struct buffer *more)
{
	struct buffer reply = {0};

	put_number(&reply, TAG_ERRNO, error);
	put_number(&reply, TAG_TOOK_US, 0);
	put_number(&reply, TAG_AT_US, now_us());
	if (more)
		buffer_append(&reply, more->data, more->length);
	send_kmsg();
	send_frame(AGENT_REPLY, id, &reply);
	buffer_free(&reply);
}

/*
 * To all the processes of a job, so that a shell's children get it too. One that was begun a moment ago has no group of
 * its own yet.
 */
static int signal_job(pid_t pid, int signal)
{
	if (kill(-pid, signal) == 0 || (errno == ESRCH && kill(pid, signal) == 0))
		return 0;
	return errno;
}

/* The job that a request speaks of; NULL when it is over. */
static struct job *target_of(const struct buffer *request)
{
	uint64_t id = field_number(request, TAG_TARGET, 0);

	for (int i = 0; i < MAX_JOBS; i++)
		if (jobs[i].pid && jobs[i].id == id)
			return &jobs[i];
	return NULL;
}

/* Does what needs no process. Returns 0 where the request is none of that. */
static int do_at_once(uint16_t type, uint64_t id, const struct buffer *request)
{
	struct job *target = target_of(request);
	struct buffer seen = {0};
	int error = 0;

	switch (type) {
	case AGENT_PING: break;
	case AGENT_KILL:
		error = target ? signal_job(target->pid, (int)field_number(request, TAG_SIGNAL, SIGTERM)) : ESRCH;
		break;
	case AGENT_LOOK:
		if (target)
			look_at(id, target->pid, &seen);
		else
			error = ESRCH;
		break;
	default: return 0;
	}
	reply_at_once(id, error, &seen);
	buffer_free(&seen);
	return 1;
}

static void start_program_job(struct job *job, const struct buffer *request)
{
	struct channels channels;

	job->cap = field_number(request, TAG_CAP, 1 << 20);
	job->pid = start_program(request, &channels);
	if (!job->pid) {
		reply_at_once(job->id, errno, NULL);
		return;
	}
	job->out = channels.out;
	job->err = channels.err;
	begin_input(&job->input, request, channels.in, channels.starting, field_number(request, TAG_TTY, 0) != 0);
}

static void start_job(uint16_t type, uint64_t id, const struct buffer *request)
{
	uint64_t limit_ms = field_number(request, TAG_LIMIT_MS, 0);
	struct job *job = NULL;

	if (do_at_once(type, id, request))
		return;
	for (int i = 0; i < MAX_JOBS && !job; i++)
		if (!jobs[i].pid)
			job = &jobs[i];
	if (!job) {
		reply_at_once(id, EAGAIN, NULL);
		return;
	}
	memset(job, 0, sizeof(*job));
	job->type = type;
	job->id = id;
	job->began_us = now_us();
	job->deadline_us = limit_ms ? job->began_us + limit_ms * 1000 : 0;
	if (type == AGENT_RUN) {
		start_program_job(job, request);
	} else {
		job->cap = sizeof(uint32_t) + AGENT_MAX_PAYLOAD;
		job->background = field_number(request, TAG_BACKGROUND, 0) != 0;
		if (job->background) {
			job->worker = give_to_clone(type, request);
		} else {
			job->worker = give_to_worker(type, request);
		}
		job->pid = job->worker.pid;
		job->out = job->worker.from;
		job->err = -1;
	}
}

/* Reads what a pipe holds; what goes beyond the cap is read and dropped, so that the writer is never stuck. */
static void drain(struct job *job, int *fd, struct buffer *data)
{
	char block[1 << 14];
	unsigned int turns = 0;

	/* Bounded: a program that never stops writing must not keep the agent from its other work. */
	while (*fd >= 0 && turns++ < 64) {
		ssize_t got = read(*fd, block, sizeof(block));
		size_t room = job->cap - data->length;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			if (!job->worker.pid)
				close(*fd);
			*fd = -1;
			return;
		}
		if ((size_t)got > room)
			job->truncated = 1;
		buffer_append(data, block, (size_t)got > room ? room : (size_t)got);
	}
}

/* Whether a worker has said all of its result; then that is what follows the length. */
static int has_answered(const struct job *job)
{
	uint32_t length;

	if (!job->worker.pid || job->out_data.length < sizeof(length))
		return 0;
	memcpy(&length, job->out_data.data, sizeof(length));
	return job->out_data.length - sizeof(length) >= length;
}

static void put_program_end(const struct job *job, struct buffer *reply)
{
	put_number(reply, TAG_ERRNO, 0);
	if (job->ended && WIFEXITED(job->status))
		put_number(reply, TAG_EXIT, WEXITSTATUS(job->status));
	if (job->ended && WIFSIGNALED(job->status))
		put_number(reply, TAG_SIGNAL, WTERMSIG(job->status));
	put_field(reply, TAG_STDOUT, job->out_data.data, job->out_data.length);
	put_field(reply, TAG_STDERR, job->err_data.data, job->err_data.length);
	put_number(reply, TAG_PARTS, job->input.done);
	if (job->truncated)
		put_number(reply, TAG_TRUNCATED, 1);
}

static void finish_job(struct job *job)
{
	struct buffer reply = {0};
	int answered;

	drain(job, &job->out, &job->out_data);
	drain(job, &job->err, &job->err_data);
	answered = has_answered(job);
	put_number(&reply, TAG_TOOK_US, now_us() - job->began_us);
	put_number(&reply, TAG_AT_US, now_us());
	if (job->timed_out) {
		put_number(&reply, TAG_TIMED_OUT, 1);
		buffer_append(&reply, job->seen.data, job->seen.length);
	}
	if (job->type == AGENT_RUN)
		put_program_end(job, &reply);
	else if (answered)
		buffer_append(&reply, job->out_data.data + sizeof(uint32_t), job->out_data.length - sizeof(uint32_t));
	else if (job->ended && WIFSIGNALED(job->status) && !job->timed_out)
		put_number(&reply, TAG_KILLED_BY, WTERMSIG(job->status));
	/* Whatever the action made the kernel say comes before its reply. */
	send_kmsg();
	send_frame(AGENT_REPLY, job->id, &reply);
	buffer_free(&reply);
	buffer_free(&job->out_data);
	buffer_free(&job->err_data);
	buffer_free(&job->seen);
	if (job->worker.pid) {
		/* One that did not answer, or was killed, is of no more use; a clone has done what it was for. */
		release_worker(&job->worker, answered && !job->background && !job->ended && !job->timed_out);
	} else {
		if (job->out >= 0)
			close(job->out);
		if (job->err >= 0)
			close(job->err);
		end_input(&job->input);
	}
	job->pid = 0;
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		worker_ended(pid);
		for (int i = 0; i < MAX_JOBS; i++)
			if (jobs[i].pid == pid) {
				jobs[i].ended = 1;
				jobs[i].status = status;
			}
	}
}

/* Of two waits in milliseconds, the one that ends first; -1 never does. */
static int shorter(int one, int other)
{
	return one < 0 || (other >= 0 && other < one) ? other : one;
}

/*
 * Gives jobs what is due to them, and ends those that are over or past their limit. Returns the milliseconds until there
 * is more of that to do, -1 for never.
 */
static int tend_jobs(void)
{
	int wait_ms = -1;

	for (int i = 0; i < MAX_JOBS; i++) {
		struct job *job = &jobs[i];
		uint64_t now = now_us();

		if (!job->pid)
			continue;
		if (job->ended || has_answered(job) || (job->timed_out && now >= job->deadline_us)) {
			finish_job(job);
			continue;
		}
		if (job->type == AGENT_RUN)
			wait_ms = shorter(wait_ms, tend_input(&job->input, &job->out_data, now));
		if (!job->deadline_us)
			continue;
		if (now >= job->deadline_us) {
			if (!job->looked) {
				/* What a busy host kept from running may end as soon as it is let, and then has not hung. */
				look_at(job->id, job->pid, &job->seen);
				job->looked = 1;
				now = now_us();
				job->deadline_us = now + LAST_CHANCE_MS * 1000;
			} else {
				job->timed_out = 1;
				job->deadline_us = now + STUCK_MS * 1000;
				signal_job(job->pid, SIGKILL);
			}
		}
		wait_ms = shorter(wait_ms, (int)((job->deadline_us - now) / 1000 + 1));
	}
	return wait_ms;
}

/* Takes whole frames off the front of the input; bytes that are no frame are skipped one at a time. */
static void take_frames(struct buffer *input)
{
	size_t at = 0;

	while (input->length - at >= AGENT_HEADER_BYTES) {
		const unsigned char *header = input->data + at;
		struct buffer payload = {0};

		if (!agent_header_valid(header)) {
			at++;
			continue;
		}
		payload.length = agent_get_u32(header + 16);
		if (input->length - at < AGENT_HEADER_BYTES + payload.length)
			break;
		payload.data = input->data + at + AGENT_HEADER_BYTES;
		if (agent_crc32(0, payload.data, payload.length) != agent_get_u32(header + 20)) {
			at++;
			continue;
		}
		start_job(agent_get_u16(header + 4), agent_get_u64(header + 8), &payload);
		at += AGENT_HEADER_BYTES + payload.length;
	}
	buffer_consume(input, at);
}

static void mount_at(const char *type, const char *where, const char *options)
{
	mkdir(where, 0755);
	if (mount(type, where, type, MS_NOSUID, options) != 0 && errno != EBUSY)
		die(where);
}

static void find_port(void)
{
	const char *ports = "/sys/class/virtio-ports";
	struct dirent *entry;
	DIR *folder = opendir(ports);

	while (folder && (entry = readdir(folder))) {
		char path[512], name[64] = "";
		int fd;

		snprintf(path, sizeof(path), "%s/%s/name", ports, entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) > 0 && !strcmp(name, AGENT_PORT_NAME "\n")) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
		close(fd);
	}
	if (folder)
		closedir(folder);
	if (port < 0)
		die("no virtio port named " AGENT_PORT_NAME);
}

static void set_up(void)
{
	/*
	 * When the agent does not answer any more, the host raises a non-maskable interrupt, and the kernel's panic says
	 * where it was. QEMU's microvm has no port 0x61, whose bits then speak of a PCI error.
	 */
	static const char *const panics_at_nmi[] = {"/proc/sys/kernel/unknown_nmi_panic",
						    "/proc/sys/kernel/panic_on_unrecovered_nmi"};
	int fd;

	mount_at("devtmpfs", "/dev", NULL);
	mount_at("proc", "/proc", NULL);
	mount_at("sysfs", "/sys", NULL);
	mount_at("debugfs", "/sys/kernel/debug", NULL);
	mount_at("tmpfs", "/tmp", "mode=1777");
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", MS_NOSUID, NULL);
	/* Words of the kernel's command line that it does not know are variables now. */
	clearenv();
	setenv("PATH", "/sbin:/bin:/lab/bin", 1);
	setenv("HOME", "/", 1);
	setenv("TERM", "linux", 1);
	/* A module that eats memory must not take the reporter with it. */
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "-1000", 5) != 5)
			dprintf(2, "labctl agent: cannot set oom_score_adj\n");
		close(fd);
	}
	for (size_t i = 0; i < sizeof(panics_at_nmi) / sizeof(panics_at_nmi[0]); i++) {
		fd = open(panics_at_nmi[i], O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "1", 1) != 1)
			dprintf(2, "labctl agent: cannot set %s\n", panics_at_nmi[i]);
		if (fd >= 0)
			close(fd);
	}
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0)
		die("/dev/kmsg");
	find_port();
}

static void send_ready(void)
{
	struct buffer payload = {0};
	struct utsname names;

	uname(&names);
	put_number(&payload, TAG_VERSION, AGENT_PROTOCOL_VERSION);
	put_field(&payload, TAG_RELEASE, names.release, strlen(names.release));
	send_frame(AGENT_READY, 0, &payload);
	buffer_free(&payload);
}

int main(void)
{
	struct buffer input = {0};
	struct signalfd_siginfo info;
	sigset_t children;
	int signals;

	set_up();
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	signals = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals < 0)
		die("signalfd");
	signal(SIGPIPE, SIG_IGN);
	keep_memory();
	first_worker = start_first_worker(port, kmsg);
	send_kmsg();
	send_ready();

	for (;;) {
		struct pollfd items[3 + 3 * MAX_JOBS] = {{port, POLLIN, 0}, {kmsg, POLLIN, 0}, {signals, POLLIN, 0}};
		const struct pollfd nothing = {-1, 0, 0};
		int wait_ms = tend_jobs();

		for (int i = 0; i < MAX_JOBS; i++) {
			const struct job *job = &jobs[i];

			items[3 + 3 * i] = (struct pollfd){job->pid ? job->out : -1, POLLIN, 0};
			items[4 + 3 * i] = (struct pollfd){job->pid ? job->err : -1, POLLIN, 0};
			items[5 + 3 * i] = job->pid && job->type == AGENT_RUN ? input_poll(&job->input) : nothing;
		}
		if (poll(items, 3 + 3 * MAX_JOBS, wait_ms) < 0 && errno != EINTR)
			die("poll");
		if (items[0].revents & POLLIN) {
			ssize_t got = read(port, buffer_reserve(&input, 1 << 16), 1 << 16);

			if (got > 0) {
				input.length += got;
				take_frames(&input);
			}
		} else if (items[0].revents & (POLLHUP | POLLERR)) {
			die("the host has gone");
		}
		for (int i = 0; i < MAX_JOBS; i++) {
			if (!jobs[i].pid)
				continue;
			if (items[3 + 3 * i].revents)
				drain(&jobs[i], &jobs[i].out, &jobs[i].out_data);
			if (items[4 + 3 * i].revents)
				drain(&jobs[i], &jobs[i].err, &jobs[i].err_data);
		}
		if (items[2].revents) {
			while (read(signals, &info, sizeof(info)) > 0)
				;
			reap();
		}
		if (items[1].revents)
			send_kmsg();
	}
}
