/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_PORT_LIST_H
#define EGRESS25_LIB_CONFIG_PORT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/report/vocabulary.h"

#define PORT_LIST_MAX 16

/* Ports, each with its mode, in the order asked for; no port twice. */
struct port_list {
	uint16_t port[PORT_LIST_MAX];
	uint8_t mode[PORT_LIST_MAX]; /* enum port_mode */
	size_t count;
};

bool port_list_has(const struct port_list *list, uint16_t port);

/* Append a port that is not in the list yet. False: the list is full. */
bool port_list_add(struct port_list *list, uint16_t port, enum port_mode mode);

/* Parse "25 587/starttls,2525/connect": separated by blanks or commas. A port
 * without a mode gets its usual one (port_mode_default()). -EINVAL: a bad port
 * or mode, a port twice, more than PORT_LIST_MAX, or none; `list` is then
 * unchanged. */
int port_list_parse(const char *text, struct port_list *list, struct err *err);

#endif
