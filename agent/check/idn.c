/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/idn.h"

#include <stdio.h>
#include <string.h>

#ifdef HAVE_LIBIDN2
#include <idn2.h>
#endif

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

#ifdef HAVE_LIBIDN2
static int convert(const char *name, char out[256], struct err *err)
{
	char *ascii = NULL;
	int rc = idn2_to_ascii_8z(
	    name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	if (rc != IDN2_OK)
		return err_input(err, "'%.80s': %s", name, idn2_strerror(rc));
	snprintf(out, 256, "%s", ascii);
	idn2_free(ascii);
	return 0;
}
#else
static int convert(const char *name, char out[256], struct err *err)
{
	return err_input(err,
	    "'%.80s': this build takes only ASCII names; write it as xn--...",
	    name);
}
#endif

int idn_to_ascii(const char *name, char out[256], struct err *err)
{
	size_t length;
	int rc = 0;

	if (is_ascii(name))
		snprintf(out, 256, "%s", name);
	else
		rc = convert(name, out, err);
	if (rc != 0)
		return rc;
	length = strlen(out);
	if (length > 1 && out[length - 1] == '.')
		out[length - 1] = '\0';
	return 0;
}
