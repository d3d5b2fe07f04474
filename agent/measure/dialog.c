/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/dialog.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

enum patience { PATIENCE_BANNER, PATIENCE_REPLY, PATIENCE_QUIT };

typedef void line_reader(
    struct dialog *dialog, const char *text, size_t length);
typedef struct dialog_action reply_reader(
    struct dialog *dialog, int64_t now_us);

static line_reader read_greeting, read_keyword;
static reply_reader after_banner, after_nonce, after_ehlo, after_helo,
    after_starttls, after_ehlo_tls;

/* A phase: what is said when it begins, how long its reply may take, the only
 * code that leads on, who reads each line of the reply, and where a good reply
 * leads. Silence, and a connection that ends, mean the same in all of them:
 * the probe ended in that stage; from QUIT on they mean nothing. */
static const struct phase {
	enum stage stage;
	const char *verb; /* NULL: we only listen */
	bool says_name;
	enum patience patience;
	int expected;
	line_reader *line;
	reply_reader *then;
} phases[DIALOG_PHASES] = {
    [DIALOG_BANNER] = {STAGE_BANNER, NULL, false, PATIENCE_BANNER, 220,
	read_greeting, after_banner},
    [DIALOG_NONCE] = {STAGE_EHLO, "NOOP", false, PATIENCE_REPLY, 250, NULL,
	after_nonce},
    [DIALOG_EHLO] = {STAGE_EHLO, "EHLO", true, PATIENCE_REPLY, 250,
	read_keyword, after_ehlo},
    [DIALOG_HELO] = {STAGE_EHLO, "HELO", true, PATIENCE_REPLY, 250, NULL,
	after_helo},
    [DIALOG_STARTTLS] = {STAGE_STARTTLS, "STARTTLS", false, PATIENCE_REPLY, 220,
	NULL, after_starttls},
    [DIALOG_TLS] = {STAGE_TLS, NULL, false, PATIENCE_REPLY, 0, NULL, NULL},
    [DIALOG_EHLO_TLS] = {STAGE_EHLO_TLS, "EHLO", true, PATIENCE_REPLY, 250,
	read_keyword, after_ehlo_tls},
    [DIALOG_QUIT] = {STAGE_DONE, "QUIT", false, PATIENCE_QUIT, 0, NULL, NULL},
    [DIALOG_OVER] = {STAGE_DONE, NULL, false, PATIENCE_QUIT, 0, NULL, NULL},
};

static bool is_settled(const struct dialog *dialog)
{
	return phases[dialog->phase].stage == STAGE_DONE;
}

/* Who was silent until now is not waited for once more. */
static int64_t quit_ms(const struct dialog *dialog)
{
	return dialog->seen->failure == FAILURE_TIMEOUT ? DIALOG_QUIT_LATE_MS
							: DIALOG_QUIT_MS;
}

static int64_t deadline_of(const struct dialog *dialog, int64_t now_us)
{
	const struct dialog_options *options = &dialog->options;
	int64_t ms = options->reply_ms, deadline_us;

	if (phases[dialog->phase].patience == PATIENCE_BANNER)
		ms = options->banner_ms;
	else if (phases[dialog->phase].patience == PATIENCE_QUIT &&
		 ms > quit_ms(dialog))
		ms = quit_ms(dialog);
	deadline_us = now_us + ms * 1000;
	return deadline_us < options->deadline_us ? deadline_us
						  : options->deadline_us;
}

static struct dialog_action action_of(
    const struct dialog *dialog, enum dialog_want want)
{
	struct dialog_action action = {0};

	action.want = want;
	action.deadline_us = dialog->phase_deadline_us;
	if (want == DIALOG_WANT_SEND) {
		action.bytes = dialog->command;
		action.length = strlen(dialog->command);
	}
	return action;
}

/* EHLO and HELO are one stage. */
static void add_time(int64_t *us, int64_t more_us)
{
	*us = *us == OBSERVE_ABSENT ? more_us : *us + more_us;
}

static const char *argument_of(
    const struct dialog *dialog, enum dialog_phase phase)
{
	if (phase == DIALOG_NONCE)
		return dialog->options.nonce;
	return phases[phase].says_name ? dialog->options.ehlo : "";
}

