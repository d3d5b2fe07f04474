/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "collector/http/proxy_header.h"

/* Whatever comes, it is a header, none, or may become one; and a header that
 * is cut short anywhere may still become one. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct proxy_header header, cut;
	ssize_t size = proxy_header_read(bytes, length, &header);
	ssize_t i;

	fuzz_require(size >= 0 || size == -EINVAL);
	fuzz_require(size <= (ssize_t)length && size <= PROXY_HEADER_MAX);
	fuzz_require(header.client.family == 0 || header.client.family == 4 ||
		     header.client.family == 6);
	for (i = 0; i < size; i++)
		fuzz_require(proxy_header_read(bytes, (size_t)i, &cut) == 0);
	return 0;
}
