/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/probe.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/net/tls.h"
#include "lib/base/clock.h"
#include "lib/report/words.h"
#include "tests/support/pki.h"
#include "tests/support/rows.h"
#include "tests/support/server.h"

#define SHORT_MS  400  /* patience where it shall end */
#define LONG_MS   5000 /* where it shall not, on a busy machine */
#define GROWTH_KB (48 * 1024)

/* What all tests use: it is the same for each. */
static struct pki_pair own;
static struct ssl_ctx_st *server_tls;

struct run {
	struct event_base *base;
	struct ssl_ctx_st *tls;
	struct probe_seen seen;
	struct addr local;
	int connected, done;
};

static void on_connected(void *arg)
{
	struct run *run = arg;

	assert_int_equal(run->done, 0);
	run->connected++;
}

static void on_done(
    void *arg, const struct probe_seen *seen, const struct addr *local)
{
	struct run *run = arg;

	run->seen = *seen;
	run->local = *local;
	run->done++;
}

static void run_setup(struct run *run)
{
	struct err err;

	memset(run, 0, sizeof(*run));
	run->base = event_base_new();
	assert_non_null(run->base);
	assert_int_equal(tls_probe_context(&run->tls, &err), 0);
}

static void run_teardown(struct run *run)
{
	tls_context_free(run->tls);
	event_base_free(run->base);
}

static struct probe *start(struct run *run, const struct server *server,
    enum port_mode mode, const char *ehlo, int patience_ms)
{
	struct probe_request request = {.address = server->address,
	    .port = server->port,
	    .mode = mode,
	    .host = "mx.example.net",
	    .ehlo = ehlo,
	    .connect_ms = patience_ms,
	    .banner_ms = patience_ms,
	    .reply_ms = patience_ms,
	    .total_ms = 2 * patience_ms,
	    .tls = run->tls};
	struct probe *probe = probe_start(
	    run->base, &request, on_connected, on_done, run);

	assert_non_null(probe);
	assert_int_equal(run->done, 0);
	return probe;
}

/* Else what the sanitizer keeps of freed memory hides what we do not free. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8";
}

static long resident_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

#define GREETING    "220 mx.example.net ESMTP\r\n"
#define EHLO        "250-mx.example.net\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
#define GO          "220 go ahead\r\n"
#define EHLO_TLS    "250-mx.example.net\r\n250 AUTH PLAIN\r\n"
#define BYE         "221 bye\r\n"
#define HELLOS      "\x16\x03\x03\0\4\0\0\0\0" /* HelloRequest, for ever */
#define EIGHT(text) text text text text text text text text
#define WHOLE                                                      \
	{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO}, \
	    {SERVER_HEAR}, {SERVER_SAY, GO}, {SERVER_TLS},         \
	{                                                          \
		SERVER_HEAR                                        \
	}

