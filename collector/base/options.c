/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/prefixes.h"

#define FIELD(name)                               \
	offsetof(struct collector_options, name), \
	    sizeof(((struct collector_options *)0)->name)

#define DAY INT64_C(86400)

static int check_prefixes(const char *text, struct err *err)
{
	struct prefix_list list;

	return prefixes_parse(text, &list, err);
}

const struct conf_option collector_option_table[] = {
    {"collector", "listen", CONF_LISTEN, FIELD(listen), "127.0.0.1:8025",
	.help = "address and port of the API and the pages"},
    {"collector", "admin", CONF_LISTEN, FIELD(admin), "127.0.0.1:8026",
	.help = "address and port of metrics and health; not for the public"},
    {"collector", "state", CONF_PATH, FIELD(state),
	"/var/lib/egress25-collector",
	.help = "directory of the database and the collector's secret"},
    {"collector", "enrol", CONF_CHOICE, FIELD(enrol), "open",
	.choices = "open token", .help = "who may become an agent"},
    {"collector", "trusted-proxies", CONF_STRING, FIELD(trusted_proxies), "",
	.help = "prefixes whose PROXY header and X-Forwarded-For are believed",
	.check = check_prefixes},
    {"collector", "endpoints", CONF_PATH, FIELD(endpoints), "",
	.help = "endpoints file: what agents visit, and all that counts"},
    {"collector", "web", CONF_BOOL, FIELD(web), "yes",
	.help = "serve the pages"},
    {"collector", "retention", CONF_S, FIELD(retention_s), "90d", .least = 0,
	.most = 36500 * DAY,
	.help = "how long single measurements are kept; 0: for ever"},
    {"collector", "keep-signed", CONF_BOOL, FIELD(keep_signed), "no",
	.help = "keep the reports as they were signed, as evidence"},
    {"geo", "asn", CONF_PATH, FIELD(geo_asn), "",
	.help = "MaxMind DB file of networks; empty: networks stay unknown"},
    {"geo", "country", CONF_PATH, FIELD(geo_country), "",
	.help = "MaxMind DB file of countries; empty: countries stay unknown"},
    {"dumps", "directory", CONF_PATH, FIELD(dumps_directory), "",
	.help = "where the files of whole days are, served as /data/; empty: "
		"none"},
    {"dumps", "nightly", CONF_BOOL, FIELD(dumps_nightly), "yes",
	.help = "`serve` writes them by itself"},
    {"dumps", "after", CONF_S, FIELD(dumps_after_s), "75m", .least = 0,
	.most = DAY - 1,
	.help = "how long after the end of a day, UTC: rows may come late"},
    {"dumps", "keep", CONF_S, FIELD(dumps_keep_s), "0", .least = 0,
	.most = 36500 * DAY,
	.help = "for how many days `serve` keeps the files; 0: for ever"},
    {"about", "operator", CONF_STRING, FIELD(about_operator), "",
	.help = "who runs this collector, for its pages"},
    {"about", "contact", CONF_STRING, FIELD(about_contact), "",
	.help = "where who runs a network can write to, for the pages"},
    {"about", "licence", CONF_STRING, FIELD(about_licence), "",
	.help = "the licence of the data, for the pages"},
    {"about", "simulated", CONF_BOOL, FIELD(about_simulated), "no",
	.help = "the data are made up: every page says so"},
    {"tls", "certificate", CONF_PATH, FIELD(tls_certificate), "",
	.help = "certificate chain of the public listener, PEM; empty: no TLS"},
    {"tls", "key", CONF_PATH, FIELD(tls_key), "",
	.help = "private key of that certificate, PEM"},
    {"limits", "body", CONF_BYTES, FIELD(limit_body_bytes), "1M",
	.least = 1 << 10, .most = 1 << 20,
	.help = "largest report, before and after gunzip"},
    {"limits", "connections", CONF_COUNT, FIELD(limit_connections), "4096",
	.least = 8, .most = 1000000,
	.help = "connections that are open at a time"},
    {"limits", "connections-address", CONF_COUNT,
	FIELD(limit_connections_address), "256", .least = 0, .most = 1000000,
	.help = "the same of an address, or a /64; trusted-proxies have no "
		"limit; 0: any number"},
    {"limits", "memory", CONF_BYTES, FIELD(limit_memory_bytes), "64M",
	.least = 4 << 20, .most = INT64_C(1) << 40,
	.help =
	    "requests half sent, replies not read and TLS, of all connections"},
    {"limits", "workers", CONF_COUNT, FIELD(limit_workers), "0", .least = 0,
	.most = 64, .help = "threads that take reports in; 0: one a processor"},
    {"limits", "request", CONF_S, FIELD(limit_request_s), "60s", .least = 1,
	.most = 3600, .help = "how long a client may take to send a request"},
    {"limits", "free-space", CONF_BYTES, FIELD(limit_free_bytes), "256M",
	.least = 0, .most = INT64_MAX,
	.help = "not ready while less is free for the database; 0: always"},
    {"limits", "queue", CONF_COUNT, FIELD(limit_queue), "1024", .least = 1,
	.most = 100000, .help = "reports that wait for the writer"},
    {"limits", "clock-skew", CONF_S, FIELD(limit_clock_skew_s), "5m",
	.least = 1, .most = DAY,
	.help = "how far a signature's time may be from the clock"},
    {"limits", "enrol-address", CONF_COUNT, FIELD(limit_enrol_address), "512",
	.least = 0, .most = 1000000,
	.help =
	    "agents that an address, or a /64, may enrol in an hour; 0: any "
	    "number"},
    {"limits", "enrol-prefix", CONF_COUNT, FIELD(limit_enrol_prefix), "2048",
	.least = 0, .most = 1000000,
	.help = "the same for a /24 or /48; 0: any number"},
    {"limits", "key-changes", CONF_COUNT, FIELD(limit_key_changes), "6",
	.least = 0, .most = 1000000,
	.help = "changes of its key that an agent may make in an hour"},
    {"limits", "reports-agent", CONF_COUNT, FIELD(limit_reports_agent), "3600",
	.least = 0, .most = 1000000000,
	.help = "reports of an agent in an hour, a sixth of it at once; 0: any "
		"number"},
    {"limits", "reports-prefix", CONF_COUNT, FIELD(limit_reports_prefix),
	"360000", .least = 0, .most = 1000000000,
	.help = "the same for a /24 or /48; 0: any number"},
    {"limits", "probes-agent", CONF_COUNT, FIELD(limit_probes_agent), "240000",
	.least = 0, .most = 1000000000,
	.help = "probes in an agent's reports, the same way; 0: any number"},
    {"limits", "probes-prefix", CONF_COUNT, FIELD(limit_probes_prefix),
	"24000000", .least = 0, .most = 1000000000,
	.help = "the same for a /24 or /48; 0: any number"},
    {"limits", "reads-address", CONF_COUNT, FIELD(limit_reads_address),
	"1200000", .least = 0, .most = 7200000,
	.help = "ms of readers' time that an address (of IPv6 a /64) may use "
		"in an hour, a sixth of it at once; 0: any"},
    {"store", "backend", CONF_CHOICE, FIELD(backend), "sqlite",
	.choices = "sqlite clickhouse", .help = "where the rows live"},
    {"store", "path", CONF_PATH, FIELD(store_path), "",
	.help = "database file; empty: collector.db in the state directory"},
    {"store", "url", CONF_STRING, FIELD(store_url), "",
	.help = "clickhouse: servers, with blanks between: https://HOST:PORT"},
    {"store", "user", CONF_STRING, FIELD(store_user), "egress25",
	.help = "clickhouse: the account that writes"},
    {"store", "password-file", CONF_PATH, FIELD(store_password), "",
	.help = "clickhouse: file with its password"},
    {"store", "reader", CONF_STRING, FIELD(store_reader), "",
	.help = "clickhouse: the account that the public's questions use"},
    {"store", "reader-password-file", CONF_PATH, FIELD(store_reader_password),
	"", .help = "clickhouse: file with its password"},
    {"store", "cluster", CONF_STRING, FIELD(store_cluster), "egress25",
	.help = "clickhouse: the cluster's name in remote_servers"},
    {"store", "database", CONF_STRING, FIELD(store_database), "egress25",
	.help = "clickhouse: where the tables are"},
    {"store", "quorum", CONF_COUNT, FIELD(store_quorum), "2", .least = 1,
	.most = 16,
	.help = "clickhouse: servers that have a row when it is acknowledged"},
    {"store", "ca-file", CONF_PATH, FIELD(store_ca_file), "",
	.help = "clickhouse: certificates that are trusted; empty: the "
		"system's"},
    {"store", "insecure", CONF_BOOL, FIELD(store_insecure), "no",
	.help = "clickhouse: http to other machines, without TLS"},
    {NULL},
};

