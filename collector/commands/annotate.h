/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_ANNOTATE_H
#define EGRESS25_COLLECTOR_COMMANDS_ANNOTATE_H

#include "collector/base/options.h"

/* Put a remark beside the networks of an ASN, "64500" or "AS64500"; an empty
 * text removes it. */
int command_annotate(
    const struct collector_options *options, const char *asn, const char *text);

#endif
