/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/port_list.h"

#include <string.h>

#include "lib/base/values.h"
#include "lib/report/words.h"

#define SEPARATORS " \t,"

bool port_list_has(const struct port_list *list, uint16_t port)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->port[i] == port)
			return true;
	return false;
}

bool port_list_add(struct port_list *list, uint16_t port, enum port_mode mode)
{
	if (list->count == PORT_LIST_MAX)
		return false;
	list->port[list->count] = port;
	list->mode[list->count++] = (uint8_t)mode;
	return true;
}

/* "PORT" or "PORT/MODE" of exactly `length` characters. */
static int add_port(
    struct port_list *list, const char *text, size_t length, struct err *err)
{
	const char *slash = memchr(text, '/', length);
	size_t digits = slash == NULL ? length : (size_t)(slash - text);
	char word[16] = "";
	uint16_t port;
	int mode;

	if (!values_read_port(text, digits, &port))
		return err_input(err,
		    "'%.*s' is no port: write 1 to 65535, or PORT/MODE",
		    (int)(length < 80 ? length : 80), text);
	mode = (int)port_mode_default(port);
	if (slash != NULL) {
		if (length - digits - 1 < sizeof(word))
			memcpy(word, slash + 1, length - digits - 1);
		mode = port_mode_from_word(word);
	}
	if (mode < 0)
		return err_input(err,
		    "'%.*s' has no mode: write starttls, tls or connect",
		    (int)(length < 80 ? length : 80), text);
	if (port_list_has(list, port))
		return err_input(err, "port %u is there twice", port);
	if (!port_list_add(list, port, (enum port_mode)mode))
		return err_input(err, "more than %d ports", PORT_LIST_MAX);
	return 0;
}

int port_list_parse(const char *text, struct port_list *out, struct err *err)
{
	struct port_list list = {0};
	size_t length;
	int rc;

	for (; *text != '\0'; text += length) {
		text += strspn(text, SEPARATORS);
		length = strcspn(text, SEPARATORS);
		rc = length == 0 ? 0 : add_port(&list, text, length, err);
		if (rc != 0)
			return rc;
	}
	if (list.count == 0)
		return err_input(err, "no port is named");
	*out = list;
	return 0;
}
