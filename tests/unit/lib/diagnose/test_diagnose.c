/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/diagnose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

/*
 * A target as text: attempts "PORT=WORD" with an optional "*N" (N times), and
 * paths "PORT:HOPS", a letter a hop: p a private router, r a public one, - a
 * silent one, e one that answers in the endpoint's name; and at the end S for
 * SYN-ACK, R for RST, I for ICMP prohibited at that TTL. Words are those below,
 * some with a suffix: "icmp13@2" is ICMP code 13 from hop 2 (@p2: from
 * a private one, @0: from the endpoint), "done+a/k" a greeting by host a with
 * key k.
 */
static const struct word {
	const char *word;
	enum stage ended;
	enum failure failure;
} words[] = {
    {"done", STAGE_DONE, FAILURE_NONE},
    {"open", STAGE_CONNECT, FAILURE_NONE},
    {"late", STAGE_CONNECT, FAILURE_NONE},
    {"timeout", STAGE_CONNECT, FAILURE_TIMEOUT},
    {"refused", STAGE_CONNECT, FAILURE_REFUSED},
    {"icmp", STAGE_CONNECT, FAILURE_UNREACHABLE},
    {"denied", STAGE_CONNECT, FAILURE_DENIED},
    {"noroute", STAGE_CONNECT, FAILURE_NO_ROUTE},
    {"unresolved", STAGE_RESOLVE, FAILURE_RESOLVE},
    {"554", STAGE_BANNER, FAILURE_REJECTED},
    {"ehlo450", STAGE_EHLO, FAILURE_REJECTED},
    {"bare", STAGE_STARTTLS, FAILURE_NO_STARTTLS},
    {"masked", STAGE_STARTTLS, FAILURE_NO_STARTTLS},
    {"starttls454", STAGE_STARTTLS, FAILURE_REJECTED},
    {"starttlsreset", STAGE_STARTTLS, FAILURE_RESET},
    {"starttlssilent", STAGE_STARTTLS, FAILURE_TIMEOUT},
    {"reset", STAGE_BANNER, FAILURE_RESET},
    {"silent", STAGE_BANNER, FAILURE_TIMEOUT},
    {"ehlosilent", STAGE_EHLO, FAILURE_TIMEOUT},
    {"closed", STAGE_BANNER, FAILURE_CLOSED},
    {"garbage", STAGE_BANNER, FAILURE_PROTOCOL},
    {"tlssilent", STAGE_TLS, FAILURE_TIMEOUT},
    {"tlsfail", STAGE_TLS, FAILURE_TLS},
};

static struct addr address_of(const char *text)
{
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	return addr;
}

static struct addr hop_address(char kind, int ttl)
{
	char text[32];

	snprintf(text, sizeof(text),
	    kind == 'p' ? "192.168.1.%d" : "198.51.100.%d", ttl);
	return address_of(text);
}

static const struct word *find_word(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].word) == length &&
		    strncmp(words[i].word, text, length) == 0)
			return &words[i];
	fail_msg("no such word: %.*s", (int)length, text);
	return NULL;
}

static void read_icmp(struct probe_seen *probe, const char *text,
    const struct target_seen *target)
{
	char kind = 'r';
	int code = 0, hop = 0;

	if (sscanf(text, "icmp%d@%d", &code, &hop) != 2 &&
	    sscanf(text, "icmp%d@%c%d", &code, &kind, &hop) != 3)
		fail_msg("bad icmp: %s", text);
	probe->icmp.type = 3;
	probe->icmp.code = code;
	probe->icmp.from = hop ? hop_address(kind, hop) : target->address;
}

static void read_identity(struct probe_seen *probe, const char *text)
{
	const char *plus = strchr(text, '+'), *slash = strchr(text, '/');

	if (plus != NULL)
		snprintf(probe->smtp.name, sizeof(probe->smtp.name), "%.1s",
		    plus + 1);
	if (slash != NULL) {
		probe->tls.has_spki = true;
		probe->tls.spki_sha256[0] = (uint8_t)slash[1];
	}
}

