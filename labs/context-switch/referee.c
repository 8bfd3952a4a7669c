// SPDX-License-Identifier: GPL-2.0-only
/*
 * referee ROUNDS      has a game played, and says whether the time that /proc/switches tells fits into the time that the
 *                     game took from outside
 * referee hold A B    has two games asked for, of A and of B rounds, while it keeps the players from their CPU, and says
 *                     whether everybody waits who should, and whether both games are played
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* No processor that runs Linux today can save and load registers, and choose who is next, in less. */
#define LEAST_NS 50LL

#define ENTRY "/proc/switches"

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static int measure(const char *rounds)
{
	char text[4096] = "", *at;
	long long begun, took, total, least;
	int file = open(ENTRY, O_RDWR);

	if (file < 0)
		fail(ENTRY);
	begun = now();
	if (write(file, rounds, strlen(rounds)) != (ssize_t)strlen(rounds))
		fail("write " ENTRY);
	took = now() - begun;
	if (read(file, text, sizeof(text) - 1) <= 0)
		fail("read " ENTRY);
	at = strstr(text, "total_ns ");
	if (!at) {
		printf("there is no total_ns\n");
		return 1;
	}
	total = atoll(at + strlen("total_ns "));
	least = 2 * atoll(rounds) * LEAST_NS;
	if (total > took)
		printf("total_ns is %lld, but writing to the file took only %lld\n", total, took);
	else if (total < least)
		printf("total_ns is %lld; so many switches take at least %lld\n", total, least);
	else
		printf("the time fits\n");
	return 0;
}

enum { FIRST, READER, SECOND, HELPERS };
enum { BORN, BEGUN, DONE, BROKEN };

struct result {
	long long rounds, total;
	long pong;
};

/* What the helpers do, for all to see. */
static volatile struct {
	int go, stage;
	struct result result;
} *helpers;

static struct result look(void)
{
	struct result result = {-1, -1, -1};
	int file = open(ENTRY, O_RDONLY);
	char text[4096] = "", *pong;

	if (file >= 0 && read(file, text, sizeof(text) - 1) > 0) {
		sscanf(text, "rounds %lld total_ns %lld", &result.rounds, &result.total);
		pong = strstr(text, "\npong ");
		if (pong)
			sscanf(pong, " pong %*d voluntary %ld", &result.pong);
	}
	close(file);
	return result;
}

static void on_cpu(int number)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(number, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		fail("sched_setaffinity");
}

/* Opens the stat file of the new process: it writes, or reads where there is no text. */
static int helper(int number, const char *text)
{
	char path[40];
	pid_t pid = fork();
	int file;

	if (pid < 0)
		fail("fork");
	if (pid > 0) {
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		file = open(path, O_RDONLY);
		if (file < 0)
			fail(path);
		return file;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(1);
	close(2);
	on_cpu(1);
	file = open(ENTRY, O_RDWR);
	while (!helpers[number].go)
		usleep(1000);
	helpers[number].stage = BEGUN;
	if (text && write(file, text, strlen(text)) != (ssize_t)strlen(text)) {
		helpers[number].stage = BROKEN;
	} else {
		if (!text)
			helpers[number].result = look();
		helpers[number].stage = DONE;
	}
	close(file);
	/* Its stat file is to stay. */
	for (;;)
		pause();
}

static int sleeps(int stat_file)
{
	char text[1000] = "", *name_end;

	if (pread(stat_file, text, sizeof(text) - 1, 0) <= 0)
		return 1;
	name_end = strrchr(text, ')');
	return name_end && (name_end[2] == 'S' || name_end[2] == 'D');
}

/* Has it begin, and returns when it waits or is done. Never sleeps, as the players would have the CPU then. */
static void let_begin(int number, int stat_file)
{
	long long end = now() + 5000000000LL;

	helpers[number].go = 1;
	while (now() < end) {
		if (helpers[number].stage >= DONE)
			return;
		if (helpers[number].stage == BEGUN && sleeps(stat_file))
			return;
	}
}

static int hold(const char *one, const char *other)
{
	struct sched_param urgent = {.sched_priority = 99}, normal = {.sched_priority = 0};
	struct result before = look(), after, seen;
	long long end;
	int stats[HELPERS], mixture;

	helpers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (helpers == MAP_FAILED || mlockall(MCL_CURRENT))
		fail("memory");
	stats[FIRST] = helper(FIRST, one);
	stats[READER] = helper(READER, NULL);
	stats[SECOND] = helper(SECOND, other);

	/* The players are on CPU 0, and less urgent. */
	on_cpu(0);
	if (sched_setscheduler(0, SCHED_FIFO, &urgent))
		fail("sched_setscheduler");
	for (int i = 0; i < HELPERS; i++)
		let_begin(i, stats[i]);
	if (helpers[FIRST].stage != BEGUN) {
		printf("a writer goes on before its game is over\n");
		return 1;
	}
	if (helpers[SECOND].stage != BEGUN) {
		printf("a second writer goes on before its game is over\n");
		return 1;
	}
	if (helpers[READER].stage == DONE &&
	    (helpers[READER].result.rounds != before.rounds || helpers[READER].result.total != before.total)) {
		printf("a game is asked for and has not begun, and there is total_ns %lld for rounds %lld\n",
		       helpers[READER].result.total, helpers[READER].result.rounds);
		return 1;
	}
	if (sched_setscheduler(0, SCHED_OTHER, &normal))
		fail("sched_setscheduler");

	end = now() + 5000000000LL;
	for (int i = 0; i < HELPERS; i++) {
		while (helpers[i].stage < DONE && now() < end)
			usleep(1000);
		if (helpers[i].stage != DONE) {
			printf("the %s\n", i == FIRST	 ? "first writer's game does not end" :
					   i == READER ? "reader is kept for ever" :
							 "second writer's game does not end");
			return 1;
		}
	}
	after = look();
	seen = helpers[READER].result;
	/* Of the first game nobody knows the time; a coarse clock may give it that of the one before. */
	mixture = (seen.rounds == before.rounds && seen.total != before.total) ||
		  (seen.rounds == after.rounds && seen.total != after.total);
	if (mixture)
		printf("a reader saw total_ns %lld for rounds %lld, which took %lld\n", seen.total, seen.rounds,
		       seen.rounds == after.rounds ? after.total : before.total);
	else if (after.pong - before.pong < atol(one) + atol(other))
		printf("of games of %s and %s rounds, pong had only %ld\n", one, other, after.pong - before.pong);
	else
		printf("both games are played\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return measure(argv[1]);
	if (argc == 4 && !strcmp(argv[1], "hold"))
		return hold(argv[2], argv[3]);
	return 2;
}
