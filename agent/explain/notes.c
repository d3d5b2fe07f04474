/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/notes.h"

#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/reason.h"

#define NOTES_MOST 8 /* of one kind */

/* What the notes are on, and where they go. */
struct notes {
	const struct explain_round *round;
	const struct explain_port *ports;
	size_t count;
	struct buf *out;
};

static void note_family(struct notes *notes)
{
	const struct explain_round *round = notes->round;
	int family = explain_dead_family(round);
	bool no_route = false;
	size_t i;

	if (family == 0)
		return;
	for (i = 0; i < round->count; i++)
		if (explain_target(round, &round->items[i])->family == family)
			no_route |= round->items[i].diagnosis.mechanism ==
				    MECHANISM_NO_ROUTE;
	buf_printf(notes->out, "IPv%d does not work from here: %s.\n", family,
	    no_route ? "there is no route" : "nothing answers");
}

static const struct sign_note {
	enum soft_sign sign;
	const char *text; /* behind "Port 25 " and the endpoint's name */
} sign_notes[] = {
    {SOFT_PATHS_DIFFER,
	"is reached on another path than the other ports: a VPN or a policy "
	"route, perhaps"},
    {SOFT_SLOW, "answered late"},
    {SOFT_NO_RECEIPT,
	"answered without the beacon's receipt: something else may have "
	"answered in its place, or its key has changed"},
};

/* The first endpoint with that sign on that port. */
static void note_sign(
    struct notes *notes, uint16_t port, const struct sign_note *note)
{
	const struct explain_selection of = {
	    notes->round, port, 1u << OUTCOME_REACHABLE, 0, false};
	const struct explain_item *item;
	size_t at = 0;

	while ((item = explain_next(&of, &at)) != NULL) {
		if ((item->diagnosis.signs & note->sign) == 0)
			continue;
		buf_printf(notes->out, "Port %u of %s %s.\n", port,
		    explain_target(notes->round, item)->endpoint, note->text);
		return;
	}
}

/* A relay may pass on what a beacon signed, and end TLS besides. */
static bool is_untouched(const struct explain_item *item)
{
	return item->diagnosis.outcome == OUTCOME_REACHABLE;
}

/* Both are receipts of one target, which saw the same place. */
static bool is_seen_alike(
    const struct explain_item *a, const struct explain_item *b)
{
	return a->target == b->target && is_untouched(a) == is_untouched(b) &&
	       a->diagnosis.seen_hops == b->diagnosis.seen_hops &&
	       addr_equal(&a->diagnosis.seen_from, &b->diagnosis.seen_from);
}

static void note_receipt(struct notes *notes, size_t first)
{
	const struct explain_round *round = notes->round;
	const struct explain_item *item = &round->items[first];
	const struct diagnosis *seen = &item->diagnosis;
	char address[ADDR_TEXT_SIZE];
	const char *between = "";
	size_t i;

	for (i = 0; i < first; i++)
		if (is_seen_alike(&round->items[i], item))
			return;
	buf_printf(notes->out, "%.40s saw your connection to port ",
	    explain_target(round, item)->endpoint);
	for (i = first; i < round->count; i++)
		if (is_seen_alike(&round->items[i], item)) {
			buf_printf(notes->out, "%s%u", between,
			    round->items[i].diagnosis.port);
			between = ", ";
		}
	buf_printf(notes->out, " come from %s",
	    addr_format(&seen->seen_from, address));
	if (seen->seen_hops > 0)
		buf_printf(notes->out, ", %d hop%s away", seen->seen_hops,
		    seen->seen_hops == 1 ? "" : "s");
	buf_printf(notes->out, ", and signed it%s.\n",
	    is_untouched(item) ? ": nothing on the way answered in its place"
			       : "");
}

/* What beacons prove. */
static void note_receipts(struct notes *notes)
{
	const struct explain_round *round = notes->round;
	size_t i;

	for (i = 0; i < round->count; i++)
		if (round->items[i].diagnosis.seen_from.family != 0)
			note_receipt(notes, i);
}

