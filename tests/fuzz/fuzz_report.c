/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/report/report_decode.h"
#include "lib/report/report_encode.h"
#include "tests/fuzz/fuzz.h"

static void require_terminated(const char *text, size_t size)
{
	fuzz_require(memchr(text, '\0', size) != NULL);
}

static void require_sound_probe(const struct probe_seen *probe)
{
	int i;

	fuzz_require(probe->port > 0);
	fuzz_require(probe->mode < MODE_COUNT && probe->ended < STAGE_COUNT);
	fuzz_require(probe->failure < FAILURE_COUNT);
	fuzz_require(probe->smtp.code >= OBSERVE_ABSENT);
	fuzz_require(probe->smtp.ncaps <= OBSERVE_CAPS_MAX);
	fuzz_require(probe->smtp.ntls_caps <= OBSERVE_CAPS_MAX);
	fuzz_require(probe->tls.verify < VERIFY_COUNT);
	fuzz_require(probe->tls.alert >= OBSERVE_ABSENT);
	fuzz_require(probe->peer < PEER_COUNT);
	fuzz_require(probe->host.failed >= 0);
	require_terminated(probe->smtp.text, OBSERVE_TEXT_SIZE);
	require_terminated(probe->reply.text, OBSERVE_TEXT_SIZE);
	for (i = 0; i < STAGE_COUNT; i++)
		fuzz_require(probe->us[i] >= OBSERVE_ABSENT);
}

static void require_sound_path(const struct path_seen *path)
{
	size_t i;

	fuzz_require(path->nhops <= OBSERVE_HOPS_MAX);
	fuzz_require((path->answer == ANSWER_NONE) ==
		     (path->answer_ttl == OBSERVE_ABSENT));
	for (i = 0; i < path->nhops; i++) {
		fuzz_require(
		    i == 0 || path->hops[i - 1].ttl < path->hops[i].ttl);
		fuzz_require(path->hops[i].asked >= path->hops[i].answered);
	}
}

static void require_sound(const struct report *report)
{
	const struct target_seen *target;
	size_t i, k;

	fuzz_require(strlen(report->id) == REPORT_ID_SIZE - 1);
	fuzz_require(report->ntargets <= REPORT_TARGETS_MAX);
	for (i = 0; i < report->ntargets; i++) {
		target = &report->targets[i];
		fuzz_require(target->family == 4 || target->family == 6);
		for (k = 0; k < target->nprobes; k++)
			require_sound_probe(&target->probes[k]);
		for (k = 0; k < target->npaths; k++)
			require_sound_path(&target->paths[k]);
	}
}

/* What was read is sound, and writing it and reading that changes nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct buf once = {0}, twice = {0};
	struct report report;
	struct err err = {""};

	if (report_decode((const char *)bytes, length, &report, &err) != 0) {
		fuzz_require(err.text[0] != '\0' && report.targets == NULL);
		return 0;
	}
	require_sound(&report);
	report_encode(&report, &once);
	report_free(&report);
	/* Escapes may make it longer than a report can be. */
	if (once.length <= REPORT_BYTES_MAX) {
		fuzz_require(
		    report_decode(once.data, once.length, &report, &err) == 0);
		report_encode(&report, &twice);
		report_free(&report);
		fuzz_require(once.length == twice.length);
		fuzz_require(memcmp(once.data, twice.data, once.length) == 0);
	}
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