/* The only way from one phase to another. */
static struct dialog_action enter(
    struct dialog *dialog, enum dialog_phase next, int64_t now_us)
{
	const struct phase *phase = &phases[next];
	const char *argument;

	if (!is_settled(dialog))
		add_time(&dialog->seen->us[phases[dialog->phase].stage],
		    now_us - dialog->phase_began_us);
	dialog->phase = next;
	dialog->phase_began_us = now_us;
	dialog->phase_deadline_us = deadline_of(dialog, now_us);
	dialog->line_length = 0;
	dialog->reply_lines = 0;
	dialog->reply[0] = '\0';
	if (next == DIALOG_OVER)
		return action_of(dialog, DIALOG_WANT_CLOSE);
	if (next == DIALOG_TLS)
		return action_of(dialog, DIALOG_WANT_TLS);
	if (phase->verb == NULL)
		return action_of(dialog, DIALOG_WANT_BYTES);
	argument = argument_of(dialog, next);
	snprintf(dialog->command, sizeof(dialog->command), "%s%s%s\r\n",
	    phase->verb, *argument != '\0' ? " " : "", argument);
	return action_of(dialog, DIALOG_WANT_SEND);
}

static struct dialog_action settle(struct dialog *dialog, enum stage stage,
    enum failure failure, enum dialog_phase next, int64_t now_us)
{
	dialog->seen->ended = stage;
	dialog->seen->failure = failure;
	return enter(dialog, next, now_us);
}

static size_t kept(const struct dialog *dialog)
{
	return dialog->line_length < sizeof(dialog->line)
		   ? dialog->line_length
		   : sizeof(dialog->line);
}

/* Lines of one reply become one text. `as_reply`: without its code. */
static void add_line(
    struct dialog *dialog, const char *line, size_t length, bool as_reply)
{
	char *reply = dialog->reply;
	size_t at = strlen(reply);

	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (as_reply) {
		line += length < 4 ? length : 4;
		length -= length < 4 ? length : 4;
	}
	if (length == 0)
		return;
	if (at > 0 && at + 1 < sizeof(dialog->reply))
		reply[at++] = ' ';
	text_copy_printable(
	    reply + at, sizeof(dialog->reply) - at, line, length);
}

/* What came last: a reply, or the beginning of one, or bytes that are none. */
static void keep_reply(struct dialog *dialog)
{
	struct reply_seen *reply = &dialog->seen->reply;

	if (dialog->reply_lines > 0)
		reply->code = dialog->reply_code;
	else if (dialog->line_length > 0)
		reply->code = OBSERVE_ABSENT;
	else
		return;
	add_line(dialog, dialog->line, kept(dialog), dialog->reply_lines > 0);
	snprintf(reply->text, sizeof(reply->text), "%s", dialog->reply);
}

/* The probe ends in this phase: `next` is QUIT where that can be said. */
static struct dialog_action fail(struct dialog *dialog, enum failure failure,
    enum dialog_phase next, int64_t now_us)
{
	if (is_settled(dialog))
		return enter(dialog, DIALOG_OVER, now_us);
	keep_reply(dialog);
	return settle(
	    dialog, phases[dialog->phase].stage, failure, next, now_us);
}

/* Whether the line, as far as it came, can be one of a reply: three digits of
 * which the first is 2 to 5, then a blank, a hyphen or the line's end. */
static bool looks_like_reply(const char *line, size_t length)
{
	size_t i;

	if (length > 0 && (line[0] < '2' || line[0] > '5'))
		return false;
	for (i = 1; i < 3 && i < length; i++)
		if (line[i] < '0' || line[i] > '9')
			return false;
	return length < 4 || line[3] == ' ' || line[3] == '-' ||
	       line[3] == '\r';
}

/* What was said is no SMTP; nobody is there to say QUIT to. What it was
 * instead is kept where the greeting's text would be. */
static struct dialog_action break_off(struct dialog *dialog, int64_t now_us)
{
	struct smtp_seen *smtp = &dialog->seen->smtp;

	if (dialog->phase == DIALOG_BANNER && smtp->text[0] == '\0')
		text_copy_printable(
		    smtp->text, sizeof(smtp->text), dialog->line, kept(dialog));
	return fail(dialog, FAILURE_PROTOCOL, DIALOG_OVER, now_us);
}