static const struct script_row {
	const char *name;
	enum port_mode mode;
	struct server_step steps[SERVER_STEPS_MAX];
	enum stage ended;
	enum failure failure;
	const char *said; /* NULL: what a race decides */
	int sys_errno;
} script_rows[] = {
    {"a whole conversation with STARTTLS", MODE_STARTTLS,
	{WHOLE, {SERVER_SAY, EHLO_TLS}, {SERVER_HEAR}, {SERVER_SAY, BYE}},
	STAGE_DONE, FAILURE_NONE, "EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},
    {"the same in segments of one byte", MODE_STARTTLS,
	{{SERVER_DRIP, GREETING}, {SERVER_HEAR}, {SERVER_DRIP, EHLO},
	    {SERVER_HEAR}, {SERVER_DRIP, GO}, {SERVER_TLS}, {SERVER_HEAR},
	    {SERVER_DRIP, EHLO_TLS}, {SERVER_HEAR}, {SERVER_DRIP, BYE}},
	STAGE_DONE, FAILURE_NONE, "EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},
    {"a whole conversation in TLS", MODE_TLS,
	{{SERVER_TLS}, {SERVER_SAY, GREETING}, {SERVER_HEAR},
	    {SERVER_SAY, EHLO_TLS}, {SERVER_HEAR}, {SERVER_SAY, BYE}},
	STAGE_DONE, FAILURE_NONE, "tls;EHLO me;QUIT;", 0},
    {"a server that resets at QUIT takes nothing back", MODE_STARTTLS,
	{WHOLE, {SERVER_SAY, EHLO_TLS}, {SERVER_HEAR}, {SERVER_RST}},
	STAGE_DONE, FAILURE_NONE, "EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},
    {"a server that is silent at QUIT takes nothing back", MODE_STARTTLS,
	{WHOLE, {SERVER_SAY, EHLO_TLS}, {SERVER_HEAR}}, STAGE_DONE,
	FAILURE_NONE, "EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},
    {"a server that floods at QUIT takes nothing back", MODE_STARTTLS,
	{WHOLE, {SERVER_SAY, EHLO_TLS}, {SERVER_HEAR},
	    {SERVER_FLOOD, "221-bye\r\n"}},
	STAGE_DONE, FAILURE_NONE, "EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},
    {"a control port only shakes hands", MODE_CONNECT, {{SERVER_END}},
	STAGE_CONNECT, FAILURE_NONE, "", 0},
    {"a control port that resets at once answered", MODE_CONNECT,
	{{SERVER_RST}}, STAGE_CONNECT, FAILURE_NONE, "", 0},

    {"silence before the greeting", MODE_STARTTLS, {{SERVER_END}}, STAGE_BANNER,
	FAILURE_TIMEOUT, "", 0},
    {"a FIN before the greeting", MODE_STARTTLS, {{SERVER_FIN}}, STAGE_BANNER,
	FAILURE_CLOSED, "", 0},
    {"a RST before the greeting", MODE_STARTTLS, {{SERVER_RST}}, STAGE_BANNER,
	FAILURE_RESET, "", ECONNRESET},
    {"a greeting of 554 that closes at once", MODE_STARTTLS,
	{{SERVER_SAY, "554 no\r\n"}, {SERVER_FIN}}, STAGE_BANNER,
	FAILURE_REJECTED, NULL, 0},
    {"garbage for a greeting", MODE_STARTTLS,
	{{SERVER_SAY, "\0\377\1\2garbage\n", 12}}, STAGE_BANNER,
	FAILURE_PROTOCOL, "", 0},
    {"a NUL inside the greeting", MODE_STARTTLS,
	{{SERVER_SAY, "220 mx\0.example.net\r\n", 21}, {SERVER_HEAR},
	    {SERVER_SAY, "550 no\r\n"}},
	STAGE_EHLO, FAILURE_REJECTED, "EHLO me;QUIT;", 0},
    {"an endless line", MODE_STARTTLS,
	{{SERVER_SAY, "220 "}, {SERVER_FLOOD, EIGHT("endless line ")}},
	STAGE_BANNER, FAILURE_PROTOCOL, "", 0},
    {"an endless reply", MODE_STARTTLS,
	{{SERVER_FLOOD, EIGHT("220-endless reply\r\n")}}, STAGE_BANNER,
	FAILURE_PROTOCOL, "", 0},
    {"an endless line inside TLS", MODE_TLS,
	{{SERVER_TLS}, {SERVER_SAY, "220 "},
	    {SERVER_FLOOD, EIGHT("endless line ")}},
	STAGE_BANNER, FAILURE_PROTOCOL, "tls;", 0},
    {"an endless handshake ends at the deadline", MODE_TLS,
	{{SERVER_FLOOD, EIGHT(HELLOS) EIGHT(HELLOS), 144}}, STAGE_TLS,
	FAILURE_TIMEOUT, NULL, 0},
    {"a few bytes a second end at the deadline", MODE_STARTTLS,
	{{SERVER_TRICKLE, "220 a greeting that takes longer than we wait"}},
	STAGE_BANNER, FAILURE_TIMEOUT, "", 0},
    {"a RST after EHLO", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_RST}}, STAGE_EHLO,
	FAILURE_RESET, "EHLO me;", ECONNRESET},
    {"a FIN after EHLO", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_FIN}}, STAGE_EHLO,
	FAILURE_CLOSED, "EHLO me;", 0},
    {"silence after EHLO", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}}, STAGE_EHLO, FAILURE_TIMEOUT,
	"EHLO me;QUIT;", 0},
    {"STARTTLS is refused", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO},
	    {SERVER_HEAR}, {SERVER_SAY, "454 no\r\n"}, {SERVER_HEAR},
	    {SERVER_SAY, BYE}},
	STAGE_STARTTLS, FAILURE_REJECTED, "EHLO me;STARTTLS;QUIT;", 0},
    {"bytes smuggled behind the reply to STARTTLS", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO},
	    {SERVER_HEAR}, {SERVER_SAY, GO EHLO_TLS}},
	STAGE_STARTTLS, FAILURE_PROTOCOL, "EHLO me;STARTTLS;", 0},
    {"a reply where the handshake should be", MODE_TLS,
	{{SERVER_TAKE}, {SERVER_SAY, GREETING}}, STAGE_TLS, FAILURE_TLS, NULL,
	0},
    {"a RST instead of a handshake", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO},
	    {SERVER_HEAR}, {SERVER_SAY, GO}, {SERVER_TAKE}, {SERVER_RST}},
	STAGE_TLS, FAILURE_RESET, "EHLO me;STARTTLS;", ECONNRESET},
    {"a FIN instead of a handshake", MODE_TLS, {{SERVER_TAKE}, {SERVER_FIN}},
	STAGE_TLS, FAILURE_CLOSED, "", 0},
    {"an alert instead of a handshake", MODE_TLS,
	{{SERVER_TAKE}, {SERVER_SAY, "\x15\x03\x03\0\2\2\x28", 7}}, STAGE_TLS,
	FAILURE_TLS, "", 0},
    {"silence instead of a handshake", MODE_TLS, {{SERVER_TAKE}}, STAGE_TLS,
	FAILURE_TIMEOUT, "", 0},
    {"a RST after EHLO in TLS", MODE_STARTTLS, {WHOLE, {SERVER_RST}},
	STAGE_EHLO_TLS, FAILURE_RESET, "EHLO me;STARTTLS;tls;EHLO me;",
	ECONNRESET},
    {"a FIN in TLS without a farewell", MODE_STARTTLS, {WHOLE, {SERVER_FIN}},
	STAGE_EHLO_TLS, FAILURE_CLOSED, "EHLO me;STARTTLS;tls;EHLO me;", 0},
    {"silence in TLS", MODE_STARTTLS, {WHOLE}, STAGE_EHLO_TLS, FAILURE_TIMEOUT,
	"EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},

    /* Servers that cost what they can. */
    {"an endless reply to EHLO", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR},
	    {SERVER_FLOOD, EIGHT("250-endless reply\r\n")}},
	STAGE_EHLO, FAILURE_PROTOCOL, "EHLO me;", 0},
    {"an endless line for a reply to EHLO", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, "250 "},
	    {SERVER_FLOOD, EIGHT("endless line ")}},
	STAGE_EHLO, FAILURE_PROTOCOL, "EHLO me;", 0},
    {"an endless reply inside TLS", MODE_STARTTLS,
	{WHOLE, {SERVER_FLOOD, EIGHT("250-endless reply\r\n")}}, STAGE_EHLO_TLS,
	FAILURE_PROTOCOL, "EHLO me;STARTTLS;tls;EHLO me;", 0},
    {"an endless reply to STARTTLS", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO},
	    {SERVER_HEAR}, {SERVER_FLOOD, EIGHT("220-endless reply\r\n")}},
	STAGE_STARTTLS, FAILURE_PROTOCOL, "EHLO me;STARTTLS;", 0},
    {"a rain of session tickets ends at the deadline", MODE_STARTTLS,
	{WHOLE, {SERVER_TICKETS}}, STAGE_EHLO_TLS, FAILURE_TIMEOUT, NULL, 0},
    {"a rain of key updates ends", MODE_STARTTLS, {WHOLE, {SERVER_REKEYS}},
	STAGE_EHLO_TLS, FAILURE_TIMEOUT, NULL, 0},
    {"a few bytes a second after EHLO", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR},
	    {SERVER_TRICKLE, "250 a reply that takes longer than we wait"}},
	STAGE_EHLO, FAILURE_TIMEOUT, "EHLO me;QUIT;", 0},
    {"a few bytes a second inside TLS", MODE_STARTTLS,
	{WHOLE, {SERVER_TRICKLE, "250 a reply that takes longer than we wait"}},
	STAGE_EHLO_TLS, FAILURE_TIMEOUT, "EHLO me;STARTTLS;tls;EHLO me;QUIT;",
	0},
    {"a few bytes a second of a handshake", MODE_TLS,
	{{SERVER_TRICKLE, HELLOS EIGHT(HELLOS), 81}}, STAGE_TLS,
	FAILURE_TIMEOUT, NULL, 0},
    {"a line a moment of a reply that never ends", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR},
	    {SERVER_TRICKLE, EIGHT("250-\r\n")}},
	STAGE_EHLO, FAILURE_TIMEOUT, "EHLO me;QUIT;", 0},

    /* Manners: what a server sees. */
    {"no byte is said before the last line of a greeting", MODE_STARTTLS,
	{{SERVER_WATCH}, {SERVER_SAY, "220-mx.example.net\r\n"}, {SERVER_WATCH},
	    {SERVER_SAY, "220-wait\r\n220"}, {SERVER_WATCH},
	    {SERVER_SAY, " go\r\n"}, {SERVER_HEAR},
	    {SERVER_SAY, "250 hello\r\n"}, {SERVER_HEAR}, {SERVER_SAY, BYE}},
	STAGE_STARTTLS, FAILURE_NO_STARTTLS, "EHLO me;QUIT;", 0},
    {"no command is said before the reply to the last one", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_WATCH},
	    {SERVER_SAY, EHLO}, {SERVER_HEAR}, {SERVER_WATCH}, {SERVER_SAY, GO},
	    {SERVER_TLS}, {SERVER_HEAR}, {SERVER_WATCH}, {SERVER_SAY, EHLO_TLS},
	    {SERVER_HEAR}, {SERVER_WATCH}, {SERVER_SAY, BYE}},
	STAGE_DONE, FAILURE_NONE, "EHLO me;STARTTLS;tls;EHLO me;QUIT;", 0},
    {"on 465 no byte is said in TLS before the greeting", MODE_TLS,
	{{SERVER_TLS}, {SERVER_WATCH}, {SERVER_SAY, GREETING}, {SERVER_HEAR},
	    {SERVER_SAY, EHLO_TLS}, {SERVER_HEAR}, {SERVER_SAY, BYE}},
	STAGE_DONE, FAILURE_NONE, "tls;EHLO me;QUIT;", 0},
    {"a greeting of 554 is left with QUIT, its reply read", MODE_STARTTLS,
	{{SERVER_SAY, "554 no\r\n"}, {SERVER_HEAR}, {SERVER_WATCH},
	    {SERVER_SAY, BYE}},
	STAGE_BANNER, FAILURE_REJECTED, "QUIT;", 0},
    {"a greeting of 421 is left with QUIT, its reply read", MODE_STARTTLS,
	{{SERVER_SAY, "421 later\r\n"}, {SERVER_HEAR}, {SERVER_WATCH},
	    {SERVER_SAY, BYE}},
	STAGE_BANNER, FAILURE_REJECTED, "QUIT;", 0},
    {"an EHLO refused is left with QUIT, its reply read", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, "550 no\r\n"},
	    {SERVER_HEAR}, {SERVER_WATCH}, {SERVER_SAY, BYE}},
	STAGE_EHLO, FAILURE_REJECTED, "EHLO me;QUIT;", 0},
    {"no STARTTLS is left with QUIT, its reply read", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, "250 hi\r\n"},
	    {SERVER_HEAR}, {SERVER_WATCH}, {SERVER_SAY, BYE}},
	STAGE_STARTTLS, FAILURE_NO_STARTTLS, "EHLO me;QUIT;", 0},
    {"a STARTTLS refused is left with QUIT, its reply read", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO},
	    {SERVER_HEAR}, {SERVER_SAY, "454 no\r\n"}, {SERVER_HEAR},
	    {SERVER_WATCH}, {SERVER_SAY, BYE}},
	STAGE_STARTTLS, FAILURE_REJECTED, "EHLO me;STARTTLS;QUIT;", 0},
    {"an EHLO refused in TLS is left with QUIT, its reply read", MODE_STARTTLS,
	{WHOLE, {SERVER_SAY, "530 no\r\n"}, {SERVER_HEAR}, {SERVER_WATCH},
	    {SERVER_SAY, BYE}},
	STAGE_EHLO_TLS, FAILURE_REJECTED, "EHLO me;STARTTLS;tls;EHLO me;QUIT;",
	0},
};

