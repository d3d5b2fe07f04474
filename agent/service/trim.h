/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_TRIM_H
#define EGRESS25_AGENT_SERVICE_TRIM_H

/* Give back what only a round needs: free heap, and the pages of code and
 * constants, which come back from their files when they are next used. For
 * the long rest between two rounds on a small machine. */
void trim_memory(void);

#endif
