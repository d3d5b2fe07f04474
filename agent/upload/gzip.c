/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/gzip.h"

#include <zlib.h>

bool gzip_append(struct buf *out, const char *bytes, size_t length)
{
	z_stream stream = {0};
	char *room;
	size_t most;
	int status;

	if (deflateInit2(
		&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	most = deflateBound(&stream, length);
	room = buf_reserve(out, most);
	if (room == NULL) {
		deflateEnd(&stream);
		return false;
	}
	stream.next_in = (unsigned char *)bytes;
	stream.avail_in = (uInt)length;
	stream.next_out = (unsigned char *)room;
	stream.avail_out = (uInt)most;
	status = deflate(&stream, Z_FINISH);
	if (status == Z_STREAM_END)
		buf_commit(out, stream.total_out);
	deflateEnd(&stream);
	return status == Z_STREAM_END;
}
