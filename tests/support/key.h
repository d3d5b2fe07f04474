/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_KEY_H
#define EGRESS25_TESTS_SUPPORT_KEY_H

#include "lib/sign/sign.h"

/* A new key that is in no file; end with sign_key_free(). */
struct sign_key *key_new(void);

#endif
