/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

#define BANNER_MS   30000
#define REPLY_MS    10000
#define DEADLINE_US (60 * 1000000ll)

#define STEPS_MAX 12

/* What happens to the dialogue, step by step. */
enum step_kind {
	END,
	SAY,   /* the server's bytes, in one piece */
	DRIP,  /* the same, a byte a piece */
	SHOOK, /* the handshake went well */
	FAILED,
	FIN,
	RST,
	EARLY,   /* a tick before the deadline */
	SILENCE, /* a tick at the deadline */
};

struct step {
	enum step_kind kind;
	const char *bytes;
	size_t length; /* 0: up to the NUL */
};

struct talk {
	struct dialog dialog;
	struct probe_seen seen;
	struct dialog_action action;
	int64_t now_us;
	char said[1024]; /* what we did; a line end is ';' */
};

static void act(struct talk *talk, struct dialog_action action)
{
	char *end = talk->said + strlen(talk->said);
	size_t room = (size_t)(talk->said + sizeof(talk->said) - end);

	talk->action = action;
	if (action.want == DIALOG_WANT_TLS)
		snprintf(end, room, "tls;");
	else if (action.want == DIALOG_WANT_CLOSE)
		snprintf(end, room, "close");
	else if (action.want == DIALOG_WANT_SEND && action.length > 2)
		snprintf(
		    end, room, "%.*s;", (int)action.length - 2, action.bytes);
	assert_true(action.deadline_us <= DEADLINE_US);
}

static void start_with(
    struct talk *talk, enum port_mode mode, const char *ehlo, const char *nonce)
{
	struct dialog_options options = {0};

	memset(talk, 0, sizeof(*talk));
	snprintf(options.nonce, sizeof(options.nonce), "%s", nonce);
	options.mode = mode;
	snprintf(options.ehlo, sizeof(options.ehlo), "%s", ehlo);
	options.banner_ms = BANNER_MS;
	options.reply_ms = REPLY_MS;
	options.deadline_us = DEADLINE_US;
	probe_seen_init(&talk->seen, 25, mode);
	talk->seen.receipt.asked = *nonce != '\0';
	act(talk, dialog_start(&talk->dialog, &options, &talk->seen, 0));
}

static void start(struct talk *talk, enum port_mode mode, const char *ehlo)
{
	start_with(talk, mode, ehlo, "");
}

static bool is_over(const struct talk *talk)
{
	return talk->action.want == DIALOG_WANT_CLOSE;
}

static void say(struct talk *talk, const char *bytes, size_t length)
{
	/* A copy without a NUL behind it, for the sanitizer to watch. */
	char *copy = malloc(length);

	memcpy(copy, bytes, length);
	act(talk, dialog_bytes(&talk->dialog, copy, length, talk->now_us));
	free(copy);
}

static void say_text(struct talk *talk, const char *text)
{
	say(talk, text, strlen(text));
}

static void drip(struct talk *talk, const char *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length && !is_over(talk); i++)
		say(talk, bytes + i, 1);
}

static void step(struct talk *talk, const struct step *step)
{
	struct dialog *dialog = &talk->dialog;
	size_t length = step->length;

	if (step->bytes != NULL && length == 0)
		length = strlen(step->bytes);
	talk->now_us += 1000;
	if (step->kind == SAY)
		say(talk, step->bytes, length);
	else if (step->kind == DRIP)
		drip(talk, step->bytes, length);
	else if (step->kind == SHOOK || step->kind == FAILED)
		act(talk, step->kind == SHOOK
			      ? dialog_tls_done(dialog, talk->now_us)
			      : dialog_not_tls(
				    dialog, step->bytes, length, talk->now_us));
	else if (step->kind == FIN || step->kind == RST)
		act(talk, dialog_closed(dialog,
			      step->kind == FIN ? DIALOG_CLOSED_FIN
						: DIALOG_CLOSED_RST,
			      talk->now_us));
	if (step->kind == SILENCE)
		talk->now_us = talk->action.deadline_us;
	if (step->kind == SILENCE || step->kind == EARLY)
		act(talk, dialog_tick(dialog, talk->now_us));
}

