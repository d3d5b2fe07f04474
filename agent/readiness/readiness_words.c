/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/readiness_words.h"

#include <stdio.h>
#include <string.h>

#include "agent/readiness/spf.h"
#include "lib/json/json.h"

static const struct readiness_family *first_known(
    const struct readiness *readiness)
{
	size_t i;

	for (i = 0; i < readiness->count; i++)
		if (readiness->family[i].address.family != 0)
			return &readiness->family[i];
	return &readiness->family[0];
}

/* Where the address is from, or why there is none. */
static void say_address(
    const struct readiness_family *family, char *out, size_t size)
{
	char local[ADDR_TEXT_SIZE];
	const char *why = family->collector_why;

	addr_format(&family->local, local);
	if (family->by_collector)
		snprintf(out, size, "as the collector sees it");
	else if (family->address.family != 0)
		snprintf(out, size, "this host's own address%s%s",
		    *why ? "; " : "", why);
	else if (family->local.family == 0)
		snprintf(out, size, "this host has no route over IPv%d",
		    family->family);
	else
		snprintf(out, size,
		    "the public address is not known: this host's own, %s, is "
		    "private%s%s",
		    local, *why ? ", and " : "", why);
}

/* --- JSON --- */

static void add_fact(struct json_writer *json, const char *key, enum fact fact)
{
	if (fact == FACT_UNKNOWN)
		json_null(json, key);
	else
		json_bool(json, key, fact == FACT_YES);
}

static const char *source_word(const struct readiness_family *family)
{
	if (family->address.family == 0)
		return "";
	return family->by_collector ? "collector" : "socket";
}

/* Without an address, or a name to ask for, there is nothing to know. */
static bool can_have_spf(const struct readiness_family *family)
{
	return family->address.family != 0 &&
	       (family->spf_domain[0] != '\0' || family->rdns[0] != '\0' ||
		   family->has_name == FACT_UNKNOWN);
}

static void add_spf(
    struct json_writer *json, const struct readiness_family *family)
{
	json_text_or_null(json, "spf",
	    can_have_spf(family) ? spf_result_word(family->spf) : "");
	json_text_or_null(json, "spf_domain", family->spf_domain);
	json_text_or_null(json, "spf_because", family->spf_because);
}

static void add_blocklist(
    struct json_writer *json, const struct blocklist_seen *seen)
{
	size_t i;

	json_open_object(json, NULL);
	json_text(json, "zone", seen->zone);
	if (seen->state == BLOCKLIST_LISTED ||
	    seen->state == BLOCKLIST_NOT_LISTED)
		json_bool(json, "listed", seen->state == BLOCKLIST_LISTED);
	else
		json_null(json, "listed");
	json_open_array(json, "codes");
	for (i = 0; i < seen->answer.count; i++)
		json_address(json, NULL, &seen->answer.code[i]);
	json_close_array(json);
	json_text_or_null(json, "because", seen->because);
	json_close_object(json);
}

static void add_blocklists(
    struct json_writer *json, const struct readiness_family *family)
{
	size_t i;

	if (family->nblocklists == 0)
		return;
	json_open_array(json, "blocklists");
	for (i = 0; i < family->nblocklists; i++)
		add_blocklist(json, &family->blocklists[i]);
	json_close_array(json);
}

static void add_family(
    struct json_writer *json, const struct readiness_family *family)
{
	char because[400];

	say_address(family, because, sizeof(because));
	json_integer(json, "family", family->family);
	json_address(json, "address", &family->address);
	json_text_or_null(json, "source", source_word(family));
	json_address(json, "local_address", &family->local);
	json_text(json, "because", because);
	json_text_or_null(json, "rdns", family->rdns);
	add_fact(json, "fcrdns", family->leads_back);
	add_spf(json, family);
	add_fact(json, "helo_matches", family->helo_matches);
	add_blocklists(json, family);
}

static const char *const helo_words[] = {
    [HELO_NONE] = "",
    [HELO_OPTION] = "option",
    [HELO_CONFIGURED] = "configuration",
    [HELO_HOST] = "host",
};

void readiness_words_json(
    struct json_writer *json, const struct readiness *readiness)
{
	size_t i;

