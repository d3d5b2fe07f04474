/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/values.h"

void network_sentence(const struct network_verdict *verdict, size_t number,
    char out[NETWORK_SENTENCE_SIZE])
{
	const struct network_sentence *sentence = &verdict->sentences[number];

	memcpy(out, verdict->because + sentence->from, sentence->length);
	out[sentence->length] = '\0';
}

int network_verdict_own(struct network_verdict *verdict)
{
	size_t count = verdict->nblocked_prefixes, i;
	size_t size = count * sizeof(*verdict->blocked_prefixes);
	const char **copied;
	char *text;

	for (i = 0; i < count; i++)
		size += strlen(verdict->blocked_prefixes[i]) + 1;
	copied = malloc(size > 0 ? size : 1);
	if (copied == NULL)
		return -ENOMEM;
	text = (char *)(copied + count);
	for (i = 0; i < count; i++) {
		copied[i] = strcpy(text, verdict->blocked_prefixes[i]);
		text += strlen(text) + 1;
	}
	free(verdict->blocked_prefixes);
	verdict->blocked_prefixes = copied;
	return 0;
}

size_t network_verdict_bytes(const struct network_verdict *verdict)
{
	size_t bytes = sizeof(*verdict), i;

	for (i = 0; i < verdict->nblocked_prefixes; i++)
		bytes += sizeof(*verdict->blocked_prefixes) +
			 strlen(verdict->blocked_prefixes[i]) + 1;
	if (verdict->detail != NULL)
		bytes += network_detail_bytes(verdict->detail);
	return bytes;
}

void network_verdict_end(struct network_verdict *verdict)
{
	free(verdict->blocked_prefixes);
	verdict->blocked_prefixes = NULL;
	verdict->nblocked_prefixes = 0;
	free(verdict->detail);
	verdict->detail = NULL;
}

bool network_parse_asn(const char *text, uint32_t *asn)
{
	int64_t number;

	if (strncasecmp(text, "AS", 2) == 0)
		text += 2;
	if (values_parse_count(text, 1, UINT32_MAX, &number, NULL) < 0)
		return false;
	*asn = (uint32_t)number;
	return true;
}

static bool is_newer(const struct annotation *a, const struct annotation *b)
{
	return a->at_ms != b->at_ms ? a->at_ms > b->at_ms : a->kind < b->kind;
}

void network_add_annotation(
    struct network_info *info, const struct annotation *annotation)
{
	size_t at = ANNOTATION_KINDS - 1;
	struct annotation *list = info->annotations;

	for (; at > 0; at--) {
		if (list[at - 1].text[0] != '\0' &&
		    !is_newer(annotation, &list[at - 1]))
			break;
		list[at] = list[at - 1];
	}
	list[at] = *annotation;
}
