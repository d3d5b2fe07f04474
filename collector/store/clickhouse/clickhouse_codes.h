/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_CODES_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_CODES_H

/* What a server's numbers of errors mean. Pure. */

#include <stdbool.h>

#include "lib/base/buf.h"

/* The number in "Code: 60, e.displayText() = ...", or 0. */
int codes_read(const struct buf *text);

/* A server or ZooKeeper is away or slow, or that server has no room: it may
 * pass, and another one may do it now. */
bool codes_may_pass(int code);

/* Servers did not reach each other. 18.16 gives up after 50 ms, in which a busy
 * one may not answer: soon it may. */
bool codes_are_between_servers(int code);

/* The account is not known, or may not do that. */
bool codes_are_of_account(int code);

#endif