/* Nothing more will come; `failure` unless what came was no SMTP. */
static struct dialog_action stop_here(struct dialog *dialog,
    enum failure failure, enum dialog_phase next, int64_t now_us)
{
	if (!looks_like_reply(dialog->line, kept(dialog)))
		return break_off(dialog, now_us);
	return fail(dialog, failure, next, now_us);
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* The greeting names its host first (RFC 5321, 4.2): a name with a dot in it,
 * or an address literal. Anything else is only text. */
static size_t name_length(const char *text, size_t length)
{
	const char *end = text, *stop = text + length;
	bool dotted = false;

	if (length > 0 && text[0] == '[') {
		while (end < stop && *end != ']' && *end != ' ')
			end++;
		return end < stop && *end == ']' ? (size_t)(end - text) + 1 : 0;
	}
	for (; end < stop && is_name_char(*end); end++)
		dotted = dotted || (*end == '.' && end > text);
	if (end < stop && *end != ' ')
		return 0;
	return dotted ? (size_t)(end - text) : 0;
}

static void lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static void read_greeting(
    struct dialog *dialog, const char *text, size_t length)
{
	struct smtp_seen *smtp = &dialog->seen->smtp;

	if (dialog->reply_lines > 1)
		return;
	text_copy_printable(smtp->text, sizeof(smtp->text), text, length);
	length = name_length(text, length);
	if (length >= sizeof(smtp->name))
		return;
	text_copy_printable(smtp->name, sizeof(smtp->name), text, length);
	lower(smtp->name);
}

static void add_keyword(
    char (*caps)[OBSERVE_CAP_SIZE], size_t *ncaps, const char *keyword)
{
	size_t i;

	for (i = 0; i < *ncaps; i++)
		if (strcmp(caps[i], keyword) == 0)
			return;
	if (*ncaps < OBSERVE_CAPS_MAX)
		memcpy(caps[(*ncaps)++], keyword, OBSERVE_CAP_SIZE);
}

/* The EHLO that follows the nonce: after STARTTLS a beacon has forgotten it. */
static bool is_first_ehlo(const struct dialog *dialog)
{
	return dialog->in_tls == (dialog->options.mode == MODE_TLS);
}

static void keep_receipt(
    struct dialog *dialog, const char *parameter, size_t length)
{
	struct receipt_seen *receipt = &dialog->seen->receipt;

