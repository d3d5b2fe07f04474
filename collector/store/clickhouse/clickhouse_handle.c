/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_handle.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/random.h"

#define NAME_LETTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

const char *const clickhouse_setting_names[SETTING_COUNT] = {
    [SETTING_SYNC] = "insert_distributed_sync",
    [SETTING_FOREGROUND] = "distributed_foreground_insert",
    [SETTING_QUORUM] = "insert_quorum",
    [SETTING_QUORUM_TIMEOUT] = "insert_quorum_timeout",
    [SETTING_QUORUM_PARALLEL] = "insert_quorum_parallel",
    [SETTING_SEQUENTIAL] = "select_sequential_consistency",
    [SETTING_ASYNC] = "async_insert",
    [SETTING_DDL_TIMEOUT] = "distributed_ddl_task_timeout",
};

/* --- addresses --- */

static bool is_loopback(const struct httpc_url *url)
{
	struct addr address;

	if (strcmp(url->host, "localhost") == 0)
		return true;
	return addr_parse(&address, url->host) &&
	       (address.family == 4
		       ? address.bytes[0] == 127
		       : address.bytes[15] == 1 && addr_is_private(&address));
}

static int add_url(struct clickhouse *handle, const char *text, struct err *err)
{
	struct httpc_url *url = &handle->urls[handle->nurls];
	int error;

	if (handle->nurls == CLICKHOUSE_URLS_MAX)
		return err_input(err, "[store] url: more than %d addresses",
		    CLICKHOUSE_URLS_MAX);
	error = httpc_parse_url(text, url, err);
	if (error < 0) {
		err_prefix(err, "[store] url");
		return error;
	}
	if (!url->tls && !is_loopback(url) && !handle->cluster.insecure)
		return err_input(err,
		    "[store] url: %s: passwords and rows would go over the "
		    "network as they are: use https, or say insecure = yes",
		    text);
	handle->nurls++;
	return 0;
}

static int add_urls(struct clickhouse *handle, struct err *err)
{
	char text[sizeof(handle->cluster.urls)], *word, *rest = NULL;
	uint32_t first;
	int error = 0;

	memcpy(text, handle->cluster.urls, sizeof(text));
	for (word = strtok_r(text, " \t", &rest); error == 0 && word != NULL;
	     word = strtok_r(NULL, " \t", &rest))
		error = add_url(handle, word, err);
	if (error == 0 && handle->nurls == 0)
		error = err_input(err, "[store] url: names no server");
	if (error < 0)
		return error;
	/* Collectors and threads begin at different servers. */
	random_bytes(&first, sizeof(first));
	handle->url = first % handle->nurls;
	return 0;
}

/* --- accounts --- */

/* The first line of the file; "" where none is named. */
static int read_password(
    const char *path, char *password, size_t size, struct err *err)
{
	int fd;
	ssize_t length;

	password[0] = '\0';
	if (path[0] == '\0')
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, -errno, "%s", path);
	length = read(fd, password, size - 1);
	close(fd);
	if (length < 0)
		return err_system(err, -errno, "%s", path);
	password[length] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	return 0;
}

static int set_account(
    char headers[512], const char *user, const char *path, struct err *err)
{
	char password[256];
	int error = read_password(path, password, sizeof(password), err);

	if (error < 0)
		return error;
	if (user[strspn(user, NAME_LETTERS)] != '\0')
		return err_input(
		    err, "[store] user: '%s' is no name of a user", user);
	snprintf(headers, 512,
	    "X-ClickHouse-User: %s\r\nX-ClickHouse-Key: %s\r\n", user,
	    password);
	memset(password, 0, sizeof(password));
	return 0;
}

static int set_accounts(struct clickhouse *handle, struct err *err)
{
	const struct store_cluster *cluster = &handle->cluster;
	int error = set_account(
	    handle->headers, cluster->user, cluster->password_file, err);

	if (error < 0)
		return error;
	memcpy(
	    handle->public_headers, handle->headers, sizeof(handle->headers));
	if (cluster->reader[0] == '\0')
		return 0;
	return set_account(handle->public_headers, cluster->reader,
	    cluster->reader_password_file, err);
}

/* They become part of SQL. */
static int check_names(const struct store_cluster *cluster, struct err *err)
{
	const char *const names[] = {cluster->name, cluster->database};
	size_t i;

	for (i = 0; i < 2; i++)
		if (names[i][0] == '\0' ||
		    names[i][strspn(names[i], NAME_LETTERS)] != '\0')
			return err_input(err,
			    "[store] %s: '%s' is no name: letters, digits "
			    "and _",
			    i == 0 ? "cluster" : "database", names[i]);
	return 0;
}

static int set_up_tls(struct clickhouse *handle, struct err *err)
{
	const char *file = handle->cluster.ca_file;
	size_t i;

	for (i = 0; i < handle->nurls; i++)
		if (handle->urls[i].tls)
			break;
	if (i == handle->nurls)
		return 0;
	handle->tls = SSL_CTX_new(TLS_client_method());
	if (handle->tls == NULL)
		return err_system(err, -ENOMEM, "TLS");
	SSL_CTX_set_min_proto_version(handle->tls, TLS1_2_VERSION);
	SSL_CTX_set_mode(handle->tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (file[0] == '\0'
		? SSL_CTX_set_default_verify_paths(handle->tls) != 1
		: SSL_CTX_load_verify_locations(handle->tls, file, NULL) != 1)
		return err_input(err, "[store] ca-file: %s: has no certificate",
		    file[0] != '\0' ? file : "the system's");
	return 0;
}

/* --- begin and end --- */

int clickhouse_handle_new(const struct store_settings *settings,
    struct clickhouse **out, struct err *err)
{
	struct clickhouse *handle = calloc(1, sizeof(*handle));
	int error;

	*out = handle;
	if (handle == NULL)
		return err_system(err, -ENOMEM, "the store");
	handle->store.engine = settings->engine;
	handle->cluster = settings->cluster;
	handle->read_only = settings->read_only;
	link_init(&handle->link);
	error = check_names(&handle->cluster, err);
	if (error == 0)
		error = add_urls(handle, err);
	if (error == 0)
		error = set_accounts(handle, err);
	if (error == 0)
		error = set_up_tls(handle, err);
	return error;
}

void clickhouse_handle_free(struct clickhouse *handle)
{
	if (handle == NULL)
		return;
	link_close(&handle->link);
	SSL_CTX_free(handle->tls);
	buf_free(&handle->batch);
	memset(handle->headers, 0, sizeof(handle->headers));
	memset(handle->public_headers, 0, sizeof(handle->public_headers));
	free(handle);
}
