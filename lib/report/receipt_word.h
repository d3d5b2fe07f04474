/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_RECEIPT_WORD_H
#define EGRESS25_LIB_REPORT_RECEIPT_WORD_H

#include "lib/report/receipt_seen.h"

/* Databases keep the numbers: a new one comes last. */
#define RECEIPT_WORTHS (RECEIPT_RIGHT + 1)

/* The contract's word for what a receipt is worth; "" of RECEIPT_NONE and of
 * what is none. */
const char *receipt_word(enum receipt_worth worth);

#endif