	if (readiness == NULL) {
		json_null(json, "readiness");
		return;
	}
	json_open_object(json, "readiness");
	add_family(json, first_known(readiness));
	json_text_or_null(json, "helo", readiness->helo);
	json_text_or_null(
	    json, "helo_source", helo_words[readiness->helo_source]);
	json_open_array(json, "families");
	for (i = 0; i < readiness->count; i++) {
		json_open_object(json, NULL);
		add_family(json, &readiness->family[i]);
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}

/* --- words --- */

/* What is written about: a family, and its address as text. */
struct part {
	const struct readiness *readiness;
	const struct readiness_family *family;
	char address[ADDR_TEXT_SIZE];
	struct buf *out;
};

static const char *record_type(const struct part *part)
{
	return part->family->family == 4 ? "A" : "AAAA";
}

/* "mail.example.net, the name ..." or what stands for it. */
static void add_wished_name(const struct part *part)
{
	if (part->readiness->helo[0] != '\0')
		buf_printf(part->out,
		    "%s, the name that the server says in "
		    "EHLO",
		    part->readiness->helo);
	else
		buf_append_text(part->out,
		    "the fully qualified name that the server says in EHLO");
}

static void add_reverse(const struct part *part)
{
	const struct readiness_family *family = part->family;

	if (family->has_name == FACT_UNKNOWN) {
		buf_printf(part->out, "- Reverse DNS: not known (%s).\n",
		    family->dns_why);
		return;
	}
	if (family->has_name == FACT_NO) {
		buf_printf(part->out,
		    "- Reverse DNS: none. Many servers refuse mail from such "
		    "an "
		    "address: ask the provider to set the PTR record of %s to ",
		    part->address);
		add_wished_name(part);
		buf_append_text(part->out, ".\n");
		return;
	}
	buf_printf(part->out, "- Reverse DNS: %s", family->rdns);
	if (family->leads_back == FACT_YES)
		buf_append_text(part->out, ", which resolves back to it.\n");
	else if (family->leads_back == FACT_UNKNOWN)
		buf_printf(part->out,
		    "; whether it resolves back is not known (%s).\n",
		    family->dns_why);
	else
		buf_printf(part->out,
		    ", which does not resolve back to %s: add this %s record "
		    "to that name, or ask the provider for a PTR record with a "
		    "name that has it.\n",
		    part->address, record_type(part));
}

/* The other record that would do, where the domain is the person's own. */
static void advise_on_spf(const struct part *part)
{
	const struct readiness_family *family = part->family;

	if (family->spf == SPF_NONE)
		buf_printf(part->out,
		    ": if it is a domain of yours that sends mail, give it a "
		    "TXT record like \"v=spf1 ip%d:%s -all\"",
		    family->family, part->address);
	else if (family->spf != SPF_PASS && family->spf != SPF_UNKNOWN)
		buf_printf(part->out,
		    ": if mail of this domain is to leave from here, put "
		    "ip%d:%s into its SPF record",
		    family->family, part->address);
}

static void add_spf_line(const struct part *part)
{
	const struct readiness_family *family = part->family;
	bool known = family->spf != SPF_PENDING && family->spf != SPF_UNKNOWN;

	if (family->spf_domain[0] == '\0' && can_have_spf(family)) {
		buf_printf(
		    part->out, "- SPF: not known (%s).\n", family->dns_why);
		return;
	}
	if (family->spf_domain[0] == '\0') {
		buf_append_text(part->out, "- SPF: not looked up: there is no "
					   "name to look up. Give the "
					   "senders' domain with --domain.\n");
		return;
	}
	buf_printf(part->out, "- SPF of %s: %s", family->spf_domain,
	    known ? spf_result_word(family->spf) : "not known");
	if (family->spf_because[0] != '\0')
		buf_printf(part->out, " (%s)", family->spf_because);
	advise_on_spf(part);
	buf_append_text(part->out, ".");
	if (!part->readiness->domain_given)
		buf_append_text(
		    part->out, " For another sender domain: --domain.");
	buf_append_char(part->out, '\n');
}

static void add_helo(const struct part *part)
{
	const char *helo = part->readiness->helo;

	if (helo[0] == '\0')
		buf_append_text(part->out,
		    "- EHLO name: this host's own name has no domain; a mail "
		    "server needs one that has. Give it with --ehlo.\n");
	else if (part->family->helo_matches == FACT_YES)
		buf_printf(
		    part->out, "- EHLO name: %s resolves to it.\n", helo);
	else if (part->family->helo_matches == FACT_UNKNOWN)
		buf_printf(part->out,
		    "- EHLO name: whether %s resolves to it is not known.\n",
		    helo);
	else
		buf_printf(part->out,
		    "- EHLO name: %s does not resolve to it: add the %s record "
		    "%s.\n",
		    helo, record_type(part), part->address);
}

static void add_blocklist_lines(const struct part *part)
{
	static const char *const words[] = {
	    [BLOCKLIST_UNKNOWN] = "not known",
	    [BLOCKLIST_REFUSED] = "not known",
	    [BLOCKLIST_NOT_LISTED] = "not listed",
	    [BLOCKLIST_LISTED] = "listed",
	};
	const struct blocklist_seen *seen;
	size_t i;

	for (i = 0; i < part->family->nblocklists; i++) {
		seen = &part->family->blocklists[i];
		buf_printf(part->out, "- Block list %s: %s%s%s%s.\n",
		    seen->zone, words[seen->state],
		    seen->because[0] != '\0' ? " (" : "", seen->because,
		    seen->because[0] != '\0' ? ")" : "");
	}
}

static void add_part(const struct readiness *readiness,
    const struct readiness_family *family, struct buf *out)
{
	struct part part = {readiness, family, "", out};
	char because[400];

	say_address(family, because, sizeof(because));
	addr_format(&family->address, part.address);
	if (family->address.family == 0) {
		buf_printf(out, "IPv%d: %s.\n", family->family, because);
		return;
	}
	buf_printf(
	    out, "IPv%d: %s, %s.\n", family->family, part.address, because);
	add_reverse(&part);
	add_spf_line(&part);
	add_helo(&part);
	add_blocklist_lines(&part);
}

static bool has_way(const struct readiness_family *family)
{
	return family->address.family != 0 || family->local.family != 0;
}

void readiness_words_text(const struct readiness *readiness, struct buf *out)
{
	bool any = false;
	size_t i;

	buf_append_text(out, "\nIs this address fit to send mail from?\n");
	for (i = 0; i < readiness->count; i++)
		any |= has_way(&readiness->family[i]);
	for (i = 0; i < readiness->count; i++)
		if (!any || has_way(&readiness->family[i]))
			add_part(readiness, &readiness->family[i], out);
}
