/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_NOTIFY_H
#define EGRESS25_LIB_BASE_NOTIFY_H

/*
 * The sd_notify(3) protocol without libsystemd: one datagram per call to the
 * socket named by NOTIFY_SOCKET. Without that variable these functions do
 * nothing. Send errors are ignored: there is nobody to report them to.
 */

#include <stdint.h>

/* Send one or more "KEY=VALUE" lines. */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Send "RELOADING=1" with the MONOTONIC_USEC it requires. A later "READY=1"
 * ends the reload. */
void notify_reloading(void);

/* The interval at which to send "WATCHDOG=1", in ms: half of the service
 * manager's timeout (WATCHDOG_USEC). 0: no watchdog for this process. */
int64_t notify_watchdog_ms(void);

#endif
