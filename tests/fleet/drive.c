/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Simulated agents that talk to a collector on this machine, for
 * tests/fleet/scale.py (`./dev scale`).
 *
 *	drive registry CONFIG COUNT
 *		enter agents 0 to COUNT - 1 in the cluster's registry
 *	drive agents PORT OTHER PID FIRST COUNT ENROL SECONDS
 *		ENROL agents from number FIRST on enrol with the collector at
 *		PORT, whose process is PID; then these and those up to COUNT
 *		ask for a plan and a proof, and report. A few send their report
 *		once more to the collector at OTHER. No agent begins after
 *		SECONDS.
 *
 * Prints a line of figures for each kind of request.
 */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/commands/command.h"
#include "collector/store/clickhouse/clickhouse_move_registry.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "tests/bench/load.h"
#include "tests/fleet/drive_agent.h"

#define ENTERED     100000 /* agents that are entered at once */
#define BATCH       4096   /* agents at work */
#define CONNECTIONS 256
#define AGAIN       16 /* of a batch report twice */
#define TRIES       200
#define PAUSE_US    500000

enum kind { KIND_ENROL, KIND_PLAN, KIND_WHOAMI, KIND_REPORT, KIND_AGAIN };

static const char *const kind_words[] = {
    "enrol", "plan", "whoami", "report", "again"};

struct figures {
	size_t answered, told_later, failed;
	int64_t took_us, p99_us;
	double cpu_s; /* of the collector's workers and its writer */
};

struct drive {
	uint16_t port, other;
	long pid;
	struct drive_agent agents[BATCH];
	size_t count;
	enum kind kind;
	size_t turns[BATCH]; /* whose turn it is */
	size_t nturns;
	struct figures figures[KIND_AGAIN + 1];
};

static void fail(const char *what)
{
	fprintf(stderr, "drive: %s\n", what);
	exit(1);
}

/* --- the registry --- */

static void enter_batch(
    struct store *store, struct move_entry *entries, size_t first, size_t count)
{
	int64_t now_ms = clock_wall_ms();
	struct drive_agent agent;
	struct err err;
	size_t i;

	for (i = 0; i < count; i++) {
		struct move_entry *entry = &entries[i];

		if (!drive_agent_make(&agent, first + i))
			fail("no memory");
		memset(entry, 0, sizeof(*entry));
		entry->kind = MOVE_AGENT;
		entry->agent.enrolled_ms = now_ms;
		memcpy(entry->agent.id, agent.id, sizeof(agent.id));
		memcpy(entry->agent.public_key, agent.public_key,
		    SIGN_PUBLIC_SIZE);
		drive_agent_free(&agent);
	}
	if (clickhouse_move_registry(store, entries, count, &err) < 0)
		fail(err.text);
}

static void enter(const char *config, size_t count)
{
	struct move_entry *entries = calloc(ENTERED, sizeof(*entries));
	struct collector_options options;
	struct store *store;
	struct err err;
	size_t first, now;

	if (entries == NULL)
		fail("no memory");
	if (collector_options_read(config, &options, &err) < 0 ||
	    command_open_store(&options, false, &store, &err) < 0)
		fail(err.text);
	for (first = 0; first < count; first += now) {
		now = count - first < ENTERED ? count - first : ENTERED;
		enter_batch(store, entries, first, now);
	}
	store_close(store);
	free(entries);
}

/* --- the collector's process --- */

/* The CPU time of a thread, if it takes reports or answers agents. */
static double thread_cpu_s(long pid, const char *thread)
{
	char path[300], name[64] = "";
	uint64_t ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/task/%s/comm", pid, thread);
	file = fopen(path, "re");
	if (file == NULL || fgets(name, sizeof(name), file) == NULL)
		name[0] = '\0';
	if (file != NULL)
		fclose(file);
	if (strcmp(name, "worker\n") != 0 && strcmp(name, "writer\n") != 0)
		return 0;
	snprintf(
	    path, sizeof(path), "/proc/%ld/task/%s/schedstat", pid, thread);
	file = fopen(path, "re");
	if (file == NULL || fscanf(file, "%" SCNu64, &ns) != 1)
		ns = 0;
	if (file != NULL)
		fclose(file);
	return (double)ns / 1e9;
}