static void script(void **state)
{
	const struct script_row *row = *state;
	int patience_ms = row->failure == FAILURE_TIMEOUT ? SHORT_MS : LONG_MS;
	long before_kb = resident_kb();
	struct server server;
	int64_t began_us;
	struct run run;

	run_setup(&run);
	server_start(&server, "127.0.0.1", row->steps, server_tls);
	began_us = clock_mono_us();
	start(&run, &server, row->mode, "me", patience_ms);
	event_base_dispatch(run.base);
	assert_in_range(
	    clock_mono_us() - began_us, 0, (2 * patience_ms + 1000) * 1000);
	server_join(&server);
	assert_int_equal(run.done, 1);
	assert_int_equal(run.connected, 1);
	assert_string_equal(stage_word(run.seen.ended), stage_word(row->ended));
	assert_string_equal(
	    failure_word(run.seen.failure), failure_word(row->failure));
	assert_int_equal(run.seen.sys_errno, row->sys_errno);
	/* Who fell silent is there all the same: on this host. */
	assert_int_not_equal(run.seen.peer, PEER_CUT_OFF);
	if (strstr(row->name, "silence") != NULL)
		assert_int_equal(run.seen.peer,
		    row->ended == STAGE_TLS ? PEER_UNKNOWN : PEER_ALIVE);
	assert_int_equal(run.seen.icmp.type, OBSERVE_ABSENT);
	assert_true(addr_equal(&run.local, &server.address));
	if (row->said != NULL)
		assert_string_equal(server.said, row->said);
	assert_in_range(resident_kb() - before_kb, 0, GROWTH_KB);
	run_teardown(&run);
}

