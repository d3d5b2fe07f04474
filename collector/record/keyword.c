/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/keyword.h"

#include <string.h>

#include "lib/report/probe_seen.h"

#define FIRST OBSERVE_CAP_SIZE

#define KEYWORD(text)                  \
	{                              \
		text, sizeof(text) - 1 \
	}

/* Stored as positions in this list: add at its end, and take nothing away. */
static const struct keyword {
	const char *text;
	size_t length;
} keywords[] = {
    KEYWORD("PIPELINING"),
    KEYWORD("STARTTLS"),
    KEYWORD("8BITMIME"),
    KEYWORD("ENHANCEDSTATUSCODES"),
    KEYWORD("SMTPUTF8"),
    KEYWORD("CHUNKING"),
    KEYWORD("DSN"),
    KEYWORD("VRFY"),
    KEYWORD("ETRN"),
    KEYWORD("HELP"),
    KEYWORD("EXPN"),
    KEYWORD("SIZE"),
    KEYWORD("SIZE 10240000"),
    KEYWORD("SIZE 52428800"),
    KEYWORD("SIZE 157286400"),
    KEYWORD("AUTH PLAIN LOGIN"),
    KEYWORD("AUTH LOGIN PLAIN"),
    KEYWORD("AUTH PLAIN"),
    KEYWORD("AUTH LOGIN"),
    KEYWORD("BINARYMIME"),
    KEYWORD("REQUIRETLS"),
};

#define COUNT (sizeof(keywords) / sizeof(*keywords))

_Static_assert(FIRST + COUNT <= 0x80, "a number fits into a byte");

#define SAME_LENGTH 6

/* The positions of those of a length, and an end: it is asked for each keyword
 * of each probe. */
static const uint8_t of_length[OBSERVE_CAP_SIZE][SAME_LENGTH] = {
    [3] = {6, COUNT},
    [4] = {7, 8, 9, 10, 11, COUNT},
    [8] = {1, 2, 4, 5, COUNT},
    [10] = {0, 17, 18, 19, 20, COUNT},
    [13] = {12, 13, COUNT},
    [14] = {14, COUNT},
    [16] = {15, 16, COUNT},
    [19] = {3, COUNT},
};

uint64_t keyword_number(const char *keyword, size_t length)
{
	const uint8_t *at;

	if (length >= OBSERVE_CAP_SIZE || of_length[length][1] == 0)
		return 0;
	for (at = of_length[length]; *at < COUNT; at++)
		if (keywords[*at].text[0] == keyword[0] &&
		    memcmp(keywords[*at].text, keyword, length) == 0)
			return FIRST + *at;
	return 0;
}

const char *keyword_text(uint64_t number)
{
	return number >= FIRST && number < FIRST + COUNT
		   ? keywords[number - FIRST].text
		   : NULL;
}
