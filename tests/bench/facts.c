/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/rfc3339.h"
#include "lib/report/report_encode.h"
#include "lib/report/words.h"

#define WRITTEN_MS INT64_C(1795521600000) /* any time: it is replaced */
#define NO_ID      "00000000-0000-7000-8000-000000000000"
#define HOPS       9
#define FILTER_HOP 3

static const uint16_t ports[FACTS_PORTS] = {25, 587, 465, 443};

static const char *const caps[] = {"PIPELINING", "SIZE", "ETRN", "STARTTLS",
    "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"};

static int64_t ago_ms(size_t endpoint)
{
	return (int64_t)(FACTS_ENDPOINTS - endpoint) * 137;
}

static bool is_filtered(size_t agent, uint16_t port)
{
	return port == 25 && agent % 10 == 0;
}

/* --- a report --- */

static int64_t micros(size_t agent, size_t n, int64_t about)
{
	return about + (int64_t)((agent * 7919 + n * 104729) % 9973);
}

static void see_smtp(struct smtp_seen *smtp, const char *host)
{
	size_t i;

	smtp->code = 220;
	snprintf(smtp->text, sizeof(smtp->text), "220 %s ESMTP Postfix", host);
	snprintf(smtp->name, sizeof(smtp->name), "%s", host);
	for (i = 0; i < sizeof(caps) / sizeof(*caps); i++)
		strcpy(smtp->caps[smtp->ncaps++], caps[i]);
}

static void see_tls(struct tls_seen *tls, size_t endpoint)
{
	strcpy(tls->version, "TLSv1.3");
	strcpy(tls->cipher, "TLS_AES_256_GCM_SHA384");
	tls->verify = VERIFY_OK;
	tls->has_spki = true;
	memset(tls->spki_sha256, (int)(0xa0 + endpoint), 32);
}

static void see_probe(
    struct probe_seen *probe, size_t agent, size_t n, const char *host)
{
	uint16_t port = ports[n % FACTS_PORTS];
	enum port_mode mode = port == 443   ? MODE_CONNECT
			      : port == 465 ? MODE_TLS
					    : MODE_STARTTLS;

	probe_seen_init(probe, port, mode);
	if (is_filtered(agent, port)) {
		probe->ended = STAGE_CONNECT;
		probe->failure = FAILURE_TIMEOUT;
		probe->us[STAGE_CONNECT] = 10000000;
		return;
	}
	probe->us[STAGE_CONNECT] = micros(agent, n, 12000);
	probe->ended = mode == MODE_CONNECT ? STAGE_CONNECT : STAGE_DONE;
	if (mode == MODE_CONNECT)
		return;
	probe->us[STAGE_BANNER] = micros(agent, n, 30000);
	probe->us[STAGE_EHLO] = micros(agent, n + 1, 12000);
	probe->us[STAGE_TLS] = micros(agent, n + 2, 31000);
	if (mode == MODE_STARTTLS) {
		probe->us[STAGE_STARTTLS] = micros(agent, n + 3, 12000);
		probe->us[STAGE_EHLO_TLS] = micros(agent, n + 4, 12000);
	}
	see_smtp(&probe->smtp, host);
	see_tls(&probe->tls, n / FACTS_PORTS);
}

/* What the agent adds where a port fails: the paths of it and of a control. */
static void see_path(
    struct path_seen *path, uint16_t port, int hops, size_t agent)
{
	char text[ADDR_TEXT_SIZE];
	int i;

	memset(path, 0, sizeof(*path));
	path->port = port;
	path->answer_ttl = OBSERVE_ABSENT;
	for (i = 0; i < hops; i++) {
		struct hop_seen *hop = &path->hops[path->nhops++];

		hop->ttl = i + 1;
		hop->us = micros(agent, (size_t)i, 900 * (i + 1));
		snprintf(text, sizeof(text),
		    i == 0 ? "192.168.1.%d" : "198.51.100.%d", i + 1);
		addr_parse(&hop->address, text);
	}
	if (hops == HOPS - 1) {
		path->reached = true;
		path->answer = ANSWER_SYN_ACK;
		path->answer_ttl = HOPS;
	}
}

static bool see_target(
    struct target_seen *target, const struct facts_agent *agent, size_t number)
{
	char address[ADDR_TEXT_SIZE];
	struct probe_seen probe;
	struct path_seen path;
	bool fits = true;
	size_t i;

	snprintf(target->endpoint, sizeof(target->endpoint), "mx-%zu.example",
	    number);
	snprintf(target->host, sizeof(target->host), "mx-%zu.example", number);
	snprintf(address, sizeof(address), "192.0.2.%zu", number + 1);
	addr_parse(&target->address, address);
	target->family = 4;
	target->at_ms = WRITTEN_MS - ago_ms(number);
	for (i = 0; i < FACTS_PORTS && fits; i++) {
		see_probe(&probe, agent->number, number * FACTS_PORTS + i,
		    target->host);
		fits = target_seen_add_probe(target, &probe) == 0;
	}
	if (!fits || !is_filtered(agent->number, 25))
		return fits;
	see_path(&path, 25, FILTER_HOP, agent->number);
	fits = target_seen_add_path(target, &path) == 0;
	see_path(&path, 443, HOPS - 1, agent->number);
	return fits && target_seen_add_path(target, &path) == 0;
}

