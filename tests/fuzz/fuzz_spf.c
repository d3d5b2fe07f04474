/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "agent/readiness/spf.h"
#include "tests/fuzz/fuzz.h"

/*
 * The first line is the address; each line after it is the answer to the next
 * question, its records separated by tabs. "!" is a failure of DNS, "+" at the
 * end an answer that was cut.
 */

/* Its own, its 10 terms', and the 10 hosts of each. */
#define QUESTIONS_MAX (1 + SPF_LOOKUPS_MAX * (1 + SPF_MX_MAX))
#define RECORDS_MAX   32

struct answer {
	const char *records[RECORDS_MAX];
	struct addr addresses[RECORDS_MAX];
	size_t count;
	struct spf_answer given;
};

/* Cut the next line off; "" at the end. */
static char *next_line(char **at)
{
	char *line = *at;
	size_t length = strcspn(line, "\n");

	*at = line + length + (line[length] == '\n');
	line[length] = '\0';
	return line;
}

static void split(char *line, struct answer *answer)
{
	size_t length = strlen(line);

	memset(answer, 0, sizeof(*answer));
	if (length > 0 && line[length - 1] == '+') {
		answer->given.cut = true;
		line[length - 1] = '\0';
	}
	answer->given.status = *line == '!'    ? SPF_DNS_FAILED
			       : *line == '\0' ? SPF_NOTHING
					       : SPF_FOUND;
	while (*line != '\0' && answer->count < RECORDS_MAX) {
		addr_parse(&answer->addresses[answer->count], line);
		answer->records[answer->count++] = line;
		length = strcspn(line, "\t");
		line += length + (line[length] == '\t');
		if (length > 0 && line[-1] == '\t')
			line[-1] = '\0';
	}
}

static void give(struct spf *spf, enum spf_question_type type, char *line)
{
	struct answer answer;

	split(line, &answer);
	if (type == SPF_ASK_TXT) {
		answer.given.text = answer.records;
		answer.given.ntext = answer.count;
	} else if (type == SPF_ASK_MX) {
		answer.given.host = answer.records;
		answer.given.nhost = answer.count;
	} else {
		answer.given.address = answer.addresses;
		answer.given.naddress = answer.count;
	}
	spf_give(spf, &answer.given);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct spf spf;
	struct spf_question question;
	struct addr address;
	char *text = calloc(1, length + 1), *at = text;
	int asked = 0;

	memcpy(text, bytes, length);
	if (!addr_parse(&address, next_line(&at)))
		addr_parse(&address, "192.0.2.1");
	spf_begin(&spf, &address, "example.net");
	while (spf_next(&spf, &question)) {
		fuzz_require(++asked <= QUESTIONS_MAX);
		fuzz_require(question.name[0] != '\0');
		fuzz_require(spf.depth >= 1 && spf.depth <= SPF_DEPTH_MAX);
		give(&spf, question.type, next_line(&at));
	}
	fuzz_require(spf.result != SPF_PENDING);
	fuzz_require(spf.because[0] != '\0');
	fuzz_require(spf_result_word(spf.result)[0] != '\0');
	free(text);
	return 0;
}