	if (receipt->asked && is_first_ehlo(dialog))
		text_copy_printable(
		    receipt->said, sizeof(receipt->said), parameter, length);
}

/* The lines after the first are keywords (RFC 5321, 4.1.1.1). */
static void read_keyword(struct dialog *dialog, const char *text, size_t length)
{
	struct smtp_seen *smtp = &dialog->seen->smtp;
	char keyword[OBSERVE_CAP_SIZE] = "";
	const char *blank = memchr(text, ' ', length), *end = text + length;
	char *c;

	if (blank != NULL)
		length = (size_t)(blank - text);
	if (dialog->reply_lines == 1 || dialog->reply_code != 250 ||
	    length == 0)
		return;
	text_copy_printable(keyword, sizeof(keyword), text, length);
	for (c = keyword; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	if (blank != NULL && strcmp(keyword, RECEIPT_KEYWORD) == 0)
		keep_receipt(dialog, blank + 1, (size_t)(end - blank - 1));
	if (dialog->in_tls) {
		add_keyword(smtp->tls_caps, &smtp->ntls_caps, keyword);
		return;
	}
	if (strcmp(keyword, "STARTTLS") == 0)
		dialog->offers_starttls = true;
	add_keyword(smtp->caps, &smtp->ncaps, keyword);
}

static struct dialog_action say_ehlo(struct dialog *dialog, int64_t now_us)
{
	return enter(
	    dialog, dialog->in_tls ? DIALOG_EHLO_TLS : DIALOG_EHLO, now_us);
}

static struct dialog_action after_banner(struct dialog *dialog, int64_t now_us)
{
	dialog->seen->smtp.code = dialog->reply_code;
	if (dialog->options.nonce[0] != '\0')
		return enter(dialog, DIALOG_NONCE, now_us);
	return say_ehlo(dialog, now_us);
}

static struct dialog_action after_nonce(struct dialog *dialog, int64_t now_us)
{
	return say_ehlo(dialog, now_us);
}

static struct dialog_action after_ehlo(struct dialog *dialog, int64_t now_us)
{
	if (dialog->offers_starttls)
		return enter(dialog, DIALOG_STARTTLS, now_us);
	return settle(
	    dialog, STAGE_STARTTLS, FAILURE_NO_STARTTLS, DIALOG_QUIT, now_us);
}

/* A server of before RFC 1869 offers nothing. */
static struct dialog_action after_helo(struct dialog *dialog, int64_t now_us)
{
	if (dialog->in_tls)
		return settle(
		    dialog, STAGE_DONE, FAILURE_NONE, DIALOG_QUIT, now_us);
	return settle(
	    dialog, STAGE_STARTTLS, FAILURE_NO_STARTTLS, DIALOG_QUIT, now_us);
}

static struct dialog_action after_starttls(
    struct dialog *dialog, int64_t now_us)
{
	return enter(dialog, DIALOG_TLS, now_us);
}

static struct dialog_action after_ehlo_tls(
    struct dialog *dialog, int64_t now_us)
{
	return settle(dialog, STAGE_DONE, FAILURE_NONE, DIALOG_QUIT, now_us);
}

/* RFC 5321, 3.2: a server that does not know EHLO is told HELO. */
static bool is_ehlo_unknown(const struct dialog *dialog)
{
	return (dialog->phase == DIALOG_EHLO ||
		   dialog->phase == DIALOG_EHLO_TLS) &&
	       (dialog->reply_code == 500 || dialog->reply_code == 502);
}

static struct dialog_action say_helo(struct dialog *dialog, int64_t now_us)
{
	keep_reply(dialog);
	return enter(dialog, DIALOG_HELO, now_us);
}

/* Whoever does not know NOOP may know EHLO, unless he closes (421). */
static bool is_nonce_refused(const struct dialog *dialog)
{
	return dialog->phase == DIALOG_NONCE && dialog->reply_code != 421;
}

/* A whole reply came; `more` says that there are bytes behind it, though it is
 * our turn to speak. Behind the reply to STARTTLS they are an attack, and the
 * server waits for a handshake, not for QUIT. */
static struct dialog_action read_reply(
    struct dialog *dialog, bool more, int64_t now_us)
{
	const struct phase *phase = &phases[dialog->phase];
	bool good = dialog->reply_code == phase->expected;

	if (is_settled(dialog))
		return enter(dialog, DIALOG_OVER, now_us);
	if (good && !more)
		return phase->then(dialog, now_us);
	if (good && dialog->phase == DIALOG_STARTTLS)
		return break_off(dialog, now_us);
	if (is_nonce_refused(dialog) && !more)
		return say_ehlo(dialog, now_us);
	dialog->seen->smtp.code = dialog->reply_code;
	if (is_ehlo_unknown(dialog) && !more)
		return say_helo(dialog, now_us);
	return fail(dialog,
	    dialog->reply_code >= 400 ? FAILURE_REJECTED : FAILURE_PROTOCOL,
	    DIALOG_QUIT, now_us);
}

enum line_kind { LINE_BAD, LINE_MORE, LINE_LAST };

static enum line_kind read_line(struct dialog *dialog)
{
	const char *line = dialog->line;
	size_t length = kept(dialog);
	int code;

	if (dialog->line_length == length && length > 0 &&
	    line[length - 1] == '\r')
		length--;
	if (length < 3 || !looks_like_reply(line, length) ||
	    (length > 3 && line[3] == '\r'))
		return LINE_BAD;
	code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
	if (dialog->reply_lines++ == 0)
		dialog->reply_code = code;
	if (code != dialog->reply_code ||
	    dialog->reply_lines > DIALOG_REPLY_MAX)
		return LINE_BAD;
	add_line(dialog, line, length, true);
	dialog->line_length = 0;
	if (phases[dialog->phase].line != NULL)
		phases[dialog->phase].line(
		    dialog, line + 4, length > 4 ? length - 4 : 0);
	return length > 3 && line[3] == '-' ? LINE_MORE : LINE_LAST;
}

static bool keep_byte(struct dialog *dialog, char byte)
{
	if (dialog->line_length < sizeof(dialog->line))
		dialog->line[dialog->line_length] = byte;
	return ++dialog->line_length <= DIALOG_LINE_MAX;
}

/* The first line of bytes that came where TLS was expected. */
static void take_bytes(struct dialog *dialog, const char *bytes, size_t length)
{
	size_t i;

	dialog->line_length = 0;
	for (i = 0; i < length && bytes[i] != '\n'; i++)
		keep_byte(dialog, bytes[i]);
	if (i < length)
		read_line(dialog);
}

struct dialog_action dialog_start(struct dialog *dialog,
    const struct dialog_options *options, struct probe_seen *seen,
    int64_t now_us)
{
	memset(dialog, 0, sizeof(*dialog));
	dialog->options = *options;
	dialog->options.ehlo[strcspn(options->ehlo, " \t\r\n")] = '\0';
	dialog->seen = seen;
	dialog->phase = DIALOG_OVER;
	return enter(dialog,
	    options->mode == MODE_TLS ? DIALOG_TLS : DIALOG_BANNER, now_us);
}

struct dialog_action dialog_bytes(
    struct dialog *dialog, const char *bytes, size_t length, int64_t now_us)
{
	enum line_kind kind;
	size_t i;

	if (dialog->phase == DIALOG_TLS) {
		take_bytes(dialog, bytes, length);
		return fail(dialog, FAILURE_PROTOCOL, DIALOG_OVER, now_us);
	}
	for (i = 0; i < length && dialog->phase != DIALOG_OVER; i++) {
		if (bytes[i] != '\n') {
			if (keep_byte(dialog, bytes[i]))
				continue;
			return break_off(dialog, now_us);
		}
		kind = read_line(dialog);
		if (kind == LINE_BAD)
			return break_off(dialog, now_us);
		if (kind == LINE_LAST)
			return read_reply(dialog, i + 1 < length, now_us);
	}
	/* A drip of bytes must not hold the deadline up. */
	return dialog_tick(dialog, now_us);
}

struct dialog_action dialog_tls_begins(struct dialog *dialog, int64_t now_us)
{
	if (dialog->phase != DIALOG_TLS)
		return dialog_tick(dialog, now_us);
	dialog->phase_began_us = now_us;
	dialog->phase_deadline_us = deadline_of(dialog, now_us);
	return action_of(dialog, DIALOG_WANT_BYTES);
}

struct dialog_action dialog_tls_done(struct dialog *dialog, int64_t now_us)
{
	if (dialog->phase != DIALOG_TLS)
		return fail(dialog, FAILURE_TLS, DIALOG_OVER, now_us);
	dialog->in_tls = true;
	return enter(dialog,
	    dialog->options.mode == MODE_TLS ? DIALOG_BANNER : DIALOG_EHLO_TLS,
	    now_us);
}

struct dialog_action dialog_not_tls(
    struct dialog *dialog, const char *bytes, size_t length, int64_t now_us)
{
	if (dialog->phase == DIALOG_TLS)
		take_bytes(dialog, bytes, length);
	return fail(dialog, FAILURE_TLS, DIALOG_OVER, now_us);
}

struct dialog_action dialog_closed(
    struct dialog *dialog, enum dialog_close how, int64_t now_us)
{
	if (how == DIALOG_CLOSED_RST)
		return fail(dialog, FAILURE_RESET, DIALOG_OVER, now_us);
	return stop_here(dialog, FAILURE_CLOSED, DIALOG_OVER, now_us);
}

struct dialog_action dialog_silent(struct dialog *dialog, int64_t now_us)
{
	if (dialog->phase == DIALOG_OVER)
		return action_of(dialog, DIALOG_WANT_CLOSE);
	return stop_here(dialog, FAILURE_TIMEOUT, DIALOG_OVER, now_us);
}

struct dialog_action dialog_tick(struct dialog *dialog, int64_t now_us)
{
	if (dialog->phase == DIALOG_OVER)
		return action_of(dialog, DIALOG_WANT_CLOSE);
	if (now_us < dialog->phase_deadline_us)
		return action_of(dialog, DIALOG_WANT_BYTES);
	/* Before the greeting it is not our turn, and while STARTTLS has no
	 * answer QUIT might be taken for a part of TLS. */
	return stop_here(dialog, FAILURE_TIMEOUT,
	    *argument_of(dialog, dialog->phase) != '\0' ? DIALOG_QUIT
							: DIALOG_OVER,
	    now_us);
}