#define GREETING "220 mx.example.net ESMTP\r\n"
#define EHLO     "250-mx.example.net\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
#define GO       "220 go ahead\r\n"
#define EHLO_TLS "250-mx.example.net\r\n250 AUTH PLAIN\r\n"
#define BYE      "221 bye\r\n"

#define TO_EHLO     "EHLO me;"
#define TO_STARTTLS TO_EHLO "STARTTLS;"
#define TO_TLS      TO_STARTTLS "tls;"
#define TO_EHLO_TLS TO_TLS "EHLO me;"
#define QUITS       "QUIT;close"

static const struct script_row {
	const char *name;
	enum port_mode mode;
	struct step steps[STEPS_MAX];
	enum stage ended;
	enum failure failure;
	int code;
	const char *said;
} script_rows[] = {
#include "tests/unit/agent/measure/dialog_rows.inc"
};

static void script(void **state)
{
	const struct script_row *row = *state;
	struct talk talk;
	int i;

	start(&talk, row->mode, "me");
	for (i = 0; i < STEPS_MAX && row->steps[i].kind != END; i++)
		step(&talk, &row->steps[i]);
	assert_string_equal(talk.said, row->said);
	assert_string_equal(
	    stage_word(talk.seen.ended), stage_word(row->ended));
	assert_string_equal(
	    failure_word(talk.seen.failure), failure_word(row->failure));
	assert_int_equal(talk.seen.smtp.code, row->code);
}

/* What ended a dialogue, word for word. */
static const struct reply_row {
	const char *name;
	struct step steps[STEPS_MAX];
	int code;
	const char *text;
} reply_rows[] = {
    {"a rejecting greeting and its link",
	{{SAY,
	    "554 5.7.1 blocked, see https://bl.example.net/?ip=192.0.2.1\r\n"}},
	554, "5.7.1 blocked, see https://bl.example.net/?ip=192.0.2.1"},
    {"a rejection of several lines is one text",
	{{SAY, "554-no\r\n554-see\r\n554 https://x\r\n"}}, 554,
	"no see https://x"},
    {"a refusal of EHLO", {{SAY, GREETING}, {SAY, "550 go away\r\n"}}, 550,
	"go away"},
    {"a refusal of STARTTLS",
	{{SAY, GREETING}, {SAY, EHLO}, {SAY, "454 TLS not available\r\n"}}, 454,
	"TLS not available"},
    {"a greeting that drips and never ends", {{DRIP, "220 mx.exa"}, {SILENCE}},
	OBSERVE_ABSENT, "220 mx.exa"},
    {"the first lines of a greeting that never ends",
	{{SAY, "220-mx.example.net\r\n220-wa"}, {SILENCE}}, 220,
	"mx.example.net wa"},
    {"an EHLO reply that never ends",
	{{SAY, GREETING}, {SAY, "250-mx.example.net\r\n250-SIZE\r\n"},
	    {SILENCE}, {SILENCE}},
	250, "mx.example.net SIZE"},
    {"what is no SMTP", {{SAY, "SSH-2.0-OpenSSH_9.2\r\n"}}, OBSERVE_ABSENT,
	"SSH-2.0-OpenSSH_9.2"},
    {"the beginning of a greeting, then a FIN", {{SAY, "220 mx.exam"}, {FIN}},
	OBSERVE_ABSENT, "220 mx.exam"},
    {"silence is no reply", {{SILENCE}}, OBSERVE_ABSENT, ""},
    {"a greeting is not what EHLO was answered with", {{SAY, GREETING}, {RST}},
	OBSERVE_ABSENT, ""},
    {"plain SMTP instead of a handshake",
	{{SAY, GREETING}, {SAY, EHLO}, {SAY, GO},
	    {FAILED, "421 no TLS today\r\n"}},
	421, "no TLS today"},
    {"binary instead of a handshake",
	{{SAY, GREETING}, {SAY, EHLO}, {SAY, GO}, {FAILED, "\1\2oops"}},
	OBSERVE_ABSENT, "??oops"},
    {"why EHLO was not understood",
	{{SAY, GREETING}, {SAY, "502 unknown\r\n"}, {SAY, "250 mx\r\n"}}, 502,
	"unknown"},
    {"a server that drops what it does not know",
	{{SAY, GREETING}, {SAY, "500 what?\r\n"}, {SAY, "221 bye\r\n"}}, 221,
	"bye"},
};