static bool see_all(const struct facts_agent *agent, struct report *report)
{
	struct target_seen *target;
	size_t i;

	strcpy(report->id, NO_ID);
	memcpy(report->agent, agent->id, sizeof(report->agent));
	strcpy(report->software, "egress25-agent/" EGRESS25_VERSION);
	report->source4 = agent->source;
	report->ended_ms = WRITTEN_MS;
	report->started_ms = WRITTEN_MS - ago_ms(0) - 5000;
	for (i = 0; i < FACTS_ENDPOINTS; i++) {
		target = report_add_target(report);
		if (target == NULL || !see_target(target, agent, i))
			return false;
	}
	return true;
}

/* --- templates --- */

static void add_time(struct facts_template *template, size_t at, int64_t ago)
{
	template->times[template->ntimes].at = at;
	template->times[template->ntimes++].ago_ms = ago;
}

static void find_time(struct facts_template *template, int64_t ago)
{
	char text[RFC3339_SIZE];
	const char *found;

	rfc3339_format(WRITTEN_MS - ago, text);
	found = strstr(template->bytes.data, text);
	if (found != NULL)
		add_time(template, (size_t)(found - template->bytes.data), ago);
}

bool facts_write_report(
    const struct facts_agent *agent, struct facts_template *template)
{
	struct report report = {0};
	bool fits;
	size_t i;

	memset(template, 0, sizeof(*template));
	fits = see_all(agent, &report);
	if (fits)
		report_encode(&report, &template->bytes);
	report_free(&report);
	if (!fits || template->bytes.failed)
		return false;
	template->id_at = (size_t)(strstr(template->bytes.data, NO_ID) -
				   template->bytes.data);
	find_time(template, 0);
	find_time(template, ago_ms(0) + 5000);
	for (i = 0; i < FACTS_ENDPOINTS; i++)
		find_time(template, ago_ms(i));
	return true;
}

/* Words are tags and numbers are fields, as VictoriaMetrics keeps them: what
 * is text in a field is lost there. */
static void write_line(const struct facts_agent *agent,
    const struct target_seen *target, const struct probe_seen *probe,
    struct facts_template *template)
{
	bool filtered = is_filtered(agent->number, probe->port);
	struct buf *out = &template->bytes;
	int64_t total_us = 0;
	size_t i;

	for (i = 0; i < STAGE_COUNT; i++)
		if (probe->us[i] != OBSERVE_ABSENT)
			total_us += probe->us[i];
	buf_printf(out,
	    "egress25,agent=%.16s,asn=%zu,network=Provider-%zu,country=%s,"
	    "prefix=198.18.%zu.0/24,family=4,endpoint=%s,address=192.0.2.%d,"
	    "port=%u,mode=%s,ended=%s,failure=%s,outcome=%s,mechanism=%s,",
	    agent->id, 64500 + agent->number / 10, agent->number / 10,
	    agent->number / 10 % 2 == 0 ? "DE" : "FR", agent->number / 10,
	    target->endpoint, target->address.bytes[3], probe->port,
	    port_mode_word(probe->mode), stage_word(probe->ended),
	    filtered ? "timeout" : "none", filtered ? "filtered" : "reachable",
	    filtered ? "drop" : "open");
	buf_printf(out,
	    "tls_version=%s,tls_verify=%s smtp_code=%d,endpoint_hops=%d,"
	    "connect_ms=%.3f,total_ms=%.3f ",
	    probe->tls.version[0] != '\0' ? probe->tls.version : "none",
	    probe->tls.version[0] != '\0' ? "ok" : "none",
	    probe->smtp.code == OBSERVE_ABSENT ? 0 : probe->smtp.code, HOPS,
	    (double)probe->us[STAGE_CONNECT] / 1000, (double)total_us / 1000);
	add_time(template, out->length, WRITTEN_MS - target->at_ms);
	buf_printf(out, "%" PRId64 "000000\n", target->at_ms);
}

bool facts_write_lines(
    const struct facts_agent *agent, struct facts_template *template)
{
	struct report report = {0};
	size_t i, k;
	bool fits;

	memset(template, 0, sizeof(*template));
	template->is_lines = true;
	fits = see_all(agent, &report);
	for (i = 0; fits && i < report.ntargets; i++)
		for (k = 0; k < report.targets[i].nprobes; k++)
			write_line(agent, &report.targets[i],
			    &report.targets[i].probes[k], template);
	report_free(&report);
	return fits && !template->bytes.failed;
}

void facts_renew(
    struct facts_template *template, int64_t now_ms, const char *id)
{
	char *bytes = template->bytes.data;
	char text[RFC3339_SIZE];
	size_t i;

	for (i = 0; i < template->ntimes; i++) {
		int64_t at_ms = now_ms - template->times[i].ago_ms;

		if (template->is_lines)
			snprintf(text, sizeof(text), "%" PRId64, at_ms);
		else
			rfc3339_format(at_ms, text);
		memcpy(bytes + template->times[i].at, text, strlen(text));
	}
	if (template->id_at != 0)
		memcpy(bytes + template->id_at, id, REPORT_ID_SIZE - 1);
}

void facts_free(struct facts_template *template)
{
	buf_free(&template->bytes);
}
