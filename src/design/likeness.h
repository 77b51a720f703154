/* What TTFTs and switches are taken to be like, before anything is sent: as an earlier run had
 * them, or as an example. */
#ifndef DESIGN_LIKENESS_H
#define DESIGN_LIKENESS_H

#include <stdbool.h>

#include "core/error.h"
#include "plan/rows.h"
#include "record/preview.h"

/* Of a switch's standard deviation from visit to visit, as a share of the switch. */
#define LIKENESS_COST_SHARE 0.2

struct likeness_row {
    double deviation_s; /* one standard deviation of its TTFT; 0 of a warm-up */
    double ttft_s;
    double switch_s; /* what a switch to it costs; without a run to tell, as long as its TTFT */
};

struct likeness {
    struct likeness_row *row; /* of each of the rows; owned */
    double ttft_s, spread;    /* the largest of them: a TTFT, and its deviation as a share of it */
    double cost_share;        /* how much a switch varies: its deviation as a share of it */
    bool measured;            /* TTFTs are those of a run … */
    bool cost_measured;       /* … and how much switches vary too */
};

/* By the run in the folder `like`, or by the example where that is NULL: each row as itself there,
 * else as its model's rows, else as any; the largest deviation and the smallest switch. False with
 * a sentence where the run cannot be read, or tells nothing. Clear it either way. */
bool likeness_of(const char *like, const struct rows *rows, struct likeness *likeness,
                 struct error *error);

/* What of it is reported with what follows from it; points to `like`. */
struct preview_premise likeness_premise(const struct likeness *likeness, const char *like);

void likeness_clear(struct likeness *likeness);

#endif
