/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/about.h"

#include "collector/fleet/census.h"
#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "collector/verdict/evidence/model.h"
#include "lib/json/json.h"

#define SECONDS_OF_DAY 86400

/* A number of the model by its name in doc/verdict.md, section 3. */
static const struct threshold {
	const char *name;
	double value;
} thresholds[] = {
    {"window_days", MODEL_WINDOW},
    {"recent_days", MODEL_RECENT},
    {"age_days", MODEL_AGE},
    {"review_days", MODEL_REVIEW_AGE},
    {"witnesses", MODEL_WITNESSES},
    {"each", MODEL_EACH},
    {"each_placed", MODEL_EACH_PLACED},
    {"cap", MODEL_CAP},
    {"cap_part", MODEL_CAP_PART},
    {"keep_cap", MODEL_KEEP_CAP},
    {"gate", MODEL_GATE},
    {"open_at", MODEL_OPEN_AT},
    {"sure", MODEL_SURE},
    {"unsteady_share", MODEL_UNSTEADY_SHARE},
    {"hourly_sightings", MODEL_HOURLY_MIN},
    {"hourly_share", MODEL_HOURLY_SHARE},
    {"fair_p", MODEL_FAIR_P},
    {"fair_witnesses", MODEL_FAIR_WITNESSES},
    {"strong_p", MODEL_STRONG_P},
    {"strong_witnesses", MODEL_STRONG_WITNESSES},
    {"network_p", MODEL_NETWORK_P},
    {"network_witnesses", MODEL_NETWORK_WITNESSES},
};

static void write_thresholds(struct json_writer *json)
{
	size_t i;

	json_open_object(json, "thresholds");
	for (i = 0; i < sizeof(thresholds) / sizeof(*thresholds); i++)
		json_decimal(json, thresholds[i].name, thresholds[i].value, 4);
	json_close_object(json);
}

/* How many of the accusations that are published may be wrong, as the last
 * census counted them. */
static void write_expected_wrong(
    struct server *server, struct json_writer *json)
{
	const struct census_view *view = server->census != NULL
					     ? census_hold(server->census)
					     : NULL;

	if (view == NULL) {
		json_null(json, "expected_wrong");
		return;
	}
	json_decimal(
	    json, "expected_wrong", view->published->expected_wrong, 6);
	census_drop(server->census, view);
}

static void write_options(
    const struct collector_options *options, struct json_writer *json)
{
	int64_t days = options->retention_s / SECONDS_OF_DAY;

	json_bool(json, "simulated", options->about_simulated);
	json_bool(json, "daily_files", options->dumps_directory[0] != '\0');
	json_text_or_null(json, "operator", options->about_operator);
	json_text_or_null(json, "contact", options->about_contact);
	json_text_or_null(json, "licence", options->about_licence);
	json_integer_or_null(
	    json, "retention_days", days == 0 ? JSON_ABSENT : days);
}

void route_about(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	(void)request;
	json_open_object(&json, NULL);
	json_text(&json, "software", "egress25-collector/" EGRESS25_VERSION);
	write_options(&server->settings->options, &json);
	write_thresholds(&json);
	write_expected_wrong(server, &json);
	stamp_reply(&json, reply);
}
