/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/ehlo.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/values.h"

static const struct addr *public_address(const struct ehlo_view *view)
{
	if (view->outside.family != 0 && !addr_is_private(&view->outside))
		return &view->outside;
	if (view->own.family != 0 && !addr_is_private(&view->own))
		return &view->own;
	return NULL;
}

/* The first label, of the letters that a host name may have. */
static void write_stand_in(const char *host_name, char name[256])
{
	char label[64];
	size_t length = strcspn(host_name, ".");

	snprintf(label, sizeof(label), "%.*s", (int)length, host_name);
	if (!values_is_host_name(label) || strcmp(label, "localhost") == 0)
		snprintf(label, sizeof(label), "host");
	snprintf(name, 256, "%s.invalid", label);
}

void ehlo_choose(const struct ehlo_view views[2], int family,
    const char *host_name, char name[256])
{
	const struct ehlo_view *view = &views[family == 6];
	const struct addr *address = public_address(view);
	char literal[ADDR_TEXT_SIZE];

	name[0] = '\0';
	if (view->own.family == 0 || !addr_is_private(&view->own))
		return;
	if (address == NULL)
		address = public_address(&views[family != 6]);
	if (address != NULL)
		snprintf(
		    name, 256, "%s", addr_format_literal(address, literal));
	else if (values_check_fqdn(host_name, NULL) == 0)
		snprintf(name, 256, "%s", host_name);
	else
		write_stand_in(host_name, name);
}
