/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/annotate.h"

#include <string.h>

#include "collector/commands/command.h"
#include "collector/record/network.h"

int command_annotate(
    const struct collector_options *options, const char *asn, const char *text)
{
	size_t longest = sizeof(((struct network_info *)0)->annotation) - 1;
	struct store *store = NULL;
	struct err err = {""};
	uint32_t number;
	int error = 0;

	if (!network_parse_asn(asn, &number))
		error = err_input(&err, "'%.80s' is no AS number", asn);
	else if (strlen(text) > longest)
		error = err_input(
		    &err, "the text is longer than %zu bytes", longest);
	if (error == 0)
		error = command_open_store(options, false, &store, &err);
	if (error == 0)
		error = store_annotate(store, number, text, &err);
	store_close(store);
	return command_end(error, &err);
}
