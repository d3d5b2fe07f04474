/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/annotate.h"

#include <string.h>

#include "collector/commands/command.h"
#include "collector/record/network.h"
#include "lib/base/values.h"

/* "64500" or "AS64500". */
static int parse_asn(const char *text, uint32_t *asn, struct err *err)
{
	int64_t number;

	if (strncmp(text, "AS", 2) == 0)
		text += 2;
	if (values_parse_count(text, 1, UINT32_MAX, &number, NULL) != 0)
		return err_input(err, "'%.80s' is no AS number", text);
	*asn = (uint32_t)number;
	return 0;
}

int command_annotate(
    const struct collector_options *options, const char *asn, const char *text)
{
	size_t longest = sizeof(((struct network_info *)0)->annotation) - 1;
	struct store *store = NULL;
	struct err err;
	uint32_t number;
	int error = parse_asn(asn, &number, &err);

	if (error == 0 && strlen(text) > longest)
		error = err_input(
		    &err, "the text is longer than %zu bytes", longest);
	if (error == 0)
		error = command_open_store(options, false, &store, &err);
	if (error == 0)
		error = store_annotate(store, number, text, &err);
	store_close(store);
	return command_end(error, &err);
}
