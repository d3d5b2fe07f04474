/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/rows.h"

struct sign_key *key_new(void)
{
	char folder[] = "/tmp/egress25-key-XXXXXX", path[100];
	struct sign_key *key;
	struct err err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), 0);
	unlink(path);
	rmdir(folder);
	return key;
}
