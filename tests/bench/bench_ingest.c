/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_ingest WHAT PORT PID SECONDS FOLDER [AGENTS [HALVES]]: load on the
 * server at that port of 127.0.0.1, whose process is PID: `reports`, signed, to
 * a collector, or the same facts as `lines` of influx to VictoriaMetrics,
 * FACTS_PROBES a request either way. Each phase lasts so many seconds: as much
 * as it takes, half of that (once, or HALVES times), and four times that.
 * Prints a line of figures a phase. Keys are kept in FOLDER.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/http/httpsig.h"
#include "load.h"

#define AGENTS_MAX       400
#define CONNECTIONS      64
#define CONNECTIONS_OVER 1024
#define RATE_MAX         12000 /* requests a second that are prepared */
#define OVERLOAD         4

struct agent {
	struct facts_agent facts;
	struct facts_template template;
	struct sign_key *key;
};

/* A request that is ready but for its bytes. */
struct prepared {
	char id[REPORT_ID_SIZE];
	int64_t at_ms;
	struct httpsig_headers signature; /* reports only */
};

struct bench {
	bool is_lines;
	uint16_t port;
	long pid;
	int64_t run_us;
	size_t nagents;
	size_t halves; /* phases */
	struct agent agents[AGENTS_MAX];
	size_t told; /* requests so far: whose turn it is */
	struct prepared *prepared;
	size_t nprepared;
	size_t accepted;
};

static void fail(const char *what)
{
	fprintf(stderr, "bench_ingest: %s\n", what);
	exit(1);
}

/* --- agents --- */