static double cpu_s(long pid)
{
	struct dirent *entry;
	char path[64];
	double sum = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	folder = opendir(path);
	if (folder == NULL)
		fail("the collector is gone");
	while ((entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			sum += thread_cpu_s(pid, entry->d_name);
	closedir(folder);
	return sum;
}

/* --- requests --- */

static void write_enrolment(
    const struct drive_agent *agent, struct buf *request)
{
	struct drive_message message = {"POST", "/v1/agents", "enrol", NULL};
	char text[BASE64_SIZE(SIGN_PUBLIC_SIZE)];
	struct buf body = {0};

	base64_encode(agent->public_key, SIGN_PUBLIC_SIZE, text);
	buf_printf(&body, "{\"public_key\":\"%s\"}", text);
	message.body = &body;
	if (!drive_agent_write(agent, &message, request))
		fail("signing");
	buf_free(&body);
}

static void make_request(void *arg, size_t number, struct buf *request)
{
	struct drive *drive = arg;
	const struct drive_agent *agent = &drive->agents[drive->turns[number]];
	struct drive_message message = {"GET", "/v1/plan", agent->id, NULL};

	if (drive->kind == KIND_ENROL) {
		write_enrolment(agent, request);
		return;
	}
	if (drive->kind == KIND_WHOAMI)
		message.path = "/v1/whoami";
	if (drive->kind >= KIND_REPORT) {
		message.method = "POST";
		message.path = "/v1/reports";
		message.body = &agent->report;
	}
	if (!drive_agent_write(agent, &message, request))
		fail("signing");
}

static void take_answer(void *arg, size_t number, int status, const char *body)
{
	struct drive *drive = arg;
	struct drive_agent *agent = &drive->agents[drive->turns[number]];

	if (status != 200 && status != 429 && status != 503)
		fprintf(stderr, "drive: %s: %d %.200s\n",
		    kind_words[drive->kind], status, body);
	agent->is_answered = status == 200 &&
			     (drive->kind != KIND_WHOAMI ||
				 drive_agent_take_proof(agent, body));
}

static void add_figures(
    struct figures *figures, const struct load_result *result, double cpu)
{
	figures->answered += result->accepted;
	figures->told_later += result->told_later;
	figures->failed += result->failed;
	figures->took_us += result->took_us;
	figures->cpu_s += cpu;
	if (result->p99_us > figures->p99_us)
		figures->p99_us = result->p99_us;
}

static void run_turns(struct drive *drive)
{
	struct load_plan plan = {
	    .port = drive->kind == KIND_AGAIN ? drive->other : drive->port,
	    .connections = drive->nturns < CONNECTIONS ? drive->nturns
						       : CONNECTIONS,
	    .count_max = drive->nturns,
	    .run_us = INT64_C(300000000),
	    .make = make_request,
	    .take = take_answer,
	    .arg = drive,
	};
	struct load_result result;
	double before = cpu_s(drive->pid);

	if (load_run(&plan, &result) < 0)
		fail("no connection");
	add_figures(
	    &drive->figures[drive->kind], &result, cpu_s(drive->pid) - before);
}

/* Until each of the first `count` of the batch has its answer. */
static void ask(struct drive *drive, enum kind kind, size_t count)
{
	size_t i, tries;

	drive->kind = kind;
	for (i = 0; i < count; i++)
		drive->agents[i].is_answered = false;
	for (tries = 0; tries < TRIES; tries++) {
		drive->nturns = 0;
		for (i = 0; i < count; i++)
			if (!drive->agents[i].is_answered)
				drive->turns[drive->nturns++] = i;
		if (drive->nturns == 0)
			return;
		if (tries > 0)
			usleep(PAUSE_US);
		run_turns(drive);
	}
	fail(kind_words[kind]);
}

static void live(struct drive *drive, size_t first, size_t count, bool enrols)
{
	size_t i;

	drive->count = count;
	for (i = 0; i < count; i++)
		if (!drive_agent_make(&drive->agents[i], first + i))
			fail("no memory");
	if (enrols)
		ask(drive, KIND_ENROL, count);
	ask(drive, KIND_PLAN, count);
	ask(drive, KIND_WHOAMI, count);
	for (i = 0; i < count; i++)
		drive_agent_report(&drive->agents[i]);
	ask(drive, KIND_REPORT, count);
	ask(drive, KIND_AGAIN, count < AGAIN ? count : AGAIN);
	for (i = 0; i < count; i++)
		drive_agent_free(&drive->agents[i]);
}

static void print_figures(const struct drive *drive)
{
	const struct figures *figures;
	size_t i;

	for (i = 0; i <= KIND_AGAIN; i++) {
		figures = &drive->figures[i];
		printf("kind=%s answered=%zu told_later=%zu failed=%zu "
		       "took_s=%.3f cpu_s=%.4f p99_ms=%.1f\n",
		    kind_words[i], figures->answered, figures->told_later,
		    figures->failed, (double)figures->took_us / 1e6,
		    figures->cpu_s, (double)figures->p99_us / 1000);
	}
}

static void drive_all(char **argv)
{
	struct drive *drive = calloc(1, sizeof(*drive));
	size_t first = strtoul(argv[3], NULL, 10), now;
	size_t end = first + strtoul(argv[4], NULL, 10);
	size_t enrolling = strtoul(argv[5], NULL, 10);
	int64_t ends_us = clock_mono_us() + (int64_t)(atof(argv[6]) * 1e6);

	if (drive == NULL || enrolling > BATCH)
		fail("no memory");
	drive->port = (uint16_t)atoi(argv[0]);
	drive->other = (uint16_t)atoi(argv[1]);
	drive->pid = atol(argv[2]);
	if (enrolling > 0)
		live(drive, first, enrolling, true);
	for (first += enrolling; first < end && clock_mono_us() < ends_us;
	     first += now) {
		now = end - first < BATCH ? end - first : BATCH;
		live(drive, first, now, false);
	}
	print_figures(drive);
	free(drive);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "registry") == 0)
		enter(argv[2], strtoul(argv[3], NULL, 10));
	else if (argc == 9 && strcmp(argv[1], "agents") == 0)
		drive_all(argv + 2);
	else
		fail("usage: drive registry CONFIG COUNT\n       drive agents "
		     "PORT OTHER PID FIRST COUNT ENROL SECONDS");
	return 0;
}
