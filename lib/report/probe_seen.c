/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/probe_seen.h"

#include <string.h>

void probe_seen_init(
    struct probe_seen *probe, uint16_t port, enum port_mode mode)
{
	int i;

	memset(probe, 0, sizeof(*probe));
	probe->port = port;
	probe->mode = mode;
	probe->ended = STAGE_CONNECT;
	probe->smtp.code = OBSERVE_ABSENT;
	probe->tls.alert = OBSERVE_ABSENT;
	probe->reply.code = OBSERVE_ABSENT;
	probe->icmp.type = OBSERVE_ABSENT;
	probe->icmp.code = OBSERVE_ABSENT;
	for (i = 0; i < STAGE_COUNT; i++)
		probe->us[i] = OBSERVE_ABSENT;
}
