/* A figure over runs, judged: the steps in its mean, and what the groups of a label came to. */
#ifndef REPORT_HISTORY_JUDGED_H
#define REPORT_HISTORY_JUDGED_H

#include "stats/changes.h"
#include "store/index/history.h"

/* Steps that are likelier than this without one are not told. */
#define HISTORY_LEVEL 0.05

struct history_group {
    const char *value; /* the label's; "": those that have none; the history's */
    double mean, least, most;
    size_t runs;
};

/* Of the points that did not measure the client. */
struct history_judged {
    double *value; /* owned, as the others are */
    size_t *point; /* of each value: which of the history's it is */
    size_t count;
    struct change *change; /* by the places of their values */
    size_t changes;
    struct history_group *group; /* as their first points come; owned */
    size_t groups;
};

/* Clear `judged`, before the history. */
void history_judge(const struct history *history, struct history_judged *judged);
void history_judged_clear(struct history_judged *judged);

/* The step at this point of the history; NULL: there is none. */
const struct change *history_judged_at(const struct history_judged *judged, size_t point);

#endif
