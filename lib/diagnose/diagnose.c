/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/diagnose.h"

#include <string.h>

#include "lib/diagnose/receipts.h"
#include "lib/diagnose/rules_dialogue.h"
#include "lib/diagnose/rules_host.h"
#include "lib/diagnose/rules_intercepted.h"
#include "lib/diagnose/rules_refused.h"
#include "lib/diagnose/rules_silence.h"
#include "lib/diagnose/signs.h"

/* The first rule that decides is right; the last one always does. */
static const struct {
	const char *name;
	rule *ask;
} rules[] = {
    {"unresolved", rule_unresolved},
    {"no-route", rule_no_route},
    {"denied", rule_denied},
    {"host-drops", rule_host_drops},
    {"host-refuses", rule_host_refuses},
    {"cut-off", rule_cut_off},
    {"throttle", rule_throttle},
    {"stripped", rule_stripped},
    {"key", rule_key},
    {"signed-key", rule_signed_key},
    {"redirect", rule_redirect},
    {"one-key", rule_one_key},
    {"receipt", rule_receipt},
    {"one-beacon", rule_one_beacon},
    {"one-endpoint", rule_one_endpoint},
    {"reachable", rule_reachable},
    {"translator", rule_translator},
    {"after-connect", rule_after_connect},
    {"wrong-protocol", rule_wrong_protocol},
    {"refused", rule_refused},
    {"no-family", rule_no_family},
    {"unreachable", rule_unreachable},
    {"offline", rule_offline},
    {"path-break", rule_path_break},
    {"far-break", rule_far_break},
    {"far-end", rule_far_end},
    {"vanishes", rule_vanishes},
    {"down", rule_down},
    {"no-control", rule_no_control},
};

static void note_receipt(const struct view *view, struct diagnosis *out)
{
	const struct receipt_seen *right = receipts_right(
	    view->evidence, view->port);

	if (right == NULL)
		return;
	out->seen_from = right->client;
	out->seen_hops = right->hops;
}

static void diagnose_port(const struct view *view, struct diagnosis *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->port = view->port->port;
	out->wordless = view->round->wordless;
	out->after_hop = OBSERVE_ABSENT;
	out->before_hop = OBSERVE_ABSENT;
	out->endpoint_hops = view_endpoint_hops(view);
	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].ask(view, out))
			break;
	out->rule = rules[i].name;
	out->signs = signs_of(view);
	note_receipt(view, out);
}

size_t diagnose_target(const struct round_known *round, size_t target,
    struct diagnosis out[DIAGNOSE_PORTS_MAX])
{
	const struct evidence *evidence = &round->evidence[target];
	struct view view;
	size_t i, count = 0;

	for (i = 0; i < evidence->nports; i++) {
		if (evidence->ports[i].mode == MODE_CONNECT ||
		    evidence->ports[i].tries == 0)
			continue;
		view_look(round, target, &evidence->ports[i], &view);
		diagnose_port(&view, &out[count++]);
	}
	return count;
}
