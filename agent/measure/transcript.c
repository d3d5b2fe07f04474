/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/transcript.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/report/words.h"

static void add(const struct transcript_part *part, char side, bool is_end,
    const char *bytes, size_t length)
{
	const struct transcript_line line = {
	    .address = &part->address,
	    .port = part->port,
	    .side = side,
	    .is_end = is_end,
	    .bytes = bytes,
	    .length = length,
	    .us = part->to != NULL ? clock_mono_us() - part->began_us : 0,
	};

	if (part->to != NULL)
		part->to->add(part->to->arg, &line);
}

void transcript_bytes(const struct transcript_part *part, char side,
    const char *bytes, size_t length)
{
	add(part, side, false, bytes, length);
}

void transcript_event(const struct transcript_part *part, const char *what)
{
	add(part, '*', false, what, strlen(what));
}

void transcript_tls(
    const struct transcript_part *part, const struct tls_seen *tls)
{
	const char *verify = tls_verify_word(tls->verify);
	char text[160];

	snprintf(text, sizeof(text), "%s, %s, certificate: %s", tls->version,
	    tls->cipher, *verify ? verify : "none");
	transcript_event(part, text);
}

void transcript_end(
    const struct transcript_part *part, const struct probe_seen *seen)
{
	char text[200], from[ADDR_TEXT_SIZE] = "";
	const char *sys = errno_word(seen->sys_errno);

	addr_format(&seen->icmp.from, from);
	if (seen->failure == FAILURE_NONE)
		snprintf(text, sizeof(text), "%s",
		    seen->mode == MODE_CONNECT ? "connected" : "done");
	else if (seen->icmp.type != OBSERVE_ABSENT)
		snprintf(text, sizeof(text),
		    "%s: %s (ICMP type %d code %d from %s)",
		    stage_word(seen->ended), failure_word(seen->failure),
		    seen->icmp.type, seen->icmp.code, from);
	else
		snprintf(text, sizeof(text), "%s: %s%s%s%s",
		    stage_word(seen->ended), failure_word(seen->failure),
		    *sys ? " (" : "", sys, *sys ? ")" : "");
	add(part, '*', true, text, strlen(text));
}