static const struct server_step whole_steps[] = {WHOLE, {SERVER_SAY, EHLO_TLS},
    {SERVER_HEAR}, {SERVER_SAY, BYE}, {SERVER_END}};

static void records(void **state)
{
	static const enum stage stages[] = {STAGE_CONNECT, STAGE_BANNER,
	    STAGE_EHLO, STAGE_STARTTLS, STAGE_TLS, STAGE_EHLO_TLS};
	static const char *const hosts[] = {"127.0.0.1", "::1"};
	struct server server;
	struct run run;
	uint8_t digest[32];
	size_t i, j;

	for (i = 0; i < 2; i++) {
		run_setup(&run);
		server_start(&server, hosts[i], whole_steps, server_tls);
		start(&run, &server, MODE_STARTTLS, "me", LONG_MS);
		event_base_dispatch(run.base);
		server_join(&server);
		assert_int_equal(run.seen.ended, STAGE_DONE);
		for (j = 0; j < sizeof(stages) / sizeof(*stages); j++)
			assert_in_range(run.seen.us[stages[j]], 1, 1000000);
		assert_int_equal(run.seen.us[STAGE_RESOLVE], OBSERVE_ABSENT);
		assert_int_equal(run.seen.smtp.code, 220);
		assert_string_equal(run.seen.smtp.name, "mx.example.net");
		assert_int_equal(run.seen.smtp.ncaps, 2);
		assert_string_equal(run.seen.smtp.tls_caps[0], "AUTH");
		assert_string_equal(run.seen.tls.version, "TLSv1.3");
		assert_int_equal(run.seen.tls.verify, VERIFY_SELF_SIGNED);
		pki_spki_sha256(&own, digest);
		assert_memory_equal(run.seen.tls.spki_sha256, digest, 32);
		run_teardown(&run);
	}
}

