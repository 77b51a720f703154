/* Conclusions that stand beside each other: p values adjusted over all of them (Holm, 1979: in
 * ascending order, p times how many are left, never falling), and a verdict for each.
 *
 * Inconclusive where too few of several visits stood out (SWITCH_FLAG_FEW). Else detected where
 * adjusted p ≤ 0.01; inconclusive where p alone would do, or where an effect that matters might go
 * unseen; and not detected where none of that holds: then there is none above the interval's end.
 */
#ifndef STATS_FAMILY_H
#define STATS_FAMILY_H

#include <stddef.h>

#include "record/switch.h"

/* What an effect must be to matter: the larger of these. */
#define FAMILY_MATTERS_S     0.05
#define FAMILY_MATTERS_SHARE 0.2 /* of the steady TTFT */

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

/* Gives p_adjusted and verdicts, and empties the family. */
void family_conclude(struct family *family);

#endif
