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

double model_share(int index)
{
	return (index + .5) / MODEL_SHARES;
}

double model_share_prior(int index)
{
	double sum = 0, t;
	int i;

	for (i = 0; i < MODEL_SHARES; i++) {
		t = model_share(i);
		sum += t * (1 - t);
	}
	t = model_share(index);
	return t * (1 - t) / sum;
}
