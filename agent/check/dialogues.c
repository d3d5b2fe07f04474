/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/dialogues.h"

#include <string.h>

#include "lib/base/text.h"

#define LINE_MOST 1000 /* longer lines are cut */

static struct dialogue *find_free(struct dialogues *all)
{
	size_t i;

	for (i = 0; i < DIALOGUES_OPEN_MAX; i++)
		if (all->open[i].port == 0)
			return &all->open[i];
	return NULL;
}

/* The open dialogue with that address and port, or a new one. NULL: no room. */
static struct dialogue *find_or_open(
    struct dialogues *all, const struct transcript_line *line)
{
	char address[ADDR_TEXT_SIZE];
	struct dialogue *dialogue;
	size_t i;

	for (i = 0; i < DIALOGUES_OPEN_MAX; i++)
		if (all->open[i].port == line->port &&
		    addr_equal(&all->open[i].address, line->address))
			return &all->open[i];
	dialogue = find_free(all);
	if (dialogue == NULL)
		return NULL;
	dialogue->address = *line->address;
	dialogue->port = line->port;
	buf_printf(&dialogue->text, "%s port %u\n",
	    addr_format(line->address, address), line->port);
	return dialogue;
}

static void add_line(struct dialogue *dialogue,
    const struct transcript_line *line, const char *bytes, size_t length)
{
	char text[LINE_MOST + 1];

	while (length > 0 && bytes[length - 1] == '\r')
		length--;
	text_copy_printable(text, sizeof(text), bytes, length);
	buf_printf(&dialogue->text, "%8.3f %c %s\n", (double)line->us / 1e6,
	    line->side, text);
}

/* One read may hold several lines, or a part of one. */
static void add_lines(
    struct dialogue *dialogue, const struct transcript_line *line)
{
	const char *at = line->bytes, *end = line->bytes + line->length;
	const char *stop;

	while (at < end) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		add_line(dialogue, line, at, (size_t)(stop - at));
		at = stop + 1;
	}
}

static void close_dialogue(struct dialogues *all, struct dialogue *dialogue)
{
	buf_append(&all->out, dialogue->text.data, dialogue->text.length);
	buf_append_char(&all->out, '\n');
	buf_clear(&dialogue->text);
	dialogue->port = 0;
}

static void on_line(void *arg, const struct transcript_line *line)
{
	struct dialogues *all = arg;
	struct dialogue *dialogue = find_or_open(all, line);

	if (dialogue == NULL)
		return;
	add_lines(dialogue, line);
	if (line->is_end)
		close_dialogue(all, dialogue);
}

void dialogues_init(struct dialogues *dialogues)
{
	memset(dialogues, 0, sizeof(*dialogues));
	dialogues->transcript.add = on_line;
	dialogues->transcript.arg = dialogues;
}

void dialogues_free(struct dialogues *dialogues)
{
	size_t i;

	for (i = 0; i < DIALOGUES_OPEN_MAX; i++)
		buf_free(&dialogues->open[i].text);
	buf_free(&dialogues->out);
}
