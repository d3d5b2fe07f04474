/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/dictionary.h"

#include <stddef.h>
#include <string.h>

static const struct entry {
	const char *name, *meaning;
} entries[] = {
    /* of every answer */
    {"generated", "When this was made; ages are counted from it"},
    {"generation", "The number of the published view that this comes from"},
    {"items", "The rows"},
    {"next", "The cursor of the next page; null at the end"},
    {"total", "Rows that pass the filter, on all pages"},
    {"since", "Beginning of the window or of the state; null: not known"},
    {"until", "End of the window, which is excluded"},
    /* of a measurement */
    {"schema_version", "The version of the row's columns"},
    {"id", "The id; of a measurement the report's, a colon and a number"},
    {"report", "The id of the report"},
    {"at", "When it was seen, or when the state changed"},
    {"agent", "A pseudonym of the vantage point"},
    {"asn", "The AS number; null: not attributed"},
    {"network", "The name of the AS"},
    {"name", "The name of the AS, or of the endpoint"},
    {"country", "The country of the network (ISO 3166)"},
    {"prefix", "The vantage point's /24 or /48"},
    {"family", "The family of addresses, 4 or 6"},
    {"endpoint", "The name of the endpoint in the collector's list"},
    {"address", "An address; of a measurement the endpoint's"},
    {"port", "The destination port"},
    {"mode", "How the port was spoken to"},
    {"ended", "The stage in which the probe ended"},
    {"failure", "How it failed; null: it did not"},
    {"outcome", "What the diagnosis says; null for control ports"},
    {"mechanism", "How; null where nothing is to be named"},
    {"where", "Where on the path"},
    {"after_hop", "The last hop that answered on this port; 0 is the host"},
    {"before_hop", "The first hop beyond the break; null: not known"},
    {"after_asn", "The AS of the last hop that answered on this port"},
    {"before_asn", "The AS of the first hop beyond the break"},
    {"endpoint_hops", "How far the endpoint is; null: not known"},
    {"icmp_type", "Type of the ICMP message that ended it"},
    {"icmp_code", "Code of the ICMP message that ended it"},
    {"smtp_code", "The SMTP reply code that decided"},
    {"tls_version", "The TLS version that was agreed on"},
    {"tls_verify", "How the certificate verified"},
    {"connect_ms", "How long the handshake took"},
    {"total_ms", "How long the probe took"},
    {"attributed", "The source address was proved"},
    {"listed", "The probe is one of the collector's own list"},
    {"operator", "A pseudonym of who runs the vantage point"},
    {"signs", "Soft signs that were seen beside the outcome"},
    /* of a network */
    {"state", "The published state"},
    {"reach", "How far the state reaches; null: nothing is claimed"},
    {"level", "How much evidence stands behind it; null: too little"},
    {"confidence", "How sure the state is, 0 to 1"},
    {"wrong", "The chance that an accused network is open"},
    {"blocked_share", "The share of lines that are blocked, 0 to 1"},
    {"blocked_share_low", "Its 5 % point"},
    {"blocked_share_mid", "The share of lines that are blocked, 0 to 1"},
    {"blocked_share_high", "Its 95 % point"},
    {"low", "The 5 % point"},
    {"mid", "The estimate"},
    {"high", "The 95 % point"},
    {"vantage_points", "Lines that were surely blocked or open"},
    {"witnesses", "Two numbers: of blocked and of open lines"},
    {"witnesses_blocked", "Lines that witness a block"},
    {"witnesses_open", "Lines that witness that mail gets out"},
    {"prefixes", "Prefixes that the vantage points are in"},
    {"blocked_prefixes", "Prefixes in which every line is blocked"},
    {"endpoints", "Endpoints that were asked"},
    {"probes", "Probes in the window of the verdict"},
    {"since_is_first", "The state was never seen otherwise"},
    {"last", "The newest probe"},
    {"because", "The reasons, as a sentence or a list of sentences"},
    {"annotation", "The operator's remark; null: there is none"},
    {"outcomes", "Probes by outcome and mechanism"},
    /* of many networks */
    {"rows", "Rows, of which each column has one value"},
    {"columns", "The columns, each a list of values"},
    {"p25", "Of port 25: state, mechanism, level, the share's low, mid and "
	    "high, since, since_is_first; null: not measured"},
    {"p587", "The same of port 587"},
    {"p465", "The same of port 465"},
    {"from", "The state before; insufficient: it was new"},
    {"to", "The state since then"},
    {"day", "A day, UTC"},
    {"history", "For each key two strings with a character a day: the state "
		"(o f p i c n, - not known) and the level (0 to 3)"},
    {"states", "Networks by state"},
    {"states_week_ago", "The same a week ago; null: not known"},
    {"known", "Networks that are open, filtered, partial or intercepted"},
    {"countries", "Countries with a network that was measured"},
    {"single_vantage", "Networks with one vantage point"},
    {"ipv6_share", "Of all ASes, the share that was measured over IPv6"},
    /* of the others */
    {"software", "The program and its version"},
    {"thresholds", "The numbers that decide a verdict (doc/verdict.md)"},
    {"expected_wrong", "Listed accusations that may be wrong, on average"},
    {"networks", "Networks: a number, or those of the asker's AS"},
    {"agents", "Vantage points that are known"},
    {"reports", "Reports that are stored"},
    {"measurements", "Measurements that are stored"},
    {"first", "The oldest measurement"},
    {"host", "The name or address that was asked"},
    {"domain", "The domain whose mail hosts are asked"},
    {"kind", "The kind of endpoint"},
    {"ports", "The ports"},
    {"control", "Ports that are asked to compare with"},
    {"interval_s", "The time between two visits by one agent, at least"},
    {"rate", "Visits a second by all agents together, at most"},
    {"expires", "When the proof ends"},
    {"proof", "The collector's proof of the source address"},
    {"accepted", "Probes that were stored"},
    {"duplicate", "The report was stored before"},
    {"public_key", "An Ed25519 key in base64"},
    {"token", "The token to enrol with"},
    {"possession", "A proof that the agent has the new key"},
    {"error", "What is wrong"},
    {"field", "The parameter or member that is wrong; null: none alone"},
    {"message", "What is wrong, and what would be right"},
    {"format", "The format of the answer"},
    {"openapi", "The version of OpenAPI"},
};

const char *dictionary_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		if (strcmp(entries[i].name, name) == 0)
			return entries[i].meaning;
	return NULL;
}
