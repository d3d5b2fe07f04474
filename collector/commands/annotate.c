/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/annotate.h"

#include <errno.h>
#include <string.h>

#include "collector/commands/command.h"
#include "collector/record/network.h"
#include "lib/base/clock.h"

static int fill(const struct annotate_request *request,
    struct annotation *annotation, struct err *err)
{
	if (strlen(request->text) >= sizeof(annotation->text))
		return err_input(err, "the text is longer than %zu bytes",
		    sizeof(annotation->text) - 1);
	if (strlen(request->by) >= sizeof(annotation->by))
		return err_input(err, "--by is longer than %zu bytes",
		    sizeof(annotation->by) - 1);
	strcpy(annotation->text, request->text);
	strcpy(annotation->by, request->by);
	annotation->kind = (enum annotation_kind)request->kind;
	return 0;
}

/* Now; or after what is there, where a clock was ahead when that was said. */
static int set_time(struct store *store, uint32_t asn,
    struct annotation *annotation, struct err *err)
{
	struct network_info info;
	int error = store_network(store, asn, &info, err);
	size_t i;

	if (error < 0 && error != -ENOENT)
		return error;
	annotation->at_ms = clock_wall_ms();
	for (i = 0; error == 0 && i < ANNOTATION_KINDS; i++)
		if (info.annotations[i].kind == annotation->kind &&
		    info.annotations[i].at_ms >= annotation->at_ms)
			annotation->at_ms = info.annotations[i].at_ms + 1;
	return 0;
}

int command_annotate(const struct collector_options *options,
    const struct annotate_request *request)
{
	struct annotation annotation = {0};
	struct store *store = NULL;
	struct err err = {""};
	uint32_t number;
	int error = 0;

	if (!network_parse_asn(request->asn, &number))
		error = err_input(
		    &err, "'%.80s' is no AS number", request->asn);
	else
		error = fill(request, &annotation, &err);
	if (error == 0)
		error = command_open_store(options, false, &store, &err);
	if (error == 0)
		error = set_time(store, number, &annotation, &err);
	if (error == 0)
		error = store_annotate(store, number, &annotation, &err);
	store_close(store);
	return command_end(error, &err);
}