static void reply(void **state)
{
	const struct reply_row *row = *state;
	struct talk talk;
	int i;

	start(&talk, MODE_STARTTLS, "me");
	for (i = 0; i < STEPS_MAX && row->steps[i].kind != END; i++)
		step(&talk, &row->steps[i]);
	assert_int_equal(talk.seen.reply.code, row->code);
	assert_string_equal(talk.seen.reply.text, row->text);
}

#define OK      "250 ok\r\n"
#define RECEIPT "250-b\r\n250-STARTTLS\r\n250 XEGRESS25 AWJw\r\n"

/* A beacon is told a nonce; its receipt is kept as it came. */
static const struct beacon_row {
	const char *name;
	enum port_mode mode;
	struct step steps[STEPS_MAX];
	const char *said, *receipt;
	enum stage ended;
} beacon_rows[] = {
    {"the nonce goes before EHLO, and once", MODE_STARTTLS,
	{{SAY, GREETING}, {SAY, OK}, {SAY, RECEIPT}, {SAY, GO}, {SHOOK},
	    {SAY, "250-b\r\n250 XEGRESS25 in-tls\r\n"}, {SAY, BYE}},
	"NOOP nonce;EHLO me;STARTTLS;tls;EHLO me;QUIT;close", "AWJw",
	STAGE_DONE},
    {"with TLS first, in TLS", MODE_TLS,
	{{SHOOK}, {SAY, GREETING}, {SAY, OK}, {SAY, RECEIPT}, {SAY, BYE}},
	"tls;NOOP nonce;EHLO me;QUIT;close", "AWJw", STAGE_DONE},
    {"a server that knows no NOOP is told EHLO", MODE_STARTTLS,
	{{SAY, GREETING}, {SAY, "500 what\r\n"}, {SAY, RECEIPT}},
	"NOOP nonce;EHLO me;STARTTLS;", "AWJw", STAGE_CONNECT},
    {"421 to NOOP ends it", MODE_STARTTLS,
	{{SAY, GREETING}, {SAY, "421 bye\r\n"}, {SAY, BYE}},
	"NOOP nonce;QUIT;close", "", STAGE_EHLO},
    {"silence after NOOP is silence in stage ehlo", MODE_STARTTLS,
	{{SAY, GREETING}, {SILENCE}, {SILENCE}}, "NOOP nonce;QUIT;close", "",
	STAGE_EHLO},
    {"a reply to EHLO without a receipt", MODE_STARTTLS,
	{{SAY, GREETING}, {SAY, OK}, {SAY, EHLO}},
	"NOOP nonce;EHLO me;STARTTLS;", "", STAGE_CONNECT},
    {"a keyword without a parameter is none", MODE_STARTTLS,
	{{SAY, GREETING}, {SAY, OK}, {SAY, "250-b\r\n250-XEGRESS25\r\n"}},
	"NOOP nonce;EHLO me;", "", STAGE_CONNECT},
    {"a keyword in small letters, and odd bytes", MODE_STARTTLS,
	{{SAY, GREETING}, {SAY, OK}, {DRIP, "250-b\r\n250-xegress25 a\1\r\n"}},
	"NOOP nonce;EHLO me;", "a?", STAGE_CONNECT},
};

static void beacon(void **state)
{
	const struct beacon_row *row = *state;
	struct talk talk;
	int i;

	start_with(&talk, row->mode, "me", "nonce");
	for (i = 0; i < STEPS_MAX && row->steps[i].kind != END; i++)
		step(&talk, &row->steps[i]);
	assert_string_equal(talk.said, row->said);
	assert_string_equal(talk.seen.receipt.said, row->receipt);
	assert_string_equal(
	    stage_word(talk.seen.ended), stage_word(row->ended));
}

static void no_beacon(void **state)
{
	struct talk talk;

	start(&talk, MODE_STARTTLS, "me");
	say_text(&talk, GREETING);
	say_text(&talk, RECEIPT);
	assert_string_equal(talk.seen.receipt.said, "");
}

