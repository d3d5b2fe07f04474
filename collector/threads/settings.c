/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/settings.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

#include "collector/http/peer_tls.h"
#include "lib/config/endpoints_file.h"

struct settings_holder {
	pthread_mutex_t lock; /* of `current` and of all reference counts */
	struct settings *current;
};

static int load_into(struct settings *settings, struct err *err)
{
	const struct collector_options *options = &settings->options;
	int error = collector_options_check(options, err);

	if (error == 0)
		error = prefixes_parse(
		    options->trusted_proxies, &settings->trusted, err);
	if (error == 0 && options->endpoints[0] != '\0')
		error = endpoints_read(
		    options->endpoints, &settings->endpoints, err);
	if (error == 0 && plan_deal(&settings->endpoints, &settings->parts) < 0)
		error = err_system(err, -ENOMEM, "the endpoints");
	if (error == 0)
		error = geo_open(options->geo_asn, options->geo_country,
		    &settings->geo, err);
	if (error == 0 && options->tls_certificate[0] != '\0')
		error = peer_tls_load(options->tls_certificate,
		    options->tls_key, &settings->tls, err);
	return error;
}

int settings_load(const struct collector_options *options,
    struct settings **out, struct err *err)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	int error;

	if (settings == NULL)
		return err_system(err, -ENOMEM, "the settings");
	settings->options = *options;
	error = load_into(settings, err);
	if (error < 0) {
		settings_free(settings);
		return error;
	}
	*out = settings;
	return 0;
}

void settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	SSL_CTX_free(settings->tls);
	geo_close(settings->geo);
	endpoints_free(&settings->endpoints);
	free(settings);
}

struct settings_holder *settings_holder_new(struct settings *settings)
{
	struct settings_holder *holder = calloc(1, sizeof(*holder));

	if (holder == NULL)
		return NULL;
	pthread_mutex_init(&holder->lock, NULL);
	holder->current = settings;
	settings->references = 1;
	return holder;
}

void settings_holder_free(struct settings_holder *holder)
{
	if (holder == NULL)
		return;
	settings_free(holder->current);
	pthread_mutex_destroy(&holder->lock);
	free(holder);
}

/* With the lock held. The snapshot if that was its last reference, for the
 * caller to free; else NULL. */
static struct settings *drop_reference(struct settings *settings)
{
	if (settings == NULL || --settings->references > 0)
		return NULL;
	return settings;
}

void settings_publish(struct settings_holder *holder, struct settings *settings)
{
	struct settings *old;

	settings->references = 1;
	pthread_mutex_lock(&holder->lock);
	old = drop_reference(holder->current);
	holder->current = settings;
	pthread_mutex_unlock(&holder->lock);
	settings_free(old);
}

void settings_renew(
    struct settings_holder *holder, const struct settings **held)
{
	struct settings *old = NULL;

	pthread_mutex_lock(&holder->lock);
	if (*held != holder->current) {
		old = drop_reference((struct settings *)*held);
		holder->current->references++;
		*held = holder->current;
	}
	pthread_mutex_unlock(&holder->lock);
	settings_free(old);
}

void settings_drop(struct settings_holder *holder, const struct settings **held)
{
	struct settings *old;

	pthread_mutex_lock(&holder->lock);
	old = drop_reference((struct settings *)*held);
	pthread_mutex_unlock(&holder->lock);
	*held = NULL;
	settings_free(old);
}