static void note_signs(struct notes *notes, uint16_t port)
{
	size_t i;

	for (i = 0; i < sizeof(sign_notes) / sizeof(*sign_notes); i++)
		note_sign(notes, port, &sign_notes[i]);
}

/* What hides the paths from every trace, said once. */
static void note_blindness(struct notes *notes)
{
	const struct explain_round *round = notes->round;
	bool translated = false, untraced = false;
	size_t i;

	for (i = 0; i < round->count; i++) {
		translated |= (round->items[i].diagnosis.signs &
				  SOFT_NEARBY_TRANSLATOR) != 0;
		untraced |= explain_target(round, &round->items[i])->untraced;
	}
	if (translated)
		buf_append_text(notes->out,
		    "TCP ends on this host or right beside it, as in a "
		    "rootless container or with a VPN client: paths say "
		    "nothing here, answers do.\n");
	if (untraced)
		buf_append_text(notes->out,
		    "This system does not let a program trace paths, as in "
		    "some sandboxes: where a port is stopped is not known.\n");
}

static bool is_in_sentence(
    const struct notes *notes, uint16_t port, const char *text)
{
	const struct explain_port *found = port_state_find(
	    notes->ports, notes->count, port);

	return found != NULL && strstr(found->because, text) != NULL;
}

/* The server's own words, unless the port's sentence has them. */
static bool note_reply(struct notes *notes, const struct explain_item *item)
{
	const struct probe_seen *probe = explain_best_probe(notes->round, item);
	const struct target_seen *target = explain_target(notes->round, item);
	char address[ADDR_TEXT_SIZE], text[300];
	struct sentence sentence = {text, sizeof(text), 0};

	if (probe == NULL || !reason_has_reply(probe))
		return false;
	reason_add_reply(&sentence, probe);
	if (is_in_sentence(notes, probe->port, text))
		return false;
	buf_printf(notes->out, "%s (%s) on port %u says %s.\n",
	    target->endpoint, addr_format(&target->address, address),
	    probe->port, text);
	return true;
}

static void note_replies(struct notes *notes)
{
	size_t i, said = 0;

	for (i = 0; i < notes->round->count && said < NOTES_MOST; i++)
		said += note_reply(notes, &notes->round->items[i]);
}

static const char *const faults[VERIFY_COUNT] = {
    [VERIFY_EXPIRED] = "it has expired",
    [VERIFY_NOT_YET_VALID] = "it is not valid yet",
    [VERIFY_SELF_SIGNED] = "it is self-signed",
    [VERIFY_NAME] = "it is for another name",
    [VERIFY_UNTRUSTED] = "its issuer is not trusted here",
    [VERIFY_OTHER] = "it is not in order",
};

/* True: there was something to note. */
static bool note_certificate(
    struct notes *notes, const struct explain_item *item)
{
	const struct probe_seen *probe = explain_best_probe(notes->round, item);
	const struct target_seen *target = explain_target(notes->round, item);
	char address[ADDR_TEXT_SIZE];

	if (probe == NULL || faults[probe->tls.verify] == NULL)
		return false;
	buf_printf(notes->out,
	    "The certificate of %s (%s) on port %u does not verify: %s.\n",
	    target->endpoint, addr_format(&target->address, address),
	    probe->port, faults[probe->tls.verify]);
	return true;
}

static bool offers_login(
    const char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(caps[i], "AUTH") == 0)
			return true;
	return false;
}

/* An item whose endpoint offers a login only once TLS stands. */
static bool hides_login(
    const struct notes *notes, const struct explain_item *item)
{
	const struct probe_seen *probe = explain_best_probe(notes->round, item);

	return probe != NULL && probe->mode == MODE_STARTTLS &&
	       offers_login(probe->smtp.tls_caps, probe->smtp.ntls_caps) &&
	       !offers_login(probe->smtp.caps, probe->smtp.ncaps);
}