int collector_options_read(
    const char *path, struct collector_options *options, struct err *err)
{
	if (path == NULL && access(COLLECTOR_CONFIG_PATH, F_OK) != 0)
		return conf_defaults(collector_option_table, options, err);
	return conf_read(path != NULL ? path : COLLECTOR_CONFIG_PATH,
	    collector_option_table, sizeof(*options), options, err);
}

int collector_options_check(
    const struct collector_options *options, struct err *err)
{
	if ((options->tls_certificate[0] != '\0') !=
	    (options->tls_key[0] != '\0'))
		return err_input(
		    err, "[tls] needs both certificate and key, or neither");
	if (options->backend == BACKEND_CLICKHOUSE &&
	    options->store_url[0] == '\0')
		return err_input(
		    err, "[store] backend = clickhouse needs a url");
	return 0;
}

static void say_geo_gap(const char *key, const char *path, const char *unknown)
{
	if (path[0] == '\0')
		printf("missing: [geo] %s: the %s of agents stay unknown\n",
		    key, unknown);
	else if (access(path, R_OK) < 0)
		printf(
		    "missing: [geo] %s: %s: %s\n", key, path, strerror(errno));
}

void collector_options_say_gaps(const struct collector_options *options)
{
	if (options->endpoints[0] == '\0')
		puts("missing: [collector] endpoints: nothing that agents "
		     "report counts");
	say_geo_gap("asn", options->geo_asn, "networks");
	say_geo_gap("country", options->geo_country, "countries");
	if (options->about_contact[0] == '\0')
		puts("missing: [about] contact: whom a network can write to");
}

int collector_options_database(const struct collector_options *options,
    char *path, size_t size, struct err *err)
{
	int length;

	if (*options->store_path != '\0')
		length = snprintf(path, size, "%s", options->store_path);
	else
		length = snprintf(
		    path, size, "%s/collector.db", options->state);
	if ((size_t)length >= size)
		return err_input(err, "%s: the path is too long", path);
	return 0;
}
