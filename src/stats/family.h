/* Conclusions that stand beside each other: p values adjusted over all of them (Holm, 1979: in
 * ascending order, p times how many are left, never falling), and a verdict for each.
 *
 * Detected where adjusted p ≤ the level (0.01, less where several looks are taken) and requests
 * that are slow for another reason cause as much in less than FAMILY_SLOW_LEVEL of cases, and once
 * in twenty families. Else inconclusive where too few of several visits stood out
 * (SWITCH_FLAG_FEW), where slow requests or unlike prompts may be why, where exposed requests came
 * sooner than steady ones, where p alone would do, or where an effect that matters might go unseen;
 * and not detected where none of that holds: then there is none above the interval's end. */
#ifndef STATS_FAMILY_H
#define STATS_FAMILY_H

#include <stddef.h>

#include "record/switch.h"

/* What an effect must be to matter: the larger of these. */
#define FAMILY_MATTERS_S     0.05
#define FAMILY_MATTERS_SHARE 0.2 /* of the steady TTFT */

#define FAMILY_SLOW_LEVEL  0.006
#define FAMILY_SLOW_FAMILY 0.05

/* The same of a steady TTFT. */
double family_matters_s(double steady_s);

/* What a switch that was not detected is not above: the interval's end, and never less than half
 * the interval's width, since an estimate below zero makes no clock finer. */
double family_none_above_s(const struct switch_estimate *estimate);

/* A conclusion on its way, and what a request takes without a switch. */
struct family_member {
    struct switch_estimate *estimate;
    double steady_s;
};

struct family {
    struct family_member *member; /* owned */
    size_t count;
};

void family_add(struct family *family, struct switch_estimate *estimate, double steady_s);

/* Gives p_adjusted and verdicts at `level`, and empties the family. */
void family_conclude(struct family *family, double level);

#endif