static const struct literal_row {
	const char *name, *host, *said;
} literal_rows[] = {
    {"without a name EHLO says the IPv4 address", "127.0.0.1",
	"EHLO [127.0.0.1];QUIT;"},
    {"without a name EHLO says the IPv6 address", "::1",
	"EHLO [IPv6:::1];QUIT;"},
};

static void literal(void **state)
{
	static const struct server_step steps[] = {{SERVER_SAY, GREETING},
	    {SERVER_HEAR}, {SERVER_SAY, "250 hello\r\n"}, {SERVER_HEAR},
	    {SERVER_SAY, BYE}, {SERVER_END}};
	const struct literal_row *row = *state;
	struct server server;
	struct run run;

	run_setup(&run);
	server_start(&server, row->host, steps, NULL);
	start(&run, &server, MODE_STARTTLS, NULL, LONG_MS);
	event_base_dispatch(run.base);
	server_join(&server);
	assert_int_equal(run.seen.failure, FAILURE_NO_STARTTLS);
	assert_string_equal(server.said, row->said);
	run_teardown(&run);
}

/* TLS 1.3's server refuses a client without a certificate only after the
 * client thinks that the handshake ended well (RFC 8446, 4.4.2.4), and may
 * have sent EHLO by then. Every run says the same. */
