/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/diagnose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

/*
 * A target as text: attempts "PORT=WORD" with an optional "*N" (N times), and
 * paths "PORT:HOPS", a letter a hop: p a private router, r a public one that
 * all targets share, b the r of two hops before, d one before this target
 * alone, v one of a tunnel, x one beside r, e one that answers in the
 * endpoint's name, c a translator that speaks for many, w one of another IPv4
 * network by the NAT64 of "@nat64", n one from an address
 * next to it, l a router that answered 1 of 6 looks, - a silent one, ? one that
 * was not asked; a digit behind it is the number of looks, else 4. At the end S
 * for SYN-ACK, R for RST, I for ICMP prohibited by router r at that TTL, T for
 * one in the endpoint's name;
 * "!" behind S: what followed a SYN was reset all the same at the TTL before,
 * ".": it was not. Words
 * are those below, some with a suffix: "icmp13@2" is ICMP code 13 from hop 2
 * (@p2: from a private one, @0: from the endpoint), "done+a/k" a greeting by
 * host a with key k, "done/k!" with a certificate that verifies, "done/k?" by
 * nobody who is trusted, "done/k=" by itself, "done/k;" one that is out of
 * date. "^left",
 * "^host" and "^noise" are what the host's counters say of a silent SYN, "^lo"
 * and "^nolo" whether the answer came over `lo`; "^alive" and "^cut" what the
 * peer did; "^own" is an ICMP error from the own address. "%right" is what a
 * beacon's receipt is worth; "%rightk" signs for key k.
 *
 * "@public", "@private": the own address; "@untraced"; "@servfail"; "@same":
 * another address of the first target's endpoint, "@second": of the second
 * one's; "@v6": over IPv6. Each other target has an owner and a network of its
 * own; but "@near": it is in the first one's /24 or /48, "@domain": its host is
 * of the first one's domain, "@as1": it is in AS 1, "@key": its receipts are
 * signed by the first one's key; "@beside": it is in the first one's /29,
 * "@lan": on the link of hop p1, "@self": this host's own, "@hidden": 0.0.0.0.
 * A target with receipts, or with "@beacon", is a beacon.
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
    {"vanished", STAGE_CONNECT, FAILURE_TIMEOUT},
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
    {"tlsbusy", STAGE_TLS, FAILURE_TLS},
    {"tlsreset", STAGE_TLS, FAILURE_RESET},
    {"tlsclosed", STAGE_TLS, FAILURE_CLOSED},
    {"ehlo502", STAGE_EHLO, FAILURE_REJECTED},
    {"tlsfirst", STAGE_DONE, FAILURE_NONE},
    {"plain", STAGE_STARTTLS, FAILURE_NO_STARTTLS},
};

static struct addr address_of(const char *text)
{
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	return addr;
}

static struct addr hop_address(
    char kind, int ttl, const struct target_seen *target)
{
	static const struct {
		char kind;
		const char *v4, *v6;
	} nets[] = {
	    {'p', "192.168.1.0", "fd00::"},
	    {'r', "198.51.100.0", "2001:db8:1::"},
	    {'l', "198.51.100.0", "2001:db8:1::"},
	    {'x', "198.51.101.0", "2001:db8:2::"},
	    {'v', "10.9.0.0", "fd09::"},
	};
	struct addr address = target->address;
	size_t i;

	for (i = 0; i < sizeof(nets) / sizeof(*nets); i++)
		if (nets[i].kind == kind) {
			address = address_of(
			    target->family == 4 ? nets[i].v4 : nets[i].v6);
			address.bytes[target->family == 4 ? 3 : 15] = (uint8_t)
			    ttl;
			return address;
		}
	if (kind == 'n')
		address.bytes[target->family == 4 ? 3 : 15] ^= 2;
	if (kind == 'd')
		address.bytes[1] ^= (uint8_t)ttl;
	if (kind == 'b')
		address = hop_address('r', ttl - 2, target);
	if (kind == 'w')
		address.bytes[13] ^= (uint8_t)ttl;
	if (kind == 'c')
		address = address_of("192.0.0.2");
	return address;
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
	probe->icmp.from = hop ? hop_address(kind, hop, target)
			       : target->address;
	if (target->family == 6) {
		probe->icmp.type = 1;
	}
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
		if (slash[2] == '!')
			probe->tls.verify = VERIFY_OK;
		if (slash[2] == '?')
			probe->tls.verify = VERIFY_UNTRUSTED;
		if (slash[2] == '=')
			probe->tls.verify = VERIFY_SELF_SIGNED;
		if (slash[2] == ';')
			probe->tls.verify = VERIFY_EXPIRED;
	}
}

/* What the host's counters and the peer say. */
static void read_witness(struct probe_seen *probe, const char *text)
{
	static const struct {
		const char *word;
		struct host_seen host;
		enum peer_seen peer;
	} marks[] = {
	    {"^left", {true, 2, 0, 0}, PEER_UNKNOWN},
	    {"^host", {true, 2, 2, 0}, PEER_UNKNOWN},
	    {"^noise", {true, 4, 2, 0}, PEER_UNKNOWN},
	    {"^lo", {true, 0, 0, 1}, PEER_UNKNOWN},
	    {"^nolo", {true, 0, 0, 0}, PEER_UNKNOWN},
	    {"^own", {false, 0, 0, 0}, PEER_UNKNOWN},
	    {"^alive", {false, 0, 0, 0}, PEER_ALIVE},
	    {"^cut", {false, 0, 0, 0}, PEER_CUT_OFF},
	};
	const char *mark = strchr(text, '^');
	size_t i, length;

	if (mark == NULL)
		return;
	length = strcspn(mark, "*");
	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strlen(marks[i].word) == length &&
		    strncmp(marks[i].word, mark, length) == 0) {
			probe->host = marks[i].host;
			probe->peer = marks[i].peer;
			probe->icmp.own = strncmp(mark, "^own", 4) == 0;
			return;
		}
	fail_msg("no such mark: %s", mark);
}

