/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_RECEIPT_ASK_H
#define EGRESS25_AGENT_MEASURE_RECEIPT_ASK_H

/* What a probe asks a beacon, kept in seen->receipt (lib/receipt). */

#include "lib/report/probe_seen.h"

/* Draw a nonce for the agent with that id, unless it is NULL or the probe has
 * no dialogue. */
void receipt_draw_nonce(struct probe_seen *seen, const char *agent);

/* The nonce as it is said; "" if none was drawn. */
void receipt_ask(const struct probe_seen *seen, char text[RECEIPT_NONCE_TEXT]);

/* Keep the digest of the EHLO line that will be sent. */
void receipt_note_ehlo(struct probe_seen *seen, const char *name);

#endif