#define CERTIFICATE_REQUIRED 116
#define CERTIFICATE_RUNS     20

static const struct certificate_row {
	const char *name;
	enum port_mode mode;
	struct server_step steps[SERVER_STEPS_MAX];
	enum stage ended;
} certificate_rows[] = {
    {"a client certificate is demanded behind STARTTLS", MODE_STARTTLS,
	{{SERVER_SAY, GREETING}, {SERVER_HEAR}, {SERVER_SAY, EHLO},
	    {SERVER_HEAR}, {SERVER_SAY, GO}, {SERVER_TLS}, {SERVER_FIN}},
	STAGE_EHLO_TLS},
    {"a client certificate is demanded, TLS first", MODE_TLS,
	{{SERVER_TLS}, {SERVER_FIN}}, STAGE_BANNER},
};

static void certificate(void **state)
{
	const struct certificate_row *row = *state;
	struct ssl_ctx_st *tls = pki_server(&own);
	struct server server;
	struct run run;
	int i;

	SSL_CTX_set_verify(
	    tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	for (i = 0; i < CERTIFICATE_RUNS; i++) {
		run_setup(&run);
		server_start(&server, "127.0.0.1", row->steps, tls);
		start(&run, &server, row->mode, "me", LONG_MS);
		event_base_dispatch(run.base);
		server_join(&server);
		assert_string_equal(
		    stage_word(run.seen.ended), stage_word(row->ended));
		assert_string_equal(failure_word(run.seen.failure), "tls");
		assert_int_equal(run.seen.tls.alert, CERTIFICATE_REQUIRED);
		run_teardown(&run);
	}
	SSL_CTX_free(tls);
}

static void plain_text(void **state)
{
	static const struct server_step steps[] = {
	    {SERVER_SAY, "220 mx.example.net ESMTP\r\n"}, {SERVER_END}};
	struct server server;
	struct run run;

	(void)state;
	run_setup(&run);
	server_start(&server, "127.0.0.1", steps, NULL);
	start(&run, &server, MODE_TLS, "me", LONG_MS);
	event_base_dispatch(run.base);
	server_join(&server);
	assert_int_equal(run.seen.ended, STAGE_TLS);
	assert_int_equal(run.seen.failure, FAILURE_TLS);
	assert_int_equal(run.seen.reply.code, 220);
	assert_string_equal(run.seen.reply.text, "mx.example.net ESMTP");
	run_teardown(&run);
}

static void refused(void **state)
{
	struct server server;
	struct run run;

	run_setup(&run);
	addr_parse(&server.address, "127.0.0.1");
	server.port = 1; /* nobody listens on tcpmux */
	start(&run, &server, MODE_STARTTLS, "me", LONG_MS);
	event_base_dispatch(run.base);
	assert_int_equal(run.done, 1);
	assert_int_equal(run.connected, 0);
	assert_int_equal(run.seen.ended, STAGE_CONNECT);
	assert_int_equal(run.seen.failure, FAILURE_REFUSED);
	assert_int_equal(run.seen.sys_errno, ECONNREFUSED);
	run_teardown(&run);
}

static void unanswered(void **state)
{
	struct server server;
	int fillers[8];
	struct run run;

	run_setup(&run);
	server_start_full(&server, fillers);
	start(&run, &server, MODE_STARTTLS, "me", SHORT_MS);
	event_base_dispatch(run.base);
	server_stop_full(&server, fillers);
	assert_int_equal(run.connected, 0);
	assert_int_equal(run.seen.ended, STAGE_CONNECT);
	assert_int_equal(run.seen.failure, FAILURE_TIMEOUT);
	assert_int_equal(run.seen.sys_errno, 0);
	assert_in_range(run.seen.us[STAGE_CONNECT], SHORT_MS * 1000,
	    (SHORT_MS + 500) * 1000);
	run_teardown(&run);
}

static void no_route(void **state)
{
	struct server server;
	struct run run;

	/* TCP never sends there. */
	run_setup(&run);
	addr_parse(&server.address, "224.0.0.1");
	server.port = 25;
	start(&run, &server, MODE_STARTTLS, "me", LONG_MS);
	event_base_dispatch(run.base);
	assert_int_equal(run.done, 1);
	assert_int_equal(run.seen.ended, STAGE_CONNECT);
	assert_int_equal(run.seen.failure, FAILURE_NO_ROUTE);
	assert_int_equal(run.seen.sys_errno, ENETUNREACH);
	assert_int_equal(run.local.family, 0);
	run_teardown(&run);
}

#define TOO_MANY (PROBE_HANDSHAKES_MAX + 3)

/* Many probes of a server that takes ClientHellos and says nothing. */
struct crowd {
	size_t done, waited;
	int64_t longest_us;
	int sys_errno; /* of those that waited in vain */
};

static void on_crowd_done(
    void *arg, const struct probe_seen *seen, const struct addr *local)
{
	struct crowd *crowd = arg;

	(void)local;
	crowd->done++;
	assert_int_equal(seen->ended, STAGE_TLS);
	if (seen->failure == FAILURE_TLS) {
		crowd->waited++;
		crowd->sys_errno = seen->sys_errno;
		return;
	}
	assert_int_equal(seen->failure, FAILURE_TIMEOUT);
	if (seen->us[STAGE_TLS] > crowd->longest_us)
		crowd->longest_us = seen->us[STAGE_TLS];
}

static bool is_readable(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};

	return poll(&poller, 1, 0) == 1;
}

