// SPDX-License-Identifier: GPL-2.0-only
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actions.h"
#include "protocol.h"

#define CLONE_MS 5000 /* how long an idle worker may take to fork */

static struct worker idle;
static int of_the_agent[2]; /* descriptors that a worker has no business with */

void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		die("cannot make a pipe");
}

/* The two ends of a worker's pipes block. Both return 0 when the other side is gone. */
static int write_whole(int fd, const void *bytes, size_t length)
{
	const char *from = bytes;

	while (length) {
		ssize_t put = write(fd, from, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return 0;
		from += put;
		length -= put;
	}
	return 1;
}

static int read_whole_of(int fd, void *bytes, size_t length)
{
	char *to = bytes;

	while (length) {
		ssize_t got = read(fd, to, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		to += got;
		length -= got;
	}
	return 1;
}

/* What goes to a worker: its type, its length, the request. What comes back: its length, the result. */
struct order {
	uint32_t type;
	uint32_t length;
};

/* One side's ends of a worker's channels. */
struct ends {
	int orders, answers, control;
};

static int send_order(const struct worker *worker, uint16_t type, const struct buffer *request)
{
	struct order order = {type, (uint32_t)request->length};

	return write_whole(worker->to, &order, sizeof(order)) &&
	       write_whole(worker->to, request->data, request->length);
}

/* In a child: a session and process group of its own, and none of the agent's signal settings. */
void leave_agent(void)
{
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

static int send_ends(int control, const struct ends *ends)
{
	char room[CMSG_SPACE(sizeof(*ends))] = {0};
	struct iovec nothing = {"", 1};
	struct msghdr message = {
		.msg_iov = &nothing, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(*ends));
	memcpy(CMSG_DATA(header), ends, sizeof(*ends));
	return sendmsg(control, &message, MSG_NOSIGNAL) == 1;
}

static int receive_ends(int control, struct ends *ends)
{
	char room[CMSG_SPACE(sizeof(*ends))] = {0}, byte;
	struct iovec one = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &one, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	struct cmsghdr *header;

	if (recvmsg(control, &message, MSG_CMSG_CLOEXEC) != 1)
		return 0;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(*ends)))
		return 0;
	memcpy(ends, CMSG_DATA(header), sizeof(*ends));
	return 1;
}

static void close_ends(const struct ends *ends)
{
	close(ends->orders);
	close(ends->answers);
	close(ends->control);
}

/*
 * Forks the worker, with the descriptors that it holds open. The child is the agent's, who waits for it. Returns in
 * both; the child goes on with its own channels.
 */
static int clone_self(struct ends *ends)
{
	struct ends of_child;
	uint32_t answer[2] = {sizeof(uint32_t)}; /* a result's length, and the result: its process id */

	if (!receive_ends(ends->control, &of_child))
		return 0;
	answer[1] = (uint32_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (answer[1] == 0) {
		leave_agent();
		close_ends(ends);
		*ends = of_child;
		return 1;
	}
	close_ends(&of_child);
	return write_whole(ends->answers, answer, sizeof(answer));
}

static _Noreturn void work(struct ends ends)
{
	struct order order;

	keep_memory();
	while (read_whole_of(ends.orders, &order, sizeof(order))) {
		struct buffer request = {0}, result = {0};
		uint32_t length;

		if (!read_whole_of(ends.orders, buffer_reserve(&request, order.length), order.length))
			break;
		request.length = order.length;
		if (order.type == AGENT_CLONE) {
			if (!clone_self(&ends))
				break;
			buffer_free(&request);
			continue;
		}
		do_action(order.type, &request, &result);
		length = (uint32_t)result.length;
		if (!write_whole(ends.answers, &length, sizeof(length)) || !write_whole(ends.answers, result.data, length))
			break;
		buffer_free(&request);
		buffer_free(&result);
	}
	_exit(0);
}

/* Makes a worker's channels: the agent's ends are in the worker, the others in ends. */
static struct worker make_channels(struct ends *ends)
{
	int to[2], from[2], control[2];

	make_pipe(to);
	make_pipe(from);
	fcntl(to[0], F_SETFL, 0);
	fcntl(to[1], F_SETFL, 0);
	fcntl(from[1], F_SETFL, 0);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0)
		die("cannot make a socket pair");
	*ends = (struct ends){to[0], from[1], control[1]};
	return (struct worker){0, to[1], from[0], control[0]};
}

static struct worker start_worker(void)
{
	struct ends ends;
	struct worker worker = make_channels(&ends);

	worker.pid = fork();
	if (worker.pid < 0)
		die("cannot fork");
	if (worker.pid == 0) {
		leave_agent();
		for (size_t i = 0; i < sizeof(of_the_agent) / sizeof(of_the_agent[0]); i++)
			close(of_the_agent[i]);
		close(worker.to);
		close(worker.from);
		close(worker.control);
		work(ends);
	}
	close_ends(&ends);
	return worker;
}

static void forget_worker(struct worker *worker)
{
	if (!worker->pid)
		return;
	close(worker->to);
	close(worker->from);
	close(worker->control);
	worker->pid = 0;
}

/*
 * A second worker with the descriptors that the idle one holds open: it does what goes on in the background, while the
 * first one goes on with the test.
 */
static struct worker clone_worker(void)
{
	const struct buffer nothing = {0};
	struct ends ends;
	struct worker worker;
	uint32_t answer[2] = {0};
	struct pollfd item;

	if (!idle.pid)
		return start_worker();
	worker = make_channels(&ends);
	item = (struct pollfd){idle.from, POLLIN, 0};
	if (send_ends(idle.control, &ends) && send_order(&idle, AGENT_CLONE, &nothing) &&
	    poll(&item, 1, CLONE_MS) == 1 && read(idle.from, answer, sizeof(answer)) == sizeof(answer))
		worker.pid = (pid_t)answer[1];
	close_ends(&ends);
	if (worker.pid > 0)
		return worker;
	/* The idle one is stuck or dead; what it held open is lost, which the action's error will tell. */
	worker.pid = -1;
	forget_worker(&worker);
	forget_worker(&idle);
	return start_worker();
}

pid_t start_first_worker(int port, int kmsg)
{
	of_the_agent[0] = port;
	of_the_agent[1] = kmsg;
	idle = start_worker();
	return idle.pid;
}

struct worker give_to_worker(uint16_t type, const struct buffer *request)
{
	struct worker worker = idle;

	idle.pid = 0;
	if (worker.pid && send_order(&worker, type, request))
		return worker;
	/* It died while it was idle. */
	forget_worker(&worker);
	worker = start_worker();
	send_order(&worker, type, request);
	return worker;
}

struct worker give_to_clone(uint16_t type, const struct buffer *request)
{
	struct worker worker = clone_worker();

	send_order(&worker, type, request);
	return worker;
}

void release_worker(struct worker *worker, int usable)
{
	if (usable && !idle.pid)
		idle = *worker;
	else
		forget_worker(worker);
}

void worker_ended(pid_t pid)
{
	if (idle.pid == pid)
		forget_worker(&idle);
}
