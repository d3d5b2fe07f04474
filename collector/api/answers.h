/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_ANSWERS_H
#define EGRESS25_COLLECTOR_API_ANSWERS_H

/* The shapes of all answers. Pure. */

#include "collector/api/shape.h"

extern const struct shape answer_error[], answer_network[], answer_networks[],
    answer_upstream[], answer_upstreams[], answer_countries[], answer_country[],
    answer_history[], answer_network_history[], answer_country_history[],
    answer_events[], answer_event[], answer_measurements[], answer_aggregate[],
    answer_report[], answer_endpoints[], answer_dumps[], answer_summary[],
    answer_about[], answer_whoami[], answer_plan[], answer_accepted[],
    answer_enrolled[], answer_openapi[], body_report[], body_enrolment[],
    body_key[];

#endif