/* Let the probes go on until so many have said ClientHello: those that come
 * later find no room, however slow this machine is. */
static void hear(struct event_base *base, const struct server *server,
    int *peers, size_t count)
{
	size_t accepted = 0, heard = 0;

	while (heard < count) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (accepted < count && is_readable(server->listener))
			peers[accepted++] = accept(
			    server->listener, NULL, NULL);
		if (heard < accepted && is_readable(peers[heard]))
			heard++;
	}
}

/* Those that find no room have `late_ms` in all. */
static void crowd_in(struct crowd *crowd, int reply_ms, int late_ms)
{
	int peers[PROBE_HANDSHAKES_MAX];
	struct probe_request request = {.mode = MODE_TLS,
	    .host = "mx.example.net",
	    .ehlo = "me",
	    .connect_ms = LONG_MS,
	    .reply_ms = reply_ms};
	struct server server;
	struct run run;
	size_t i;

	memset(crowd, 0, sizeof(*crowd));
	run_setup(&run);
	server_start_silent(&server, TOO_MANY);
	request.address = server.address;
	request.port = server.port;
	request.tls = run.tls;
	for (i = 0; i < TOO_MANY; i++) {
		request.total_ms = i < PROBE_HANDSHAKES_MAX ? 2 * LONG_MS
							    : late_ms;
		assert_non_null(probe_start(
		    run.base, &request, NULL, on_crowd_done, crowd));
		if (i + 1 == PROBE_HANDSHAKES_MAX)
			hear(run.base, &server, peers, i + 1);
	}
	event_base_dispatch(run.base);
	for (i = 0; i < PROBE_HANDSHAKES_MAX; i++)
		close(peers[i]);
	server_stop_silent(&server);
	assert_int_equal(crowd->done, TOO_MANY);
	run_teardown(&run);
}

