/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/model.h"

/* What the host does is not in the table: it is no failure of the network. */
const double model_wrong[WHERE_COUNT] = {
    [WHERE_NONE] = .07,
    [WHERE_PATH] = .03,
    [WHERE_LINK] = .05,
    [WHERE_NETWORK] = .07,
    [WHERE_ACCESS] = .10,
    [WHERE_FAR_END] = .10,
};

const double model_shares[MODEL_SHARES] = {
    .05, .15, .25, .35, .45, .55, .65, .75, .85, .95};

#define SUM 1.675 /* of t(1-t) over these */

const double model_share_priors[MODEL_SHARES] = {
    .05 * .95 / SUM,
    .15 * .85 / SUM,
    .25 * .75 / SUM,
    .35 * .65 / SUM,
    .45 * .55 / SUM,
    .55 * .45 / SUM,
    .65 * .35 / SUM,
    .75 * .25 / SUM,
    .85 * .15 / SUM,
    .95 * .05 / SUM,
};
