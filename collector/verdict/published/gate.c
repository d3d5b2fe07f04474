/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/gate.h"

#include <stdlib.h>

#include "collector/verdict/evidence/model.h"

static int compare_accusations(const void *a, const void *b)
{
	const struct gate_accusation *left = a, *right = b;

	if (left->wrong != right->wrong)
		return left->wrong < right->wrong ? -1 : 1;
	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

double gate_close(struct gate_accusation *accusations, size_t count)
{
	double sum = 0, kept = 0;
	size_t i;

	if (count > 0)
		qsort(accusations, count, sizeof(*accusations),
		    compare_accusations);
	for (i = 0; i < count; i++) {
		sum += accusations[i].wrong;
		accusations[i].is_held_back = sum / (double)(i + 1) >
					      MODEL_GATE;
		if (!accusations[i].is_held_back)
			kept += accusations[i].wrong;
	}
	return kept;
}