static void note_logins(struct notes *notes, uint16_t port)
{
	const struct explain_selection of = {
	    notes->round, port, 1u << OUTCOME_REACHABLE, 0, false};
	const struct explain_item *item;
	const char *endpoint, *last = "";
	size_t at = 0, named = 0;

	while ((item = explain_next(&of, &at)) != NULL && named < NOTES_MOST) {
		endpoint = explain_target(notes->round, item)->endpoint;
		if (!hides_login(notes, item) || strcmp(endpoint, last) == 0)
			continue;
		if (named++ == 0)
			buf_printf(notes->out,
			    "Port %u offers a login (AUTH) only after "
			    "STARTTLS: %s",
			    port, endpoint);
		else
			buf_printf(notes->out, ", %s", endpoint);
		last = endpoint;
	}
	if (named > 0)
		buf_append_text(notes->out, ".\n");
}

/* It was silent until TLS came first. */
static bool wants_tls_first(
    const struct notes *notes, const struct explain_item *item)
{
	const struct target_seen *target = explain_target(notes->round, item);
	const struct probe_seen *best = explain_best_probe(notes->round, item);
	size_t i;

	if (best == NULL || best->mode != MODE_TLS || best->ended <= STAGE_TLS)
		return false;
	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == best->port &&
		    target->probes[i].mode == MODE_STARTTLS)
			return true;
	return false;
}

/* On each port that some endpoint serves with TLS first, though it was asked
 * with a greeting in mind: how to ask for it. */
static void note_tls_first(struct notes *notes, uint16_t port)
{
	const struct explain_selection of = {
	    notes->round, port, 1u << OUTCOME_REACHABLE, 0, false};
	const struct explain_item *item;
	const struct target_seen *target;
	size_t at = 0;
	bool is_six;

	while ((item = explain_next(&of, &at)) != NULL) {
		if ((item->diagnosis.signs & SOFT_TLS_FIRST) == 0 &&
		    !wants_tls_first(notes, item))
			continue;
		target = explain_target(notes->round, item);
		is_six = strchr(target->host, ':') != NULL;
		buf_printf(notes->out,
		    "Port %u wants TLS first (%s): ask for it as "
		    "%s%s%s:%u/tls; "
		    "a client must be set to TLS, not to STARTTLS.\n",
		    port, target->endpoint, is_six ? "[" : "",
		    target->host[0] != '\0' ? target->host : "HOST",
		    is_six ? "]" : "", port);
		return;
	}
}

/* On each diagnosis that needs it, up to a number that is still read. */
static void note_certificates(struct notes *notes)
{
	size_t i, said = 0;

	for (i = 0; i < notes->round->count && said < NOTES_MOST; i++)
		said += note_certificate(notes, &notes->round->items[i]);
}

/* Which endpoints nobody named. */
static void note_references(struct notes *notes)
{
	const struct explain_round *round = notes->round;
	const struct report *report = round->report;
	size_t first = report->ntargets - round->nreferences, i;

	if (round->nreferences == 0)
		return;
	buf_append_text(notes->out,
	    "The named hosts alone do not decide, so these were asked for a "
	    "second opinion: ");
	for (i = first; i < report->ntargets; i++)
		if (i == first || strcmp(report->targets[i].endpoint,
				      report->targets[i - 1].endpoint) != 0)
			buf_printf(notes->out, "%s%s", i > first ? ", " : "",
			    report->targets[i].endpoint);
	buf_append_text(notes->out, ".\n");
}

void notes_add(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out)
{
	struct notes notes = {round, ports, count, out};
	size_t i;

	note_references(&notes);
	note_family(&notes);
	note_blindness(&notes);
	note_replies(&notes);
	note_certificates(&notes);
	note_receipts(&notes);
	for (i = 0; i < count; i++) {
		note_signs(&notes, ports[i].port);
		note_tls_first(&notes, ports[i].port);
		note_logins(&notes, ports[i].port);
	}
}
