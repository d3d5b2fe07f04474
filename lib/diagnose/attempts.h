/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_ATTEMPTS_H
#define EGRESS25_LIB_DIAGNOSE_ATTEMPTS_H

/* Counts a port's attempts, for evidence.h. */

#include "lib/diagnose/port_evidence.h"

/* Its handshake stood. */
bool attempts_is_connected(const struct probe_seen *probe);

/* The quickest handshake of the target, microseconds; INT64_MAX: none. */
int64_t attempts_quickest_us(const struct target_seen *target);

/* Add one attempt to its port's counts. */
void attempts_count(struct port_evidence *port, const struct probe_seen *probe,
    int64_t quickest_us);

/* When all of them are counted. */
void attempts_finish(struct port_evidence *port);

#endif
