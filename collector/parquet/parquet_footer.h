/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_PARQUET_FOOTER_H
#define EGRESS25_COLLECTOR_PARQUET_PARQUET_FOOTER_H

/* The file's metadata (parquet.thrift, FileMetaData), as its end has it. */

#include "collector/parquet/parquet_chunk.h"

struct parquet_group {
	int64_t rows;
	struct parquet_chunk_facts *chunks; /* owned, one a column */
};

struct parquet_facts {
	const struct parquet_column *columns;
	size_t ncolumns;
	struct parquet_group *groups;
	size_t ngroups;
	int64_t rows;
};

/* Append the metadata, its length and the magic number. Out of memory shows as
 * `out->failed`. */
void parquet_footer_put(const struct parquet_facts *facts, struct buf *out);

#endif