/* However the conversation is cut short, and by what, these hold. */
static void cut_anywhere(void **state)
{
	static const struct step whole[] = {{SAY, GREETING}, {SAY, EHLO},
	    {SAY, GO}, {SHOOK}, {SAY, EHLO_TLS}, {SAY, BYE}};
	static const enum step_kind cuts[] = {FIN, RST, SILENCE, FAILED};
	struct step cut = {0};
	struct talk talk;
	size_t i, j;
	int k;

	for (i = 0; i < 6; i++) {
		for (j = 0; j < 4; j++) {
			start(&talk, MODE_STARTTLS, "me");
			for (k = 0; k < (int)i; k++)
				step(&talk, &whole[k]);
			cut.kind = cuts[j];
			step(&talk, &cut);
			if (cut.kind == SILENCE && !is_over(&talk))
				step(&talk, &cut); /* after QUIT */
			assert_true(is_over(&talk));
			assert_true(talk.seen.ended == STAGE_DONE ||
				    talk.seen.failure != FAILURE_NONE);
			assert_null(strstr(talk.said, "MAIL"));
			assert_null(strstr(talk.said, "RCPT"));
			assert_null(strstr(talk.said, "VRFY"));
			assert_null(strstr(talk.said, "AUTH"));
		}
	}
}

static const struct greeting_row {
	const char *name, *bytes, *text, *host;
} greeting_rows[] = {
    {"the host's name is the first word", "220 mx.example.net ESMTP hi\r\n",
	"mx.example.net ESMTP hi", "mx.example.net"},
    {"a name is kept in small letters", "220 MX.Example.NET\r\n",
	"MX.Example.NET", "mx.example.net"},
    {"a literal is a name", "220 [192.0.2.25] ESMTP\r\n", "[192.0.2.25] ESMTP",
	"[192.0.2.25]"},
    {"a literal that does not end is none", "220 [192.0.2.25 ESMTP\r\n",
	"[192.0.2.25 ESMTP", ""},
    {"the first line of several counts", "220-a.example one\r\n220 b\r\n",
	"a.example one", "a.example"},
    {"a word without a dot is no name", "220 ESMTP ready\r\n", "ESMTP ready",
	""},
    {"stars are no name", "220 *************\r\n", "*************", ""},
    {"a word with odd characters is no name", "220 a.example! hi\r\n",
	"a.example! hi", ""},
    {"eight-bit and control bytes are shown as ?", "220 a.\377x \001\tz\r\n",
	"a.?x ??z", ""},
    {"a code alone has no text", "220\r\n", "", ""},
    {"a rejecting greeting is kept", "554 mx.example.net no\r\n",
	"mx.example.net no", "mx.example.net"},
    {"what is no SMTP is kept whole", "SSH-2.0-OpenSSH_9.2\r\n",
	"SSH-2.0-OpenSSH_9.2?", ""},
};

static void greeting(void **state)
{
	const struct greeting_row *row = *state;
	struct talk talk;

	start(&talk, MODE_STARTTLS, "me");
	say_text(&talk, row->bytes);
	assert_string_equal(talk.seen.smtp.text, row->text);
	assert_string_equal(talk.seen.smtp.name, row->host);
}

static void nul_in_greeting(void **state)
{
	static const char bytes[] = "220 mx.example.net a\0b\r\n";
	struct talk talk;

	start(&talk, MODE_STARTTLS, "me");
	say(&talk, bytes, sizeof(bytes) - 1);
	assert_string_equal(talk.seen.smtp.text, "mx.example.net a?b");
	assert_string_equal(talk.said, TO_EHLO);
}

static void keywords(void **state)
{
	struct smtp_seen *smtp;
	struct talk talk;

	start(&talk, MODE_STARTTLS, "me");
	smtp = &talk.seen.smtp;
	drip(&talk, GREETING, strlen(GREETING));
	say_text(&talk,
	    "250-mx\r\n250-size 1\r\n250-8BITMIME\r\n250-\r\n250-SIZE 2\r\n"
	    "250-XXXXXXXA\r\n250-AUTH=PLAIN LOGIN\r\n250 STARTTLS\r\n");
	assert_string_equal(talk.said, TO_STARTTLS);
	assert_int_equal(smtp->ncaps, 5);
	assert_string_equal(smtp->caps[0], "SIZE");
	assert_string_equal(smtp->caps[1], "8BITMIME");
	assert_string_equal(smtp->caps[2], "XXXXXXXA");
	assert_string_equal(smtp->caps[3], "AUTH=PLAIN");
	assert_string_equal(smtp->caps[4], "STARTTLS");
	say_text(&talk, GO);
	act(&talk, dialog_tls_done(&talk.dialog, 0));
	say_text(&talk, EHLO_TLS);
	assert_int_equal(smtp->ncaps, 5);
	assert_int_equal(smtp->ntls_caps, 1);
	assert_string_equal(smtp->tls_caps[0], "AUTH");
}

