/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/rediagnose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collector/base/gunzip.h"
#include "collector/intake/receipts.h"
#include "collector/record/row_id.h"
#include "lib/report/report_decode.h"

/* --- the report --- */

static const char encoded[] = "Content-Encoding: gzip\r\n";

/* Does one of the header's lines say that the body is gzip? */
static bool is_gzip(const char *header, size_t length)
{
	size_t size = sizeof(encoded) - 1, i;

	for (i = 0; i + size <= length; i++)
		if ((i == 0 || header[i - 1] == '\n') &&
		    strncasecmp(header + i, encoded, size) == 0)
			return true;
	return false;
}

static int decode(const struct rediagnosis *rediagnosis, struct report *report,
    struct err *err)
{
	const char *at = rediagnosis->signed_body;
	const char *end = memmem(at, rediagnosis->length, "\r\n\r\n", 4), *body;
	struct buf plain = {0};
	size_t length;
	int error;

	if (end == NULL)
		return err_input(err, "the evidence has no body");
	body = end + 4;
	length = rediagnosis->length - (size_t)(body - at);
	if (!is_gzip(at, (size_t)(end - at) + 2))
		return report_decode(body, length, report, err);
	error = gunzip(body, length, rediagnosis->body_most, &plain, err);
	if (error == 0)
		error = report_decode(plain.data, plain.length, report, err);
	buf_free(&plain);
	return error == -E2BIG ? -EINVAL : error;
}

/* --- its rows --- */

static bool is_same_probe(
    const struct measurement *stored, const struct measurement *fresh)
{
	return stored->at_ms == fresh->at_ms && stored->port == fresh->port &&
	       stored->family == fresh->family &&
	       strcmp(stored->endpoint, fresh->endpoint) == 0;
}

static bool is_same_diagnosis(
    const struct measurement *stored, const struct measurement *fresh)
{
	return stored->outcome == fresh->outcome &&
	       stored->mechanism == fresh->mechanism &&
	       stored->where == fresh->where &&
	       stored->after_hop == fresh->after_hop &&
	       stored->before_hop == fresh->before_hop &&
	       stored->endpoint_hops == fresh->endpoint_hops &&
	       stored->signs == fresh->signs;
}

static void change_row(
    struct measurement *stored, const struct measurement *fresh)
{
	if (stored->after_hop != fresh->after_hop ||
	    stored->before_hop != fresh->before_hop) {
		stored->after_asn = fresh->after_asn;
		stored->before_asn = fresh->before_asn;
	}
	stored->outcome = fresh->outcome;
	stored->mechanism = fresh->mechanism;
	stored->where = fresh->where;
	stored->after_hop = fresh->after_hop;
	stored->before_hop = fresh->before_hop;
	stored->endpoint_hops = fresh->endpoint_hops;
	stored->signs = fresh->signs;
}

/* The row of today's that has the number of a stored one; NULL: none has. */
static const struct measurement *find_fresh(const char *report,
    const struct measurement *stored, const struct measurement *fresh,
    size_t nfresh)
{
	uint32_t n;

	if (!row_id_number(stored->id, report, &n) || n >= nfresh ||
	    !is_same_probe(stored, &fresh[n]))
		return NULL;
	return &fresh[n];
}

static int change_rows(const char *report, struct measurement *rows,
    size_t nrows, const struct measurement *fresh, size_t nfresh,
    struct err *err)
{
	const struct measurement *found;
	int changed = 0;
	size_t i;

	for (i = 0; i < nrows; i++)
		if (find_fresh(report, &rows[i], fresh, nfresh) == NULL)
			return err_input(
			    err, "%.60s is no row of its report", rows[i].id);
	for (i = 0; i < nrows; i++) {
		found = find_fresh(report, &rows[i], fresh, nfresh);
		if (is_same_diagnosis(&rows[i], found))
			continue;
		change_row(&rows[i], found);
		changed = 1;
	}
	return changed;
}

int rediagnose(const struct rediagnosis *rediagnosis, struct measurement *rows,
    size_t nrows, struct err *err)
{
	struct measurement *fresh = NULL;
	struct report report;
	size_t nfresh = 0;
	int error = decode(rediagnosis, &report, err);

	if (error < 0)
		return error;
	/* That a receipt is false was said when it came. */
	if (receipts_check(&report, rediagnosis->attribution.endpoints,
		rediagnosis->attribution.secret,
		rediagnosis->attribution.geo) == -ENOMEM)
		error = err_system(err, -ENOMEM, "a report");
	else
		error = attribute_report(
		    &report, &rediagnosis->attribution, &fresh, &nfresh, err);
	if (error == 0) {
		error = change_rows(report.id, rows, nrows, fresh, nfresh, err);
		free(fresh);
	}
	report_free(&report);
	return error;
}
