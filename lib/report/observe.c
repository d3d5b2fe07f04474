/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/observe.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/array.h"

int target_seen_reserve_probes(struct target_seen *target, size_t count)
{
	target->probes = array_new(count, sizeof(*target->probes));
	return target->probes != NULL ? 0 : -ENOMEM;
}

int target_seen_reserve_paths(struct target_seen *target, size_t count)
{
	target->paths = array_new(count, sizeof(*target->paths));
	return target->paths != NULL ? 0 : -ENOMEM;
}

bool target_seen_is_self(const struct target_seen *target)
{
	return target->self || addr_is_this_host(&target->address);
}

int target_seen_add_probe(
    struct target_seen *target, const struct probe_seen *probe)
{
	void *grown = array_grow(
	    target->probes, target->nprobes, sizeof(*probe));

	if (grown == NULL)
		return -ENOMEM;
	target->probes = grown;
	target->probes[target->nprobes++] = *probe;
	return 0;
}

int target_seen_add_path(
    struct target_seen *target, const struct path_seen *path)
{
	void *grown = array_grow(target->paths, target->npaths, sizeof(*path));

	if (grown == NULL)
		return -ENOMEM;
	target->paths = grown;
	target->paths[target->npaths++] = *path;
	return 0;
}

void target_seen_free(struct target_seen *target)
{
	free(target->probes);
	free(target->paths);
	target->probes = NULL;
	target->paths = NULL;
	target->nprobes = 0;
	target->npaths = 0;
}