static void crowd_waits(void **state)
{
	struct crowd crowd;

	crowd_in(&crowd, LONG_MS / 2, 4 * LONG_MS);
	assert_int_equal(crowd.waited, 0);
	assert_in_range(
	    crowd.longest_us, LONG_MS / 2 * 1000, LONG_MS * 1000 - 1);
}

static void crowd_waits_in_vain(void **state)
{
	struct crowd crowd;

	crowd_in(&crowd, LONG_MS / 2, LONG_MS / 4);
	assert_int_equal(crowd.waited, TOO_MANY - PROBE_HANDSHAKES_MAX);
	assert_int_equal(crowd.sys_errno, EBUSY);
}

static void cancelled(void **state)
{
	static const struct server_step silent = {SERVER_END};
	struct timeval a_while = {.tv_usec = 100000};
	struct server server;
	struct probe *probe;
	struct run run;

	run_setup(&run);
	server_start(&server, "127.0.0.1", &silent, server_tls);
	probe_cancel(NULL);
	probe = start(&run, &server, MODE_STARTTLS, "me", LONG_MS);
	event_base_loopexit(run.base, &a_while);
	event_base_dispatch(run.base);
	assert_int_equal(run.connected, 1);
	probe_cancel(probe);
	assert_int_equal(event_base_loop(run.base, EVLOOP_NONBLOCK), 1);
	assert_int_equal(run.done, 0);
	server_join(&server);
	run_teardown(&run);
}

int main(void)
{
	struct test_list list = {0};
	int failed;

	unsetenv("SSL_CERT_FILE");
	pki_make(&own, &(struct pki_spec){"mx.example.net"}, NULL);
	server_tls = pki_server(&own);
	TEST_ROWS(&list, script_rows, script);
	test_add(
	    &list, "what was seen is recorded, on either loopback", records);
	TEST_ROWS(&list, literal_rows, literal);
	TEST_ROWS(&list, certificate_rows, certificate);
	test_add(
	    &list, "plain SMTP where TLS was expected is kept", plain_text);
	test_add(&list, "a closed port is refused", refused);
	test_add(&list, "a SYN without answer is a timeout", unanswered);
	test_add(&list, "no route is said from the loop", no_route);
	test_add(&list, "who waits for its handshake loses no time by that",
	    crowd_waits);
	test_add(&list, "a handshake that never had its turn is our own fault",
	    crowd_waits_in_vain);
	test_add(&list, "a cancelled probe calls nobody", cancelled);
	failed = test_run("probe", &list);
	SSL_CTX_free(server_tls);
	pki_free(&own);
	return failed;
}
