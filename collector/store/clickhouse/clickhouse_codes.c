/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_codes.h"

#include <stddef.h>
#include <stdio.h>

int codes_read(const struct buf *text)
{
	int code = 0;

	if (text->data != NULL)
		sscanf(text->data, "Code: %d", &code);
	return code;
}

bool codes_may_pass(int code)
{
	/* Among them: 74 to 76, 243: the disk is full or fails; 173, 241: no
	 * memory; 202: too many statements; 225: no ZooKeeper; 236: it ends;
	 * from 1000 on: what its libraries said. */
	static const int codes[] = {3, 32, 33, 74, 75, 76, 159, 173, 202, 203,
	    209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 289, 319,
	    999, 1000, 1001, 1002};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

bool codes_are_between_servers(int code)
{
	return code == 3 || code == 32 || code == 209 || code == 210 ||
	       code == 279;
}

bool codes_are_of_account(int code)
{
	return code == 192 || code == 193 || code == 194 || code == 291 ||
	       code == 497 || code == 516;
}
