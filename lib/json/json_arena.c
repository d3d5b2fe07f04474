/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_arena.h"

#include <stdint.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#define ALIGNMENT   sizeof(max_align_t)
#define BLOCK_LEAST 4096
#define BLOCK_MOST  65536 /* below what malloc() maps anew each time */

struct block {
	struct block *next;
	size_t size, used;
	max_align_t bytes[];
};

/* The first block stays the first: the root is its first bytes. */
static _Thread_local struct block *first, *last;

static struct block *new_block(size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (block != NULL)
		*block = (struct block){.size = size};
	return block;
}

static void free_blocks(struct block *block)
{
	struct block *next;

	for (; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
}

static void *allocate(size_t size)
{
	struct block *block;
	char *room;

	if (first == NULL)
		return malloc(size);
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (size > last->size - last->used) {
		block = new_block(size > BLOCK_MOST ? size : BLOCK_MOST);
		if (block == NULL)
			return NULL;
		last->next = block;
		last = block;
	}
	room = (char *)last->bytes + last->used;
	last->used += size;
	return room;
}

/* While a tree is built, cJSON takes back what it gives up; that stays until
 * the whole is freed. */
static void take_back(void *room)
{
	if (first == NULL)
		free(room);
}

/* Before main(): cJSON has them for all threads. */
__attribute__((constructor)) static void set_hooks(void)
{
	cJSON_Hooks hooks = {allocate, take_back};

	cJSON_InitHooks(&hooks);
}

bool json_arena_begin(size_t bytes)
{
	if (bytes < BLOCK_LEAST)
		bytes = BLOCK_LEAST;
	first = last = new_block(bytes < BLOCK_MOST ? bytes : BLOCK_MOST);
	return first != NULL;
}

void json_arena_end(const void *root)
{
	if (root == NULL)
		free_blocks(first);
	first = last = NULL;
}

void json_arena_free(void *root)
{
	struct block *block;

	if (root == NULL)
		return;
	block = (struct block *)((char *)root - offsetof(struct block, bytes));
	free_blocks(block);
}
