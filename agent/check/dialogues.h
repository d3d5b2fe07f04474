/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_DIALOGUES_H
#define EGRESS25_AGENT_CHECK_DIALOGUES_H

#include "agent/measure/transcript.h"
#include "lib/base/buf.h"

#define DIALOGUES_OPEN_MAX 128 /* at once; more are dropped */

/*
 * The transcripts of a round, for `check --verbose`: one paragraph an attempt,
 * in the order in which they end, so that parallel attempts do not mix.
 * Every line has the seconds since the attempt began, and `<` for the server,
 * `>` for us, `*` for an event. Bytes that are not printable become '?'.
 */
struct dialogues {
	struct transcript transcript; /* hand this to the round */
	struct buf out;               /* finished dialogues */
	struct dialogue {
		struct addr address;
		uint16_t port; /* 0: free */
		struct buf text;
	} open[DIALOGUES_OPEN_MAX];
};

/* `dialogues` must not move while its transcript is in use. End with
 * dialogues_free(). */
void dialogues_init(struct dialogues *dialogues);
void dialogues_free(struct dialogues *dialogues);

#endif
