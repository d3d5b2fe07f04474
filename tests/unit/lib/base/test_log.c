/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rows.h"

/* stderr goes to a file while a row runs. */
struct capture {
	FILE *file;
	int saved;
};

static void capture_begin(struct capture *capture)
{
	capture->file = tmpfile();
	assert_non_null(capture->file);
	capture->saved = dup(STDERR_FILENO);
	assert_true(dup2(fileno(capture->file), STDERR_FILENO) >= 0);
}

static void capture_end(struct capture *capture, char *text, size_t size)
{
	ssize_t length;

	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	length = pread(fileno(capture->file), text, size - 1, 0);
	text[length < 0 ? 0 : length] = '\0';
	fclose(capture->file);
}

/* The journal's stream is this stderr, another one, or none. */
enum journal { NO_JOURNAL, OUR_JOURNAL, OTHER_JOURNAL };

static void name_journal(enum journal journal)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	if (journal == OTHER_JOURNAL)
		st.st_ino++;
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	if (journal == NO_JOURNAL)
		unsetenv("JOURNAL_STREAM");
	else
		setenv("JOURNAL_STREAM", stream, 1);
}

static const struct row {
	const char *name;
	enum journal journal;
	enum log_level shown;
	void (*say)(const char *format, ...);
	const char *text, *line;
} rows[] = {
    {"a line names the program", NO_JOURNAL, LOG_LEVEL_INFO, log_error,
	"cannot bind", "prog: cannot bind\n"},
    {"the journal gets a priority instead", OUR_JOURNAL, LOG_LEVEL_INFO,
	log_warn, "slow", "<4>slow\n"},
    {"an inherited JOURNAL_STREAM of another stream does not count",
	OTHER_JOURNAL, LOG_LEVEL_INFO, log_warn, "slow", "prog: slow\n"},
    {"what is below the level is not shown", NO_JOURNAL, LOG_LEVEL_INFO,
	log_debug, "noise", ""},
    {"the level itself is shown", NO_JOURNAL, LOG_LEVEL_DEBUG, log_debug,
	"detail", "prog: detail\n"},
    {"a line end inside cannot forge a second line", NO_JOURNAL, LOG_LEVEL_INFO,
	log_info, "a\nprog: b\r\033[2J", "prog: a prog: b  [2J\n"},
    {"nor can text turn the line round, or move the cursor in eight bits",
	NO_JOURNAL, LOG_LEVEL_INFO, log_info,
	"a\xe2\x80\xae b\xe2\x80\xa8"
	"c\xc2\x9b"
	"d\x9b"
	"e \xc3\xa9",
	"prog: a? b?c?d?e \xc3\xa9\n"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct capture capture;
	char text[2048];

	capture_begin(&capture);
	name_journal(row->journal);
	log_setup("prog", row->shown);
	row->say("%s", row->text);
	capture_end(&capture, text, sizeof(text));
	assert_string_equal(text, row->line);
}

static void cut(void **state)
{
	struct capture capture;
	char long_text[5000], text[6000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	capture_begin(&capture);
	name_journal(NO_JOURNAL);
	log_setup("prog", LOG_LEVEL_INFO);
	log_info("%s", long_text);
	capture_end(&capture, text, sizeof(text));
	assert_true(strlen(text) < 1025);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void over_and_over(void **state)
{
	struct log_limit limit = {0};

	(void)state;
	assert_true(log_is_due(&limit, 5));
	assert_false(log_is_due(&limit, 5));
	assert_false(log_is_due(&limit, 4 + LOG_PAUSE_US));
	assert_int_equal(limit.unsaid, 2);
	assert_true(log_is_due(&limit, 5 + LOG_PAUSE_US));
	assert_int_equal(limit.unsaid, 2);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "a very long message stays one bounded line", cut);
	test_add(&list, "what happens over and over is said now and then",
	    over_and_over);
	return test_run("log", &list);
}
