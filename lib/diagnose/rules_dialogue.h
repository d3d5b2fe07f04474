/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RULES_DIALOGUE_H
#define EGRESS25_LIB_DIAGNOSE_RULES_DIALOGUE_H

/* Rules for ports that shook hands. */

#include "lib/diagnose/view.h"

/* The dialogue went through, or the endpoint refused it by an SMTP reply. */
rule rule_reachable;
/* Reset or silence behind a handshake from the endpoint's own distance. */
rule rule_after_connect;
/* It ends the dialogue by itself, or speaks another protocol. */
rule rule_wrong_protocol;

#endif