/* "%right" and so on: what the receipt of a beacon is worth. */
static void read_receipt(struct probe_seen *probe, const char *text)
{
	static const struct {
		const char *word, *client;
		enum receipt_worth worth;
		int hops;
		char key;
	} marks[] = {
	    {"right", "192.0.2.1", RECEIPT_RIGHT, 6},
	    {"rightk", "192.0.2.1", RECEIPT_RIGHT, 6, 'k'},
	    {"rightx", "192.0.2.1", RECEIPT_RIGHT, 6, 'x'},
	    {"near", "192.0.2.1", RECEIPT_RIGHT, 3},
	    {"elsewhere", "203.0.113.1", RECEIPT_RIGHT, 6},
	    {"pool", "192.0.2.9", RECEIPT_RIGHT, 6},
	    {"blind", "192.0.2.1", RECEIPT_RIGHT, 0},
	    {"missing", "", RECEIPT_MISSING, 0},
	    {"spoiled", "", RECEIPT_SPOILED, 0},
	    {"ehlo", "192.0.2.1", RECEIPT_OTHER_EHLO, 6},
	    {"nonce", "192.0.2.1", RECEIPT_OTHER_NONCE, 6},
	    {"port", "192.0.2.1", RECEIPT_OTHER_PORT, 6},
	    {"newkey", "", RECEIPT_UNKNOWN_KEY, 0},
	    {"stale", "192.0.2.1", RECEIPT_STALE, 6},
	    {"source", "203.0.113.1", RECEIPT_OTHER_SOURCE, 6},
	};
	const char *mark = strchr(text, '%');
	size_t i, length;

	if (mark++ == NULL)
		return;
	length = strcspn(mark, "*^");
	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strlen(marks[i].word) == length &&
		    strncmp(marks[i].word, mark, length) == 0) {
			probe->receipt.worth = marks[i].worth;
			probe->receipt.hops = marks[i].hops;
			probe->receipt.has_spki = marks[i].key != '\0';
			probe->receipt.spki_sha256[0] = (uint8_t)marks[i].key;
			addr_parse(&probe->receipt.client, marks[i].client);
			return;
		}
	fail_msg("no such receipt: %s", mark);
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
	word = find_word(value,
	    strncmp(value, "icmp", 4) == 0 ? 4 : strcspn(value, "*+/^%"));
	probe.ended = word->ended;
	probe.failure = word->failure;
	if (probe.ended >= STAGE_CONNECT && probe.failure != FAILURE_TIMEOUT)
		probe.us[STAGE_CONNECT] = strcmp(word->word, "late") == 0
					      ? 1020000
					      : 1000;
	if (strncmp(value, "vanished", 8) == 0)
		probe.us[STAGE_CONNECT] = 1900000;
	if (probe.failure == FAILURE_UNREACHABLE)
		read_icmp(&probe, value, target);
	if (strncmp(value, "masked", 6) == 0)
		strcpy(probe.smtp.caps[probe.smtp.ncaps++], "XXXXXXXA");
	if (probe.ended > STAGE_STARTTLS ||
	    (probe.ended == STAGE_STARTTLS &&
		probe.failure != FAILURE_NO_STARTTLS))
		strcpy(probe.smtp.caps[probe.smtp.ncaps++], "STARTTLS");
	if (strncmp(value, "tlsbusy", 7) == 0)
		probe.sys_errno = EBUSY;
	if (strncmp(value, "bare", 4) == 0)
		strcpy(probe.smtp.caps[probe.smtp.ncaps++], "SIZE");
	if (strncmp(value, "tlsfirst", 8) == 0)
		probe.mode = MODE_TLS;
	read_identity(&probe, value);
	read_witness(&probe, value);
	read_receipt(&probe, value);
	while (times-- > 0)
		assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

