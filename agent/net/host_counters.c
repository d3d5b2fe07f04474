/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/host_counters.h"

#include <stdlib.h>
#include <string.h>

/* The line that begins with `prefix`, from `text` on. NULL: none. */
static const char *find_line(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	while (text != NULL && strncmp(text, prefix, length) != 0) {
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	return text;
}

/* A line of names is followed by one of their values, both after `prefix`. */
static bool find_value(
    const char *text, const char *prefix, const char *name, int64_t *value)
{
	const char *names = find_line(text, prefix);
	const char *values = names != NULL ? strchr(names, '\n') : NULL;
	size_t length;

	values = values != NULL ? find_line(values + 1, prefix) : NULL;
	if (values == NULL)
		return false;
	for (;;) {
		names += strcspn(names, " \n");
		values += strcspn(values, " \n");
		if (*names != ' ' || *values != ' ')
			return false;
		length = strcspn(++names, " \n");
		values++;
		if (length == strlen(name) && strncmp(names, name, length) == 0)
			break;
	}
	*value = strtoll(values, NULL, 10);
	return true;
}

/* "    lo: BYTES PACKETS ..." of what was received. */
static bool find_loopback(const char *text, int64_t *packets)
{
	const char *at = text;
	char *end;

	for (; at != NULL; at = strchr(at, '\n')) {
		at += strspn(at, "\n ");
		if (strncmp(at, "lo:", 3) == 0)
			break;
	}
	if (at == NULL)
		return false;
	strtoll(at + 3, &end, 10);
	*packets = strtoll(end, NULL, 10);
	return true;
}

void host_counters_parse(struct host_counters *counters, const char *snmp,
    const char *netstat, const char *dev)
{
	memset(counters, 0, sizeof(*counters));
	counters->known = find_value(snmp, "Tcp:", "RetransSegs",
			      &counters->sent_again) &&
			  find_value(netstat, "TcpExt:", "TCPRetransFail",
			      &counters->failed_inside) &&
			  find_loopback(dev, &counters->loopback_packets);
}
