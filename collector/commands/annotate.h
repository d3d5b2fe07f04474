/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_ANNOTATE_H
#define EGRESS25_COLLECTOR_COMMANDS_ANNOTATE_H

#include "collector/base/options.h"

struct annotate_request {
	const char *asn;  /* "64500" or "AS64500" */
	const char *text; /* "" removes what was said of that kind */
	const char *by;   /* who says so; "": it is not noted */
	int kind;         /* enum annotation_kind */
};

/* Put an annotation beside the networks of an ASN, as of now. */
int command_annotate(const struct collector_options *options,
    const struct annotate_request *request);

#endif
