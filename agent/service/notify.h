/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_NOTIFY_H
#define EGRESS25_AGENT_SERVICE_NOTIFY_H

#include <stdint.h>

/*
 * The notification protocol of sd_notify(3), without its library: one datagram
 * a call to the socket that NOTIFY_SOCKET names. Without one these do nothing.
 * What fails is passed over: there is nobody to tell.
 */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "RELOADING=1" with the time that belongs to it; "READY=1" ends it. */
void notify_reloading(void);

/* How often "WATCHDOG=1" has to come, in ms: half of what the service manager
 * waits for it. 0: it waits for none, or for another process's. */
int64_t notify_watchdog_ms(void);

#endif
