/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "collector/http/request_head.h"

#define BODY_MOST 256

/* A head that is good has one end, wherever the bytes were split: none before
 * it, and what follows changes nothing. */
static void check_head(
    const char *bytes, size_t length, const struct request_head *head)
{
	struct request_head cut;
	const char *why = NULL;
	size_t i;

	fuzz_require(head->length <= length && head->length >= 18);
	fuzz_require(head->body >= REQUEST_CHUNKED);
	fuzz_require(memcmp(bytes + head->length - 4, "\r\n\r\n", 4) == 0);
	for (i = 0; i < head->length; i++) {
		fuzz_require(bytes[i] != '\0');
		fuzz_require(
		    i == 0 || (bytes[i - 1] == '\r') == (bytes[i] == '\n'));
		fuzz_require(
		    request_head_read(bytes, i, &cut, &why) == -EAGAIN);
	}
	fuzz_require(request_head_read(bytes, head->length, &cut, &why) == 0);
	fuzz_require(memcmp(&cut, head, sizeof(cut)) == 0);
}

static void check_chunks(const char *bytes, size_t length)
{
	struct request_chunks whole = {0}, pieces = {0};
	const char *why = NULL;
	int status = request_chunks_read(
		bytes, length, BODY_MOST, &whole, &why),
	    last = -EAGAIN;
	size_t i;

	fuzz_require(status == 0 || status == -EAGAIN ||
		     ((status == 400 || status == 413) && why != NULL));
	for (i = 0; last == -EAGAIN && i <= length; i++)
		last = request_chunks_read(bytes, i, BODY_MOST, &pieces, &why);
	/* Too large or malformed: what is seen first. */
	fuzz_require(last > 0 ? status > 0 : last == status);
	if (status != 0)
		return;
	fuzz_require(whole.length <= length && whole.content <= BODY_MOST);
	fuzz_require(memcmp(&whole, &pieces, sizeof(whole)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	const char *bytes = (const char *)data, *why = NULL;
	struct request_head head;
	int status = request_head_read(bytes, length, &head, &why);

	fuzz_require(status == 0 || status == -EAGAIN ||
		     (status >= 400 && status < 600 && why != NULL));
	if (status == 0) {
		check_head(bytes, length, &head);
		bytes += head.length;
		length -= head.length;
	}
	check_chunks(bytes, length);
	return 0;
}