static void write_request(struct buf *out, const char *method, const char *path,
    const struct httpsig_headers *signature, size_t length)
{
	buf_printf(out, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
	if (signature != NULL)
		buf_printf(out,
		    "Content-Digest: %s\r\nSignature-Input: %s\r\n"
		    "Signature: %s\r\n",
		    signature->content_digest, signature->signature_input,
		    signature->signature);
	if (length > 0)
		buf_printf(out,
		    "Content-Type: application/json\r\n"
		    "Content-Length: %zu\r\n",
		    length);
}

static void sign(const struct agent *agent, const char *keyid,
    const struct httpsig_request *request, struct httpsig_headers *headers)
{
	if (httpsig_sign(request, keyid, clock_wall_ms() / 1000, agent->key,
		headers) < 0)
		fail("signing");
}

/* The text of a member of a flat reply. */
static void take_text(
    const struct buf *reply, const char *key, char *out, size_t size)
{
	const char *at = strstr(reply->data, key);

	if (at == NULL)
		fail(reply->data);
	at = strchr(at + strlen(key), ':') + 1;
	at += strspn(at, " \"");
	snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static void enrol(struct bench *bench, struct agent *agent)
{
	struct httpsig_request message = {
	    .method = "POST", .path = "/v1/agents"};
	struct buf request = {0}, reply = {0}, body = {0};
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char text[BASE64_SIZE(SIGN_PUBLIC_SIZE)];
	struct httpsig_headers headers;

	sign_key_public(agent->key, public_key);
	base64_encode(public_key, sizeof(public_key), text);
	buf_printf(&body, "{\"public_key\":\"%s\"}", text);
	message.body = body.data;
	message.body_length = body.length;
	sign(agent, "enrol", &message, &headers);
	write_request(&request, "POST", "/v1/agents", &headers, body.length);
	buf_printf(&request, "X-Forwarded-For: 198.18.%zu.%zu\r\n\r\n%s",
	    agent->facts.number / 10, agent->facts.number % 10 + 1, body.data);
	if (load_ask(bench->port, &request, &reply) != 200)
		fail(reply.data != NULL ? reply.data : "no enrolment");
	take_text(
	    &reply, "\"agent\"", agent->facts.id, sizeof(agent->facts.id));
	buf_free(&request);
	buf_free(&reply);
	buf_free(&body);
}

/* Each agent is seen at an address of its own, which its proof is for. */
static void ask_whoami(struct bench *bench, struct agent *agent)
{
	struct httpsig_request message = {
	    .method = "GET", .path = "/v1/whoami", .body = ""};
	struct buf request = {0}, reply = {0};
	struct source_seen *source = &agent->facts.source;
	struct httpsig_headers headers;
	char address[ADDR_TEXT_SIZE];

	sign(agent, agent->facts.id, &message, &headers);
	write_request(&request, "GET", "/v1/whoami", &headers, 0);
	buf_printf(&request, "X-Forwarded-For: 198.18.%zu.%zu\r\n\r\n",
	    agent->facts.number / 10, agent->facts.number % 10 + 1);
	if (load_ask(bench->port, &request, &reply) != 200)
		fail(reply.data != NULL ? reply.data : "no proof");
	take_text(&reply, "\"address\"", address, sizeof(address));
	take_text(&reply, "\"proof\"", source->proof, sizeof(source->proof));
	addr_parse(&source->address, address);
	buf_free(&request);
	buf_free(&reply);
}

static void set_up_agent(
    struct bench *bench, struct agent *agent, const char *folder)
{
	char path[300];
	struct err err;

	snprintf(path, sizeof(path), "%s/%zu.pem", folder, agent->facts.number);
	if (sign_key_load_or_make(path, &agent->key, &err) < 0)
		fail(err.text);
	enrol(bench, agent);
	ask_whoami(bench, agent);
	if (!facts_write_report(&agent->facts, &agent->template))
		fail("no memory");
}

static void set_up(struct bench *bench, const char *folder)
{
	struct agent *agent;
	size_t i;

	for (i = 0; i < bench->nagents; i++) {
		agent = &bench->agents[i];
		agent->facts.number = i;
		if (!bench->is_lines) {
			set_up_agent(bench, agent, folder);
			continue;
		}
		snprintf(agent->facts.id, sizeof(agent->facts.id), "%032zx",
		    i * 0x9e3779b97f4a7c15u);
		if (!facts_write_lines(&agent->facts, &agent->template))
			fail("no memory");
	}
}

/* --- requests --- */

static struct agent *agent_of(struct bench *bench, size_t number)
{
	return &bench->agents[(bench->told + number) % bench->nagents];
}

/* Signed before the phase: an agent does that on its own machine. */
static void prepare(struct bench *bench, size_t count)
{
	struct httpsig_request message = {
	    .method = "POST", .path = "/v1/reports"};
	struct prepared *prepared = calloc(count, sizeof(*prepared));
	size_t i;

	if (prepared == NULL)
		fail("no memory");
	free(bench->prepared);
	bench->told += bench->nprepared;
	bench->prepared = prepared;
	bench->nprepared = count;
	for (i = 0; i < count; i++, prepared++) {
		struct agent *agent = agent_of(bench, i);

		prepared->at_ms = clock_wall_ms();
		uuid7(prepared->at_ms, prepared->id);
		if (bench->is_lines)
			continue;
		facts_renew(&agent->template, prepared->at_ms, prepared->id);
		message.body = agent->template.bytes.data;
		message.body_length = agent->template.bytes.length;
		sign(agent, agent->facts.id, &message, &prepared->signature);
	}
}

static void make_request(void *arg, size_t number, struct buf *request)
{
	struct bench *bench = arg;
	struct agent *agent = agent_of(bench, number);
	struct prepared *prepared = &bench->prepared[number];
	struct facts_template *template = &agent->template;

	facts_renew(template, prepared->at_ms, prepared->id);
	write_request(request, "POST",
	    bench->is_lines ? "/write" : "/v1/reports",
	    bench->is_lines ? NULL : &prepared->signature,
	    template->bytes.length);
	buf_append_text(request, "\r\n");
	buf_append(request, template->bytes.data, template->bytes.length);
}

/* --- the server's process --- */

struct server_cost {
	double cpu_s;
	long rss_kb, rss_most_kb;
};

static long read_status(long pid, const char *key)
{
	char path[64], line[256];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key) + 1, NULL, 10);
	if (file != NULL)
		fclose(file);
	return value;
}

