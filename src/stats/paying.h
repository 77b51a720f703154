/* Which visits paid for a switch, of rows whose switch was found.
 *
 * Each visit is judged by itself: its value is normal around 0 with its own standard error, and
 * what a first request takes more without a load (REPLICATE_NO_LOAD_S) besides, where it did not
 * pay, or was slow for another reason (steady.h), and normal around its row's cost, with the cost's
 * own variation (variation.h) besides, where it did. By even odds between the two it paid (0.9 and
 * more), did not (0.1 and less), or could not have shown it: the counts for people.
 *
 * In the cost each visit weighs as much as it is likely to have paid by these odds and by how often
 * its row does: the mean of the upper part of a mixture of two, by expectation and maximisation
 * (Dempster, Laird and Rubin 1977). Hard labels would leave out low values of those that paid, and
 * so overstate a switch near the noise. */
#ifndef STATS_PAYING_H
#define STATS_PAYING_H

#include "stats/grouping.h"
#include "stats/study.h"

/* Fills weight, paid_probability and paid_as of all visits, and `study->variation`. The rows'
 * verdicts must be there; visits to rows without a switch did not pay, where one that matters
 * would have been seen. */
void paying_find(struct study *study, const struct grouping *rows);

/* Visits that count: measured, and not left out. */
bool paying_counts(const struct study_visit *visit);

#endif
