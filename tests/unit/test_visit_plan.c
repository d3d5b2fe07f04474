/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/visit_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/words.h"
#include "tests/unit/rows.h"

/*
 * A simulated address: what each port does, "PORT=WORD@TTL", several words
 * with "," for one attempt after the other (the last one stays), TTL the
 * distance of its answer (5 where not said). The plan is run against it and
 * what it did is written down: "25" a probe of port 25, "t25" a trace, "n25"
 * the near check, "25+" a probe that began beside a silent one, "25x" one
 * that was called back.
 */
static const struct row {
	const char *name;
	const char *ports;
	enum trace_when trace;
	const char *expected;
} rows[] = {
    {"all is well: the control's distance, and a look just before it",
	"443=open 25=done 587=done", TRACE_AUTO, "443 25 587 t443 n25 n587"},
    {"nothing is traced where that is not wanted", "443=open 25=timeout",
	TRACE_NEVER, "443 25 25"},
    {"a timeout is tried twice, then both paths are traced",
	"443=open 25=timeout", TRACE_AUTO, "443 25 25 t443 t25"},
    {"a refusal is tried twice and traced", "443=open 25=refused", TRACE_AUTO,
	"443 25 25 t443 t25"},
    {"a control that refuses is tried once and is a control",
	"443=refused 25=timeout", TRACE_AUTO, "443 25 25 t443 t25"},
    {"a rejected greeting is never tried again", "443=open 25=554", TRACE_AUTO,
	"443 25 t443 n25"},
    {"a missing STARTTLS is looked at three times", "443=open 25=bare",
	TRACE_AUTO, "443 25 25 25 t443 t25"},
    {"STARTTLS that comes the second time is done", "443=open 25=bare,done",
	TRACE_AUTO, "443 25 25 t443 n25"},
    {"a reset after the handshake is tried three times", "443=open 25=reset",
	TRACE_AUTO, "443 25 25 25 t443 t25"},
    {"silence after the handshake is waited out once", "443=open 25=silent",
	TRACE_AUTO, "443 25 t443 t25"},
    {"without a control, 587 is held against 25", "25=timeout 587=done",
	TRACE_AUTO, "25 587+ 25x 25 25 t25 t587"},
    {"silent ports wait beside each other, not in a row",
	"443=open 25=timeout 587=timeout 465=timeout", TRACE_AUTO,
	"443 25 587+ 465+ 25+ 587+ 465+ t443 t25 t587 t465"},
    {"where nothing answers a control is traced all the same",
	"443=timeout 25=timeout", TRACE_AUTO, "443 25+ 443+ 25+ t443 t25"},
    {"no route is not tried again nor traced", "443=noroute 25=noroute",
	TRACE_AUTO, "443 25"},
    {"what the host denies is not traced", "443=open 25=denied", TRACE_AUTO,
	"443 25 t443"},
    {"an answer just before the endpoint is traced from the start",
	"443=open 25=done@4", TRACE_AUTO, "443 25 t443 n25 t25"},
    {"always means every asked port and a control", "443=open 25=done 587=done",
	TRACE_ALWAYS, "443 25 587 t443 t25 t587"},
    {"a portal that takes 25 and 443 alike makes us look at 587",
	"443=open@2 25=silent@2 587=done@5", TRACE_AUTO,
	"443 25 587 t443 t25 t587"},
    {"one that passes and one that vanishes: ten tries each",
	"443=open 25=timeout,done,timeout,timeout", TRACE_AUTO,
	"443 25 25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"t443 n25"},
};

struct simulated {
	uint16_t number;
	char words[8][16];
	size_t nwords, at;
	int ttl;
	bool running;
	int64_t ends_us;
	struct probe_seen result;
};

struct world {
	struct simulated ports[8];
	size_t count;
	int64_t now_us;
	char log[1000];
};

static const struct behaviour {
	const char *word;
	enum stage ended;
	enum failure failure;
	int64_t lasts_us;
} behaviours[] = {
    {"open", STAGE_CONNECT, FAILURE_NONE, 10000},
    {"done", STAGE_DONE, FAILURE_NONE, 50000},
    {"timeout", STAGE_CONNECT, FAILURE_TIMEOUT, 3500000},
    {"refused", STAGE_CONNECT, FAILURE_REFUSED, 10000},
    {"noroute", STAGE_CONNECT, FAILURE_NO_ROUTE, 0},
    {"denied", STAGE_CONNECT, FAILURE_DENIED, 0},
    {"554", STAGE_BANNER, FAILURE_REJECTED, 50000},
    {"bare", STAGE_STARTTLS, FAILURE_NO_STARTTLS, 50000},
    {"reset", STAGE_BANNER, FAILURE_RESET, 50000},
    {"silent", STAGE_BANNER, FAILURE_TIMEOUT, 30000000},
};

static const struct behaviour *behaviour_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++)
		if (strcmp(behaviours[i].word, word) == 0)
			return &behaviours[i];
	fail_msg("no such word: %s", word);
	return NULL;
}