static void add_hop(struct path_seen *path, int ttl, char kind, int looks,
    const struct target_seen *target)
{
	struct hop_seen *hop = &path->hops[path->nhops++];

	hop->ttl = ttl;
	hop->us = OBSERVE_ABSENT;
	hop->asked = looks;
	if (kind == '-')
		return;
	hop->address = hop_address(kind, ttl, target);
	hop->answered = looks;
	if (kind == 'l') {
		hop->asked = 6;
		hop->answered = 1;
	}
}

static void read_path(struct target_seen *target, const char *text)
{
	struct path_seen path = {.answer_ttl = OBSERVE_ABSENT};
	char *at, kind;
	int ttl, looks;

	path.port = (uint16_t)strtoul(text, &at, 10);
	for (ttl = 1, at++; *at != '\0'; ttl++) {
		kind = *at++;
		looks = *at >= '1' && *at <= '9' ? *at++ - '0' : 4;
		if (strchr("SRIT", kind) != NULL) {
			path.answer = kind == 'S'   ? ANSWER_SYN_ACK
				      : kind == 'R' ? ANSWER_RST
						    : ANSWER_ICMP;
			path.reached = kind == 'S' || kind == 'R';
			if (!path.reached)
				path.answer_from = hop_address(
				    kind == 'I' ? 'r' : 'e', ttl, target);
			path.answer_ttl = ttl;
			if (*at == '!' || *at == '.') {
				path.limited_ttl = ttl - 1;
				path.limited_reset = *at == '!';
			}
			break;
		}
		if (kind != '?')
			add_hop(&path, ttl, kind, looks, target);
	}
	assert_int_equal(target_seen_add_path(target, &path), 0);
}

static void set_address(struct target_seen *target, size_t index, bool near)
{
	char address[32];

	if (target->family == 6)
		snprintf(address, sizeof(address), "2001:db8:%zx:%zx::1",
		    near ? 0x25 : 0x25 + (index << 8), near ? index : 0);
	else
		snprintf(address, sizeof(address), "203.0.%zu.%zu",
		    near ? 113 : (113 + index) % 256, index * 8 % 250 + 1);
	target->address = address_of(address);
}

