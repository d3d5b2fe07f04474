/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/prefixes.h"

#include <string.h>

#include "lib/base/values.h"

#define BETWEEN " \t,"

static int add_prefix(struct prefix_list *list, char *text, struct err *err)
{
	char *slash = strchr(text, '/');
	struct addr addr, masked;
	int64_t bits, most;

	if (slash != NULL)
		*slash = '\0';
	if (!addr_parse(&addr, text))
		return err_input(err, "'%s' is no address", text);
	most = addr.family == 4 ? 32 : 128;
	bits = most;
	if (slash != NULL &&
	    values_parse_count(slash + 1, 0, most, &bits, NULL) != 0)
		return err_input(err, "'%s/%s' is no prefix: bits are 0 to %d",
		    text, slash + 1, (int)most);
	masked = addr_mask(&addr, (unsigned)bits);
	if (!addr_equal(&addr, &masked))
		return err_input(
		    err, "'%s/%d' has bits behind its prefix", text, (int)bits);
	if (list->count == PREFIXES_MAX)
		return err_input(err, "more than %d prefixes", PREFIXES_MAX);
	list->addr[list->count] = masked;
	list->bits[list->count++] = (unsigned char)bits;
	return 0;
}

int prefixes_parse(const char *text, struct prefix_list *out, struct err *err)
{
	struct prefix_list list = {.count = 0};
	char one[ADDR_TEXT_SIZE + 8];
	size_t length;
	int rc;

	for (; *text != '\0'; text += length) {
		text += strspn(text, BETWEEN);
		length = strcspn(text, BETWEEN);
		if (length == 0)
			break;
		if (length >= sizeof(one))
			return err_input(
			    err, "'%.*s...' is no prefix", 40, text);
		memcpy(one, text, length);
		one[length] = '\0';
		rc = add_prefix(&list, one, err);
		if (rc != 0)
			return rc;
	}
	*out = list;
	return 0;
}

bool prefixes_contain(const struct prefix_list *list, const struct addr *addr)
{
	struct addr masked;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (addr->family != list->addr[i].family)
			continue;
		masked = addr_mask(addr, list->bits[i]);
		if (addr_equal(&masked, &list->addr[i]))
			return true;
	}
	return false;
}