static void read_cost(long pid, struct server_cost *cost)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "re");
	if (file == NULL ||
	    fscanf(file,
		"%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
		"%lu %lu",
		&user, &system) != 2)
		fail("the server is gone");
	fclose(file);
	cost->cpu_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
	cost->rss_kb = read_status(pid, "VmRSS:");
	cost->rss_most_kb = read_status(pid, "VmHWM:");
}

/* --- phases --- */

static double rate_of(const struct load_result *result)
{
	return (double)result->accepted * 1e6 / (double)result->took_us;
}

static void print_phase(const char *name, const struct load_result *result,
    const struct server_cost *before, const struct server_cost *after)
{
	double facts = (double)(result->accepted * FACTS_PROBES);

	printf("phase=%s sent=%zu accepted=%zu told_later=%zu failed=%zu "
	       "facts_s=%.0f cpu_us=%.3f cpu_share=%.2f p50_ms=%.1f "
	       "p99_ms=%.1f longest_ms=%.1f rss_mb=%.1f rss_most_mb=%.1f\n",
	    name, result->sent, result->accepted, result->told_later,
	    result->failed, rate_of(result) * FACTS_PROBES,
	    (after->cpu_s - before->cpu_s) * 1e6 / (facts > 0 ? facts : 1),
	    (after->cpu_s - before->cpu_s) * 1e6 / (double)result->took_us,
	    (double)result->p50_us / 1000, (double)result->p99_us / 1000,
	    (double)result->longest_us / 1000, (double)after->rss_kb / 1024,
	    (double)after->rss_most_kb / 1024);
	fflush(stdout);
}

/* The rate that it took, in requests a second. */
static double run_phase(struct bench *bench, const char *name, double rate,
    size_t connections, size_t count)
{
	struct load_plan plan = {
	    .port = bench->port,
	    .connections = connections,
	    .count_max = count,
	    .run_us = bench->run_us,
	    .rate = rate,
	    .from_due = connections == CONNECTIONS,
	    .make = make_request,
	    .arg = bench,
	};
	struct server_cost before, after;
	struct load_result result;

	prepare(bench, count);
	read_cost(bench->pid, &before);
	if (load_run(&plan, &result) < 0)
		fail("no connection");
	read_cost(bench->pid, &after);
	bench->accepted += result.accepted;
	print_phase(name, &result, &before, &after);
	return rate_of(&result);
}

static void run_all(struct bench *bench)
{
	double seconds = (double)bench->run_us / 1e6, most;
	size_t i;

	run_phase(bench, "first", 0, CONNECTIONS, bench->nagents);
	most = run_phase(
	    bench, "full", 0, CONNECTIONS, (size_t)(seconds * RATE_MAX / 2));
	for (i = 0; i < bench->halves; i++)
		run_phase(bench, "half", most / 2, CONNECTIONS,
		    (size_t)(seconds * most / 2) + 1);
	run_phase(bench, "over", most * OVERLOAD, CONNECTIONS_OVER,
	    (size_t)(seconds * most * OVERLOAD) + 1);
	printf("accepted=%zu body_bytes=%zu\n", bench->accepted,
	    bench->agents[1].template.bytes.length);
}

int main(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	size_t i;

	if (argc < 6 || argc > 8 || bench == NULL)
		fail("usage: bench_ingest reports|lines PORT PID SECONDS "
		     "FOLDER [AGENTS [HALVES]]");
	bench->nagents = argc > 6 ? strtoul(argv[6], NULL, 10) : AGENTS_MAX;
	if (bench->nagents < 2 || bench->nagents > AGENTS_MAX)
		fail("2 to 400 agents");
	bench->halves = argc > 7 ? strtoul(argv[7], NULL, 10) : 1;
	bench->is_lines = strcmp(argv[1], "lines") == 0;
	bench->port = (uint16_t)atoi(argv[2]);
	bench->pid = atol(argv[3]);
	bench->run_us = (int64_t)(atof(argv[4]) * 1e6);
	set_up(bench, argv[5]);
	run_all(bench);
	for (i = 0; i < bench->nagents; i++) {
		facts_free(&bench->agents[i].template);
		sign_key_free(bench->agents[i].key);
	}
	free(bench->prepared);
	free(bench);
	return 0;
}
