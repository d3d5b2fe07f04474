/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/base/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/values.h"

#define FIELD(name)                            \
	offsetof(struct beacon_options, name), \
	    sizeof(((struct beacon_options *)0)->name)

/* Parse addresses separated by blanks or commas. Returns how many, or -1 with a
 * sentence. */
static int parse_addresses(const char *text,
    struct addr addresses[BEACON_ADDRESSES_MAX], struct err *err)
{
	char word[ADDR_TEXT_SIZE];
	size_t length;
	int count = 0;

	for (;; text += length) {
		text += strspn(text, " \t,");
		length = strcspn(text, " \t,");
		if (length == 0)
			break;
		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		if (count == BEACON_ADDRESSES_MAX) {
			err_input(err, "more than %d addresses",
			    BEACON_ADDRESSES_MAX);
			return -1;
		}
		if (length >= sizeof(word) ||
		    !addr_parse(&addresses[count], word)) {
			err_input(err, "'%.*s' is no address",
			    (int)(length < 80 ? length : 80), text);
			return -1;
		}
		count++;
	}
	return count;
}

static int check_addresses(const char *text, struct err *err)
{
	struct addr addresses[BEACON_ADDRESSES_MAX];
	int count = parse_addresses(text, addresses, err);

	if (count == 0)
		return err_input(err, "no address is named");
	return count < 0 ? -EINVAL : 0;
}

static int check_metrics(const char *text, struct err *err)
{
	char host[256];
	struct addr address;
	uint16_t port;

	if (values_parse_host_port(text, host, &port, NULL) != 0 || port == 0 ||
	    !addr_parse(&address, host))
		return err_input(
		    err, "'%.80s' is no ADDRESS:PORT or [ADDRESS]:PORT", text);
	return 0;
}

const struct conf_option beacon_option_table[] = {
    {"beacon", "name", CONF_STRING, FIELD(name), "",
	.help = "name in the greeting; empty: the name of this host",
	.check = values_check_fqdn},
    {"beacon", "addresses", CONF_STRING, FIELD(addresses), "0.0.0.0 ::",
	.help = "addresses to listen on", .check = check_addresses},
    {"beacon", "ports", CONF_PORTS, FIELD(ports), "25 587 465 2525/starttls",
	.help = "ports to listen on; PORT/tls: TLS comes first"},
    {"beacon", "state", CONF_PATH, FIELD(state), "/var/lib/egress25-beacon",
	.help = "directory of the key that signs receipts"},
    {"beacon", "certificate", CONF_PATH, FIELD(certificate), "",
	.help = "certificate chain, PEM; empty: a self-signed one"},
    {"beacon", "key", CONF_PATH, FIELD(key), "",
	.help = "private key of that certificate, PEM"},
    {"beacon", "metrics", CONF_STRING, FIELD(metrics), "",
	.help = "address and port of Prometheus's metrics, such as "
		"127.0.0.1:9125; empty: none",
	.check = check_metrics},
    {"limits", "connections", CONF_COUNT, FIELD(connections), "20000",
	.least = 1, .most = 1000000,
	.help = "connections that are open at a time"},
    {"limits", "connections-address", CONF_COUNT, FIELD(connections_address),
	"32", .least = 0, .most = 1000000,
	.help = "the same of an address, or a /64; 0: any number"},
    {"limits", "tls-sessions", CONF_COUNT, FIELD(tls_sessions), "1000",
	.least = 1, .most = 1000000,
	.help = "of these, in TLS, which takes more memory"},
    {"limits", "idle", CONF_S, FIELD(idle_s), "5m", .least = 1, .most = 86400,
	.help = "how long a client may say nothing (RFC 5321, 4.5.3.2.7)"},
    {"limits", "session", CONF_S, FIELD(session_s), "15m", .least = 1,
	.most = 86400, .help = "how long a connection may last"},
    {"limits", "commands", CONF_COUNT, FIELD(commands), "50", .least = 1,
	.most = 100000, .help = "commands in one connection"},
    {NULL},
};

static int check_whole(const struct beacon_options *options, struct err *err)
{
	if ((options->certificate[0] == '\0') != (options->key[0] == '\0'))
		return err_input(
		    err, "certificate and key go together, or none is set");
	return 0;
}

int beacon_options_read(
    const char *path, struct beacon_options *options, struct err *err)
{
	const char *file = path != NULL ? path : BEACON_CONFIG_PATH;
	int error;

	if (path == NULL && access(file, F_OK) != 0)
		error = conf_defaults(beacon_option_table, options, err);
	else
		error = conf_read(
		    file, beacon_option_table, sizeof(*options), options, err);
	if (error == 0)
		error = check_whole(options, err);
	return error;
}

size_t beacon_options_addresses(const struct beacon_options *options,
    struct addr addresses[BEACON_ADDRESSES_MAX])
{
	int count = parse_addresses(options->addresses, addresses, NULL);

	return count < 0 ? 0 : (size_t)count;
}
