/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_TRIM_H
#define EGRESS25_AGENT_SERVICE_TRIM_H

/* Return memory that only a round needs to the system: free heap, and pages of
 * code and constants, which are read from their files again when next used.
 * For the long idle time between rounds on a small machine. */
void trim_memory(void);

#endif