static void many_keywords(void **state)
{
	struct talk talk;
	char line[64];
	int i;

	start(&talk, MODE_STARTTLS, "me");
	say_text(&talk, GREETING);
	for (i = 0; i < DIALOG_REPLY_MAX - 1; i++) {
		snprintf(line, sizeof(line),
		    "250-X%d-A-KEYWORD-OF-MORE-THAN-THIRTY-TWO\r\n", i);
		say_text(&talk, line);
	}
	say_text(&talk, "250 STARTTLS\r\n");
	assert_int_equal(talk.seen.smtp.ncaps, OBSERVE_CAPS_MAX);
	assert_string_equal(
	    talk.seen.smtp.caps[0], "X1-A-KEYWORD-OF-MORE-THAN-THIRT");
	assert_string_equal(talk.said, TO_STARTTLS);
}

static void too_many_lines(void **state)
{
	struct talk talk;
	int i;

	start(&talk, MODE_STARTTLS, "me");
	for (i = 0; i < DIALOG_REPLY_MAX; i++) {
		assert_false(is_over(&talk));
		say_text(&talk, "220-more\r\n");
	}
	say_text(&talk, "220-more\r\n");
	assert_string_equal(talk.said, "close");
	assert_int_equal(talk.seen.failure, FAILURE_PROTOCOL);
}

static void long_line(void **state)
{
	struct talk talk;
	char *line = malloc(DIALOG_LINE_MAX + 1);

	memset(line, 'a', DIALOG_LINE_MAX + 1);
	memcpy(line, "220 ", 4);
	start(&talk, MODE_STARTTLS, "me");
	say(&talk, line, DIALOG_LINE_MAX);
	say_text(&talk, "\n");
	assert_string_equal(talk.said, TO_EHLO);
	assert_int_equal(strlen(talk.seen.smtp.text), OBSERVE_TEXT_SIZE - 1);
	start(&talk, MODE_STARTTLS, "me");
	say(&talk, line, DIALOG_LINE_MAX + 1);
	assert_string_equal(talk.said, "close");
	assert_int_equal(talk.seen.failure, FAILURE_PROTOCOL);
	free(line);
}

static void timings(void **state)
{
	struct talk talk;
	int64_t *us = talk.seen.us;

	start(&talk, MODE_STARTTLS, "me");
	assert_int_equal(talk.action.deadline_us, BANNER_MS * 1000ll);
	talk.now_us = 5000;
	say_text(&talk, GREETING);
	assert_int_equal(us[STAGE_BANNER], 5000);
	assert_int_equal(talk.action.deadline_us, 5000 + REPLY_MS * 1000ll);
	talk.now_us = 7000;
	say_text(&talk, EHLO);
	assert_int_equal(us[STAGE_EHLO], 2000);
	assert_int_equal(us[STAGE_STARTTLS], OBSERVE_ABSENT);
	talk.now_us = talk.action.deadline_us;
	act(&talk, dialog_tick(&talk.dialog, talk.now_us));
	assert_int_equal(us[STAGE_STARTTLS], REPLY_MS * 1000ll);
	assert_int_equal(us[STAGE_DONE], OBSERVE_ABSENT);
}

static void slow_drip(void **state)
{
	struct talk talk;
	int i;

	/* A byte a second: 30 s are over before the greeting is. */
	start(&talk, MODE_STARTTLS, "me");
	say_text(&talk, "220 ");
	for (i = 1; i < 100 && !is_over(&talk); i++) {
		talk.now_us = i * 1000000ll;
		say_text(&talk, "x");
	}
	assert_int_equal(talk.now_us, BANNER_MS * 1000ll);
	assert_int_equal(talk.seen.failure, FAILURE_TIMEOUT);
	assert_string_equal(talk.said, "close");
}

