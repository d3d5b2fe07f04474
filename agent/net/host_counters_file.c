/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/host_counters_file.h"

#include <fcntl.h>
#include <unistd.h>

#define SNMP      "/proc/self/net/snmp"
#define NETSTAT   "/proc/self/net/netstat"
#define DEV       "/proc/self/net/dev"
#define FILE_SIZE 16384 /* netstat has 7 KB in Linux 6.12; lo comes first */

static void read_file(const char *path, char text[FILE_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;

	while (fd >= 0 && length < FILE_SIZE - 1) {
		got = read(fd, text + length, FILE_SIZE - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	text[length] = '\0';
	if (fd >= 0)
		close(fd);
}

void host_counters_read(struct host_counters *counters)
{
	char snmp[FILE_SIZE], netstat[FILE_SIZE], dev[FILE_SIZE];

	read_file(SNMP, snmp);
	read_file(NETSTAT, netstat);
	read_file(DEV, dev);
	host_counters_parse(counters, snmp, netstat, dev);
}
