/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/probe_seen.h"

#include <stddef.h>
#include <string.h>

void probe_seen_init(
    struct probe_seen *probe, uint16_t port, enum port_mode mode)
{
	const size_t rest = offsetof(struct probe_seen, tls);
	int i;

	memset(probe, 0, offsetof(struct probe_seen, smtp.caps));
	probe->smtp.ncaps = 0;
	probe->smtp.ntls_caps = 0;
	memset((char *)probe + rest, 0, sizeof(*probe) - rest);
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
