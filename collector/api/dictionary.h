/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_DICTIONARY_H
#define EGRESS25_COLLECTOR_API_DICTIONARY_H

/* What each member of an answer and each column of a file means: a name has
 * one meaning, wherever it stands. Pure. */

/* The meaning of a name, or NULL. */
const char *dictionary_find(const char *name);

#endif