static void read_mark(
    struct target_seen *target, const char *text, size_t index)
{
	if (strcmp(text, "@public") == 0)
		target->own_address = OWN_PUBLIC;
	else if (strcmp(text, "@private") == 0)
		target->own_address = OWN_PRIVATE;
	else if (strcmp(text, "@untraced") == 0)
		target->untraced = true;
	else if (strcmp(text, "@servfail") == 0)
		target->dns = DNS_SERVFAIL;
	else if (strcmp(text, "@same") == 0)
		strcpy(target->endpoint, "endpoint-0");
	else if (strcmp(text, "@second") == 0)
		strcpy(target->endpoint, "endpoint-1");
	else if (strcmp(text, "@nat64") == 0)
		target->address = address_of("64:ff9b::203.0.113.1");
	else if (strcmp(text, "@self") == 0)
		target->self = true;
	else if (strcmp(text, "@hidden") == 0)
		memset(target->address.bytes, 0, sizeof(target->address.bytes));
	else if (strcmp(text, "@beside") == 0)
		target->address = address_of("203.0.113.3");
	else if (strcmp(text, "@lan") == 0)
		target->address = address_of("192.168.1.50");
	else if (strcmp(text, "@near") == 0)
		set_address(target, index, true);
	else if (strcmp(text, "@domain") == 0)
		snprintf(target->host, sizeof(target->host),
		    "mx%zu.Owner-0.example", index);
	else if (strcmp(text, "@v6") != 0 && strcmp(text, "@key") != 0 &&
		 strcmp(text, "@beacon") != 0 && strncmp(text, "@as", 3) != 0)
		fail_msg("no such mark: %s", text);
}

static void read_target(
    struct target_seen *target, const char *text, size_t index)
{
	char copy[512], *save = NULL, *token;

	memset(target, 0, sizeof(*target));
	snprintf(copy, sizeof(copy), "%s", text);
	snprintf(
	    target->endpoint, sizeof(target->endpoint), "endpoint-%zu", index);
	snprintf(
	    target->host, sizeof(target->host), "mx.owner-%zu.example", index);
	target->family = strstr(text, "@v6") != NULL ? 6 : 4;
	if (strstr(text, "unresolved") == NULL)
		set_address(target, index, false);
	for (token = strtok_r(copy, " ", &save); token != NULL;
	     token = strtok_r(NULL, " ", &save)) {
		if (*token == '@')
			read_mark(target, token, index);
		else if (strchr(token, '=') != NULL)
			read_probe(target, token);
		else
			read_path(target, token);
	}
}

/* "outcome/mechanism where after>before [signs] [plaintext]" */
static void describe(const struct diagnosis *d, char *text, size_t size)
{
	int bit;

	snprintf(text, size, "%s/%s", outcome_word(d->outcome),
	    mechanism_word(d->mechanism));
	if (d->where != WHERE_NONE)
		snprintf(text + strlen(text), size - strlen(text), " %s",
		    where_word(d->where));
	if (d->after_hop != OBSERVE_ABSENT)
		snprintf(text + strlen(text), size - strlen(text), " %d",
		    d->after_hop);
	if (d->before_hop != OBSERVE_ABSENT)
		snprintf(text + strlen(text), size - strlen(text), ">%d",
		    d->before_hop);
	for (bit = 0; bit < SOFT_SIGNS; bit++)
		if (d->signs & (1u << bit))
			snprintf(text + strlen(text), size - strlen(text),
			    " ~%s", soft_sign_word(1u << bit));
	if (d->plaintext)
		snprintf(
		    text + strlen(text), size - strlen(text), " plaintext");
}