static void read_probe(struct target_seen *target, const char *text)
{
	char *value;
	struct probe_seen probe;
	uint16_t port = (uint16_t)strtoul(text, &value, 10);
	const char *star = strchr(text, '*');
	int times = star ? atoi(star + 1) : 1;
	const struct word *word;

	value++;
	probe_seen_init(&probe, port, port_mode_default(port));
	word = find_word(
	    value, strncmp(value, "icmp", 4) == 0 ? 4 : strcspn(value, "*+/"));
	probe.ended = word->ended;
	probe.failure = word->failure;
	if (probe.ended >= STAGE_CONNECT && probe.failure != FAILURE_TIMEOUT)
		probe.us[STAGE_CONNECT] = strcmp(word->word, "late") == 0
					      ? 1020000
					      : 1000;
	if (probe.failure == FAILURE_UNREACHABLE)
		read_icmp(&probe, value, target);
	if (strncmp(value, "masked", 6) == 0)
		strcpy(probe.smtp.caps[probe.smtp.ncaps++], "XXXXXXXA");
	if (probe.ended > STAGE_STARTTLS ||
	    (probe.ended == STAGE_STARTTLS &&
		probe.failure != FAILURE_NO_STARTTLS))
		strcpy(probe.smtp.caps[probe.smtp.ncaps++], "STARTTLS");
	read_identity(&probe, value);
	while (times-- > 0)
		assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

static void read_path(struct target_seen *target, const char *text)
{
	struct path_seen path = {.answer_ttl = OBSERVE_ABSENT};
	char *kinds;
	int ttl;

	path.port = (uint16_t)strtoul(text, &kinds, 10);
	kinds++;
	for (ttl = 1; kinds[ttl - 1] != '\0'; ttl++) {
		char kind = kinds[ttl - 1];

		if (strchr("SRI", kind) != NULL) {
			path.answer = kind == 'S'   ? ANSWER_SYN_ACK
				      : kind == 'R' ? ANSWER_RST
						    : ANSWER_ICMP;
			path.reached = kind != 'I';
			path.answer_ttl = ttl;
			break;
		}
		path.hops[path.nhops].ttl = ttl;
		if (kind == 'e')
			path.hops[path.nhops].address = target->address;
		else if (kind != '-')
			path.hops[path.nhops].address = hop_address(kind, ttl);
		path.nhops++;
	}
	assert_int_equal(target_seen_add_path(target, &path), 0);
}

static void read_target(
    struct target_seen *target, const char *text, size_t index)
{
	char copy[512], address[32], *save = NULL, *token;

	memset(target, 0, sizeof(*target));
	snprintf(copy, sizeof(copy), "%s", text);
	snprintf(address, sizeof(address), "203.0.113.%zu", index + 1);
	strcpy(target->endpoint, "example");
	strcpy(target->host, "mx.example.net");
	target->family = 4;
	if (strstr(text, "unresolved") == NULL)
		target->address = address_of(address);
	for (token = strtok_r(copy, " ", &save); token != NULL;
	     token = strtok_r(NULL, " ", &save)) {
		if (strchr(token, '=') != NULL)
			read_probe(target, token);
		else
			read_path(target, token);
	}
}

/* "outcome/mechanism where after_hop [signs] [plaintext]" */
static void describe(const struct diagnosis *d, char *text, size_t size)
{
	int bit;

	snprintf(text, size, "%s/%s", outcome_word(d->outcome),
	    mechanism_word(d->mechanism));
	if (d->where != WHERE_NONE)
		snprintf(text + strlen(text), size - strlen(text), " %s %d",
		    where_word(d->where), d->after_hop);
	for (bit = 0; bit < 5; bit++)
		if (d->signs & (1u << bit))
			snprintf(text + strlen(text), size - strlen(text),
			    " ~%s", soft_sign_word(1u << bit));
	if (d->plaintext)
		snprintf(
		    text + strlen(text), size - strlen(text), " plaintext");
}

enum known { NOTHING, STARTTLS = 1, KEY_K = 2 };

/* The diagnosis of port 25 of the first target (587 where it has no 25). */
static const struct row {
	const char *name;
	const char *targets[3];
	unsigned known;
	const char *expected;
} rows[] = {
#include "tests/unit/lib/diagnose/diagnose_rows.inc"
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct target_seen targets[3];
	struct endpoint_known known = {0};
	struct round_known round;
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	char text[200];
	size_t i;

	known.offers_starttls = (row->known & STARTTLS) != 0;
	if (row->known & KEY_K)
		known.spki_sha256[known.nspki++][0] = 'k';
	for (i = 0; i < 3 && row->targets[i] != NULL; i++)
		read_target(&targets[i], row->targets[i], i);
	round_know(&round, targets, i);
	assert_true(diagnose_target(&targets[0], &known, &round, found) > 0);
	describe(&found[0], text, sizeof(text));
	if (strcmp(text, row->expected) != 0)
		fail_msg(
		    "%s, not %s (%s)", text, row->expected, found[0].because);
	assert_true(found[0].because[0] != '\0');
	while (i-- > 0)
		target_seen_free(&targets[i]);
}

/* Whatever a probe and its control came to, and with whatever paths, the
 * diagnosis never convicts the network without a control that answered. */
static void never_without_control(void **state)
{
	static const char *const paths[] = {"", " 25:pr", " 25:pr 443:prr",
	    " 25:prR", " 25:prI", " 25:S", " 25:--"};
	struct target_seen target;
	struct round_known round;
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	char text[200];
	size_t word, path;

	(void)state;
	for (word = 2; word < 7; word++)
		for (path = 0; path < 7; path++) {
			snprintf(text, sizeof(text),
			    "25=%s%s*3 443=timeout*2%s", words[word].word,
			    words[word].failure == FAILURE_UNREACHABLE ? "13@2"
								       : "",
			    paths[path]);
			read_target(&target, text, 0);
			round_know(&round, &target, 1);
			diagnose_target(&target, NULL, &round, found);
			if (found[0].outcome == OUTCOME_FILTERED ||
			    found[0].outcome == OUTCOME_INTERCEPTED)
				fail_msg("%s is called %s", text,
				    outcome_word(found[0].outcome));
			target_seen_free(&target);
		}
}

static void many_ports(void **state)
{
	struct target_seen target;
	struct round_known round;
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	struct probe_seen probe;
	uint16_t port;

	(void)state;
	read_target(&target, "443=open", 0);
	for (port = 1; port < 60; port++) {
		probe_seen_init(&probe, port, MODE_STARTTLS);
		probe.failure = FAILURE_TIMEOUT;
		target_seen_add_probe(&target, &probe);
	}
	round_know(&round, &target, 1);
	assert_int_equal(diagnose_target(&target, NULL, &round, found),
	    DIAGNOSE_PORTS_MAX - 1);
	target_seen_free(&target);
}

#define CROWD 512

/* The processor's time for a whole round of such targets. */
static double seconds_for(struct target_seen *targets, size_t count)
{
	struct round_known round;
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	clock_t begin = clock();
	size_t i;

	round_know(&round, targets, count);
	for (i = 0; i < count; i++)
		diagnose_target(&targets[i], NULL, &round, found);
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* Each on ports and at an address of its own, so that none backs another. */
static void set_apart(struct target_seen *target, size_t index)
{
	size_t i;

	target->address.bytes[2] = (uint8_t)(index / 200);
	for (i = 0; i < target->nprobes; i++)
		target->probes[i].port += (uint16_t)(index * 100);
	for (i = 0; i < target->npaths; i++)
		target->paths[i].port += (uint16_t)(index * 100);
}

static void crowd(const char *text)
{
	struct target_seen *targets = calloc(CROWD, sizeof(*targets));
	double few = 1e9, all = 1e9, seconds;
	size_t i, turn;

	assert_non_null(targets);
	for (i = 0; i < CROWD; i++) {
		read_target(&targets[i], text, i % 200);
		set_apart(&targets[i], i);
	}
	for (turn = 0; turn < 5; turn++) {
		seconds = seconds_for(targets, CROWD / 8);
		few = seconds < few ? seconds : few;
		seconds = seconds_for(targets, CROWD);
		all = seconds < all ? seconds : all;
	}
	for (i = 0; i < CROWD; i++)
		target_seen_free(&targets[i]);
	free(targets);
	if (all > 24 * few)
		fail_msg("%.1f ms for %d, %.1f ms for an eighth of them",
		    all * 1000, CROWD, few * 1000);
}

static void crowd_silent(void **state)
{
	(void)state;
	crowd("25=timeout 587=timeout 465=timeout");
}

static void crowd_early(void **state)
{
	(void)state;
	crowd("25=done 443=open 25:pS 443:prrrrrrS");
}

/* An endpoint of more addresses than any has: none offers STARTTLS. */
static void many_siblings(void **state)
{
	struct endpoint_known known = {.offers_starttls = true};
	static struct target_seen targets[66];
	struct round_known round;
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < 66; i++)
		read_target(&targets[i], "25=bare*3 443=open", i);
	round_know(&round, targets, 65);
	diagnose_target(&targets[0], &known, &round, found);
	assert_int_equal(found[0].outcome, OUTCOME_INTERCEPTED);
	round_know(&round, targets, 66);
	diagnose_target(&targets[0], &known, &round, found);
	assert_int_equal(found[0].outcome, OUTCOME_REACHABLE);
	for (i = 0; i < 66; i++)
		target_seen_free(&targets[i]);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "without a control that answered nobody is convicted",
	    never_without_control);
	test_add(&list, "more ports than fit are passed over", many_ports);
	test_add(&list, "a round of silence costs by its length", crowd_silent);
	test_add(&list, "a round of early handshakes costs by its length",
	    crowd_early);
	test_add(&list, "65 siblings without STARTTLS are the pool's variety",
	    many_siblings);
	return test_run("diagnose", &list);
}
