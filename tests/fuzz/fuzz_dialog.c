/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A conversation decoded from the input. The first byte chooses the port's
 * mode (the lowest bit) and whether it is a beacon (the highest); after it each
 *step is a byte, of which the last three bits say what happens and the others
 *how long it takes (in half seconds):
 *
 *	0-3  bytes come: the next byte is their number, then they follow
 *	4    the handshake went well
 *	5    the handshake failed
 *	6    nothing but time
 *	7    the connection closed (an even time) or was reset
 */

#include <stdio.h>
#include <string.h>

#include "agent/measure/dialog.h"
#include "tests/fuzz/fuzz.h"

#define DEADLINE_US (120 * 1000000ll)
#define COMMANDS    5 /* NOOP, EHLO, STARTTLS, EHLO, QUIT */
#define NONCE       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

struct talk {
	struct dialog dialog;
	struct probe_seen seen;
	struct dialog_action action;
	int64_t now_us;
	bool heard_a_line;
	bool settled;
	enum stage ended;
	enum failure failure;
	int commands;
};

static bool is_command(const struct dialog_action *action, const char *text)
{
	return action->length == strlen(text) &&
	       memcmp(action->bytes, text, action->length) == 0;
}

static void act(struct talk *talk, struct dialog_action action)
{
	bool quit = action.want == DIALOG_WANT_SEND &&
		    is_command(&action, "QUIT\r\n");

	talk->action = action;
	fuzz_require(action.deadline_us <= DEADLINE_US);
	if (action.want == DIALOG_WANT_SEND) {
		fuzz_require(talk->heard_a_line);
		fuzz_require(++talk->commands <= COMMANDS);
		fuzz_require(quit || is_command(&action, "EHLO me\r\n") ||
			     is_command(&action, "STARTTLS\r\n") ||
			     is_command(&action, "NOOP " NONCE "\r\n"));
	}
	if (talk->settled) {
		fuzz_require(action.want == DIALOG_WANT_CLOSE ||
			     action.want == DIALOG_WANT_BYTES);
		fuzz_require(talk->ended == talk->seen.ended);
		fuzz_require(talk->failure == talk->seen.failure);
	}
	talk->settled = talk->settled || quit ||
			action.want == DIALOG_WANT_CLOSE;
	talk->ended = talk->seen.ended;
	talk->failure = talk->seen.failure;
}

/* Returns how many bytes of the input it took. */
static size_t say(struct talk *talk, const uint8_t *bytes, size_t length)
{
	size_t piece = length > 0 ? bytes[0] : 0;
	char *copy;

	if (piece > length - 1)
		piece = length - 1;
	if (length == 0 || piece == 0)
		return length > 0;
	copy = malloc(piece);
	fuzz_require(copy != NULL);
	memcpy(copy, bytes + 1, piece);
	talk->heard_a_line = talk->heard_a_line ||
			     memchr(copy, '\n', piece) != NULL;
	act(talk, dialog_bytes(&talk->dialog, copy, piece, talk->now_us));
	free(copy);
	return 1 + piece;
}

static size_t step(struct talk *talk, const uint8_t *bytes, size_t length)
{
	struct dialog *dialog = &talk->dialog;
	int what = bytes[0] & 7, time = bytes[0] >> 3;

	talk->now_us += time * 500000ll;
	switch (what) {
	case 4:
	case 5:
		act(talk, what == 4 ? dialog_tls_done(dialog, talk->now_us)
				    : dialog_not_tls(dialog, "220 x\r\n",
					  (size_t)time % 8, talk->now_us));
		return 1;
	case 6:
		act(talk, dialog_tick(dialog, talk->now_us));
		return 1;
	case 7:
		act(talk,
		    dialog_closed(dialog,
			time % 2 == 0 ? DIALOG_CLOSED_FIN : DIALOG_CLOSED_RST,
			talk->now_us));
		return 1;
	default:
		return 1 + say(talk, bytes + 1, length - 1);
	}
}

static bool is_clean(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	for (; end != NULL && text < end; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return end != NULL;
}

static void require_result(const struct talk *talk)
{
	const struct smtp_seen *smtp = &talk->seen.smtp;
	size_t i;

	fuzz_require(talk->action.want == DIALOG_WANT_CLOSE);
	fuzz_require(talk->seen.ended >= STAGE_BANNER);
	fuzz_require((talk->seen.ended == STAGE_DONE) ==
		     (talk->seen.failure == FAILURE_NONE));
	fuzz_require(is_clean(smtp->text, sizeof(smtp->text)));
	fuzz_require(is_clean(smtp->name, sizeof(smtp->name)));
	fuzz_require(
	    is_clean(talk->seen.reply.text, sizeof(talk->seen.reply.text)));
	fuzz_require(
	    is_clean(talk->seen.receipt.said, sizeof(talk->seen.receipt.said)));
	fuzz_require(
	    talk->seen.receipt.asked || talk->seen.receipt.said[0] == '\0');
	fuzz_require(smtp->ncaps <= OBSERVE_CAPS_MAX);
	fuzz_require(smtp->ntls_caps <= OBSERVE_CAPS_MAX);
	for (i = 0; i < smtp->ncaps; i++)
		fuzz_require(is_clean(smtp->caps[i], OBSERVE_CAP_SIZE));
	for (i = 0; i < smtp->ntls_caps; i++)
		fuzz_require(is_clean(smtp->tls_caps[i], OBSERVE_CAP_SIZE));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct dialog_options options = {.ehlo = "me",
	    .banner_ms = 30000,
	    .reply_ms = 10000,
	    .deadline_us = DEADLINE_US};
	struct talk talk = {0};
	size_t at = 1;
	int i;

	if (length == 0)
		return 0;
	options.mode = bytes[0] & 1 ? MODE_TLS : MODE_STARTTLS;
	probe_seen_init(&talk.seen, 25, options.mode);
	talk.seen.receipt.asked = bytes[0] & 0x80;
	if (talk.seen.receipt.asked)
		snprintf(options.nonce, sizeof(options.nonce), NONCE);
	act(&talk, dialog_start(&talk.dialog, &options, &talk.seen, 0));
	while (at < length)
		at += step(&talk, bytes + at, length - at);
	/* At the deadline it ends, after QUIT's answer at the latest. */
	for (i = 0; i < 2; i++) {
		talk.now_us = talk.action.deadline_us;
		act(&talk, dialog_tick(&talk.dialog, talk.now_us));
	}
	require_result(&talk);
	return 0;
}