static void read_port(struct world *world, char *text)
{
	struct simulated *port = &world->ports[world->count++];
	char *word, *save = NULL, *at = strchr(text, '@');

	port->ttl = at != NULL ? atoi(at + 1) : 5;
	if (at != NULL)
		*at = '\0';
	port->number = (uint16_t)atoi(text);
	word = strtok_r(strchr(text, '=') + 1, ",", &save);
	for (; word != NULL; word = strtok_r(NULL, ",", &save))
		strcpy(port->words[port->nwords++], word);
}

static void read_world(struct world *world, const char *text,
    struct port_list *asked, struct port_list *control)
{
	char copy[300], *save = NULL, *token;
	struct port_list *list;
	size_t i;

	memset(world, 0, sizeof(*world));
	memset(asked, 0, sizeof(*asked));
	memset(control, 0, sizeof(*control));
	snprintf(copy, sizeof(copy), "%s", text);
	for (token = strtok_r(copy, " ", &save); token != NULL;
	     token = strtok_r(NULL, " ", &save))
		read_port(world, token);
	for (i = 0; i < world->count; i++) {
		list = world->ports[i].number == 443 ? control : asked;
		list->port[list->count] = world->ports[i].number;
		list->mode[list->count++] = (uint8_t)port_mode_default(
		    world->ports[i].number);
	}
}

static void note(
    struct world *world, const char *before, uint16_t port, const char *after)
{
	size_t length = strlen(world->log);

	assert_true(length + 20 < sizeof(world->log));
	sprintf(world->log + length, "%s%s%u%s", length ? " " : "", before,
	    port, after);
}

static bool is_running(const struct world *world)
{
	size_t i;

	for (i = 0; i < world->count; i++)
		if (world->ports[i].running)
			return true;
	return false;
}

static void begin(
    struct world *world, const struct visit_port *asked, size_t index)
{
	struct simulated *port = &world->ports[index];
	const struct behaviour *behaviour = behaviour_of(port->words[port->at]);

	if (asked->hasty && behaviour->ended > STAGE_CONNECT)
		behaviour = behaviour_of("open");
	note(world, "", port->number, is_running(world) ? "+" : "");
	port->running = true;
	port->ends_us = world->now_us + behaviour->lasts_us;
	if (asked->hasty && behaviour->lasts_us > 900000)
		port->ends_us = world->now_us + 900000;
	probe_seen_init(&port->result, port->number, asked->mode);
	port->result.ended = behaviour->ended;
	port->result.failure = behaviour->failure;
}

static bool stands(const struct simulated *port)
{
	return port->result.ended > STAGE_CONNECT ||
	       port->result.failure == FAILURE_NONE;
}

static void call_back(struct world *world, uint64_t bits)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		if ((bits & ((uint64_t)1 << i)) == 0)
			continue;
		assert_true(world->ports[i].running);
		world->ports[i].running = false;
		note(world, "", world->ports[i].number, "x");
	}
}

/* The next probe that ends, ends: if it ends before `until_us`. */
static void pass_time(
    struct world *world, struct visit_plan *plan, int64_t until_us)
{
	struct simulated *first = NULL;
	size_t i, index = 0;

	for (i = 0; i < world->count; i++)
		if (world->ports[i].running &&
		    (first == NULL ||
			world->ports[i].ends_us < first->ends_us)) {
			first = &world->ports[i];
			index = i;
		}
	if (first == NULL || (until_us != 0 && until_us < first->ends_us)) {
		assert_true(until_us > world->now_us);
		world->now_us = until_us;
		return;
	}
	world->now_us = first->ends_us;
	first->running = false;
	if (first->at + 1 < first->nwords)
		first->at++;
	visit_plan_probed(plan, index, &first->result, world->now_us);
}

static void trace(struct world *world, struct visit_plan *plan, size_t index)
{
	struct visit_port *port = &plan->ports[index];
	struct simulated *simulated = &world->ports[index];
	struct path_seen path = {.port = port->port};

	note(world, port->trace_min_ttl > 1 ? "n" : "t", port->port, "");
	path.reached = port->passed > 0 || port->failure == FAILURE_REFUSED;
	if (port->trace_min_ttl > 1)
		path.reached = simulated->ttl <= port->trace_min_ttl;
	path.answer_ttl = path.reached ? simulated->ttl : OBSERVE_ABSENT;
	visit_plan_traced(plan, index, &path);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct target_seen target = {0};
	struct port_list asked, control;
	struct visit_plan plan;
	struct world world;
	int steps;

	read_world(&world, row->ports, &asked, &control);
	visit_plan_init(&plan, &asked, &control, row->trace, &target);
	for (steps = 0; steps < 500; steps++) {
		struct visit_order order = visit_plan_next(&plan, world.now_us);

		if (order.step == VISIT_DONE)
			break;
		if (order.step == VISIT_PROBE) {
			begin(&world, &plan.ports[order.port], order.port);
			if (stands(&world.ports[order.port]))
				call_back(
				    &world, visit_plan_standing(&plan,
						order.port, world.now_us));
		} else if (order.step == VISIT_TRACE) {
			trace(&world, &plan, order.port);
		} else {
			pass_time(&world, &plan, order.wake_us);
		}
	}
	assert_true(steps < 500);
	assert_string_equal(world.log, row->expected);
	assert_true(world.now_us < 60000000);
	target_seen_free(&target);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("visit_plan", &list);
}