static void whole_deadline(void **state)
{
	struct talk talk;

	start(&talk, MODE_STARTTLS, "me");
	talk.now_us = 29 * 1000000ll;
	say_text(&talk, GREETING);
	talk.now_us = 38 * 1000000ll;
	say_text(&talk, EHLO);
	talk.now_us = 47 * 1000000ll;
	say_text(&talk, GO);
	talk.now_us = 56 * 1000000ll;
	act(&talk, dialog_tls_done(&talk.dialog, talk.now_us));
	assert_int_equal(talk.action.deadline_us, DEADLINE_US);
	talk.now_us = DEADLINE_US;
	act(&talk, dialog_tick(&talk.dialog, talk.now_us));
	assert_string_equal(talk.said, TO_EHLO_TLS "QUIT;");
	act(&talk, dialog_tick(&talk.dialog, talk.now_us));
	assert_true(is_over(&talk));
	assert_int_equal(talk.seen.ended, STAGE_EHLO_TLS);
	assert_int_equal(talk.seen.failure, FAILURE_TIMEOUT);
}

static void late_handshake(void **state)
{
	struct talk talk;

	start(&talk, MODE_TLS, "me");
	talk.now_us = 9 * 1000000ll;
	act(&talk, dialog_tls_begins(&talk.dialog, talk.now_us));
	assert_int_equal(
	    talk.action.deadline_us, talk.now_us + REPLY_MS * 1000ll);
	talk.now_us += 1000000;
	act(&talk, dialog_tls_done(&talk.dialog, talk.now_us));
	assert_int_equal(talk.seen.us[STAGE_TLS], 1000000);
	/* Where none was asked for, it moves nothing. */
	act(&talk, dialog_tls_begins(&talk.dialog, talk.now_us + 1000000));
	assert_int_equal(
	    talk.action.deadline_us, talk.now_us + BANNER_MS * 1000ll);
}

static void one_command(void **state)
{
	struct talk talk;

	start(&talk, MODE_STARTTLS, "me\r\nMAIL FROM:<>");
	say_text(&talk, GREETING);
	assert_string_equal(talk.said, TO_EHLO);
}

static void goes_on_over(void **state)
{
	static const struct step after[] = {
	    {SAY, GREETING}, {FIN}, {RST}, {SHOOK}, {FAILED}, {SILENCE}};
	struct talk talk;
	size_t i;

	start(&talk, MODE_STARTTLS, "me");
	step(&talk, &(struct step){RST});
	for (i = 0; i < sizeof(after) / sizeof(*after); i++) {
		step(&talk, &after[i]);
		assert_true(is_over(&talk));
		assert_int_equal(talk.seen.ended, STAGE_BANNER);
		assert_int_equal(talk.seen.failure, FAILURE_RESET);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, script_rows, script);
	TEST_ROWS(&list, reply_rows, reply);
	TEST_ROWS(&list, beacon_rows, beacon);
	test_add(&list, "who is no beacon is not asked", no_beacon);
	TEST_ROWS(&list, greeting_rows, greeting);
	test_add(&list, "a conversation cut anywhere ends, and sends no mail",
	    cut_anywhere);
	test_add(&list, "a NUL in the greeting is shown as ?", nul_in_greeting);
	test_add(
	    &list, "keywords are the first words, once, in capitals", keywords);
	test_add(&list, "more keywords than we keep do not hide STARTTLS",
	    many_keywords);
	test_add(
	    &list, "a reply of more than 100 lines is no SMTP", too_many_lines);
	test_add(&list, "a line of 8192 bytes is read, one more is no SMTP",
	    long_line);
	test_add(&list, "every stage has its own time and patience", timings);
	test_add(
	    &list, "a byte a second does not move the deadline", slow_drip);
	test_add(
	    &list, "the probe's deadline cuts all the others", whole_deadline);
	test_add(&list, "the wait for one's own handshake is not the server's",
	    late_handshake);
	test_add(
	    &list, "an EHLO name cannot carry a second command", one_command);
	test_add(&list, "what is over stays as it was", goes_on_over);
	return test_run("dialog", &list);
}
