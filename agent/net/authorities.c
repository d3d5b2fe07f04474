/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/authorities.h"

#include <ctype.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_DIGITS 8

/* As "002c0b4f.0". */
static bool is_hashed(const char *name)
{
	int i;

	for (i = 0; i < HASH_DIGITS; i++)
		if (!isxdigit((unsigned char)name[i]))
			return false;
	return name[i] == '.' && isdigit((unsigned char)name[i + 1]);
}

static bool has_hashed(const char *directory)
{
	DIR *open = opendir(directory);
	struct dirent *entry;
	bool found = false;

	if (open == NULL)
		return false;
	while (!found && (entry = readdir(open)) != NULL)
		found = is_hashed(entry->d_name);
	closedir(open);
	return found;
}

/* One of those, which are separated by colons. */
static bool some_has_hashed(const char *directories)
{
	char directory[4096];
	size_t length;

	while (*directories != '\0') {
		length = strcspn(directories, ":");
		if (length < sizeof(directory)) {
			memcpy(directory, directories, length);
			directory[length] = '\0';
			if (has_hashed(directory))
				return true;
		}
		directories += length + (directories[length] == ':');
	}
	return false;
}

const char *authorities_bundle(
    const char *directories, const char *const *bundles)
{
	if (some_has_hashed(directories))
		return NULL;
	while (*bundles != NULL && access(*bundles, R_OK) != 0)
		bundles++;
	return *bundles;
}

static const char *directories_used(void)
{
	const char *named = getenv(X509_get_default_cert_dir_env());

	return named != NULL ? named : X509_get_default_cert_dir();
}

/* What the environment names, or where systems have it. */
static const char *bundle_used(void)
{
	const char *const bundles[] = {
	    X509_get_default_cert_file(),
	    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, OpenWrt */
	    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora and its like */
	    "/etc/ssl/ca-bundle.pem",             /* SUSE */
	    NULL,
	};
	const char *named = getenv(X509_get_default_cert_file_env());

	if (named != NULL)
		return named;
	if (getenv(X509_get_default_cert_dir_env()) != NULL)
		return NULL;
	return authorities_bundle(directories_used(), bundles);
}

bool authorities_use(struct ssl_ctx_st *context)
{
	const char *bundle = bundle_used();

	if (SSL_CTX_set_default_verify_dir(context) != 1)
		return false;
	if (bundle != NULL)
		SSL_CTX_load_verify_file(context, bundle);
	ERR_clear_error();
	return true;
}

bool authorities_are_known(const struct ssl_ctx_st *context)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);

	return sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0 ||
	       some_has_hashed(directories_used());
}
