/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_PROVIDER_FILE_H
#define EGRESS25_AGENT_CHECK_PROVIDER_FILE_H

#include "agent/explain/provider.h"

/* Called for each provider of a file, in its order. Unless it returns 0, the
 * walk ends. */
typedef int provider_visit(
    void *arg, const struct provider *provider, struct err *err);

/* Walk providers.conf. -EINVAL: the file cannot be read, or an entry is wrong;
 * the sentence says where. */
int provider_file_walk(
    const char *path, provider_visit *visit, void *arg, struct err *err);

/* Find the best match, the first of several; `found->id` is "" if there is
 * none. Errors as for provider_file_walk(). */
int provider_file_find(const char *path, const struct provider_traits *traits,
    struct provider *found, struct err *err);

#endif