/* What is known of all endpoints of a row; ports 25, 587 and 465 are served. */
enum known {
	NOTHING,
	STARTTLS = 1,
	KEY_K = 2,
	SERVES = 4,
	PASSES = 8,
	KEYS = 16 /* of each another one: 0, 1, 2 */
};

static struct endpoint_known known_of(unsigned bits, size_t index)
{
	static const uint16_t ports[] = {25, 587, 465};
	struct endpoint_known known = {
	    .offers_starttls = (bits & STARTTLS) != 0,
	    .nserves = bits & SERVES ? 3 : 0,
	    .npasses = bits & PASSES ? 3 : 0,
	};

	memcpy(known.serves, ports, sizeof(ports));
	memcpy(known.passes, ports, sizeof(ports));
	if (bits & KEY_K)
		known.spki_sha256[known.nspki++][0] = 'k';
	if (bits & KEYS)
		known.spki_sha256[known.nspki++][0] = (uint8_t)('0' + index);
	return known;
}

/* What is known of one target of a row beyond that. */
static void know_beacon(
    struct endpoint_known *known, const char *text, size_t index)
{
	const char *as = strstr(text, "@as");
	bool twin = strstr(text, "@key") != NULL;

	if (as != NULL)
		known->asn = (uint32_t)atoi(as + 3);
	if (strchr(text, '%') != NULL || strstr(text, "@beacon") != NULL)
		known->receipt_keys[known->nreceipt_keys++][0] =
		    (uint8_t)(twin ? 0 : index);
}

#define TARGETS_MOST 3

/* The diagnosis of port 25 of the first target (587 if it has no 25). */
static const struct row {
	const char *name;
	const char *targets[TARGETS_MOST];
	unsigned known;
	const char *expected;
} rows[] = {
#include "tests/unit/lib/diagnose/diagnose_rows.inc"
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct target_seen targets[TARGETS_MOST];
	struct endpoint_known known[TARGETS_MOST];
	const struct endpoint_known *pointers[TARGETS_MOST] = {
	    &known[0], &known[1], &known[2]};
	struct round_known round;
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	char text[200];
	size_t i;

	for (i = 0; i < TARGETS_MOST && row->targets[i] != NULL; i++) {
		read_target(&targets[i], row->targets[i], i);
		known[i] = known_of(row->known, i);
		know_beacon(&known[i], row->targets[i], i);
	}
	assert_int_equal(round_know(&round, targets, i, pointers), 0);
	assert_true(diagnose_target(&round, 0, found) > 0);
	describe(&found[0], text, sizeof(text));
	if (strcmp(text, row->expected) != 0)
		fail_msg("%s, not %s (%s: %s)", text, row->expected,
		    found[0].rule, found[0].because);
	assert_true(found[0].because[0] != '\0' && found[0].rule != NULL);
	round_free(&round);
	while (i-- > 0)
		target_seen_free(&targets[i]);
}

/* However a port and its control ended, and with whatever paths, the diagnosis
 * never convicts the network if no control answered and no packets went
 * farther. */
static void never_without_control(void **state)
{
	static const char *const paths[] = {"", " 25:pr--", " 25:pr- 443:pr-",
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
			assert_int_equal(
			    round_know(&round, &target, 1, NULL), 0);
			diagnose_target(&round, 0, found);
			if (found[0].outcome == OUTCOME_FILTERED ||
			    found[0].outcome == OUTCOME_INTERCEPTED)
				fail_msg("%s is called %s", text,
				    outcome_word(found[0].outcome));
			round_free(&round);
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
	assert_int_equal(round_know(&round, &target, 1, NULL), 0);
	assert_int_equal(
	    diagnose_target(&round, 0, found), DIAGNOSE_PORTS_MAX - 1);
	round_free(&round);
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

	assert_int_equal(round_know(&round, targets, count, NULL), 0);
	for (i = 0; i < count; i++)
		diagnose_target(&round, i, found);
	round_free(&round);
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
	return test_run("diagnose", &list);
}
