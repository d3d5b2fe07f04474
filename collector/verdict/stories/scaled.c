/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/stories/scaled.h"

#define UP 0x1p+256

void scaled_raise(struct scaled *number)
{
	while (number->value < SCALED_DOWN && number->value > 0) {
		number->value *= UP;
		number->steps++;
	}
}
