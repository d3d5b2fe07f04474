/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "collector/routes/enrolment_body.h"

static void require_text(const char *text, size_t size)
{
	fuzz_require(memchr(text, '\0', size) != NULL);
}

/* Whatever comes, it is read whole or refused with a sentence. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct enrolment_body body;
	struct err err = {""};
	int error = enrolment_body_read(
	    (const char *)bytes, length, &body, &err);

	fuzz_require(error == 0 || error == -EINVAL);
	fuzz_require((error == 0) == (err.text[0] == '\0'));
	require_text(body.contact, sizeof(body.contact));
	require_text(body.token, sizeof(body.token));
	require_text(body.possession, sizeof(body.possession));
	return 0;
}
