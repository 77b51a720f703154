/* stop_when: a study that runs until it is sure, pass by pass. */
#ifndef PLAN_STOP_H
#define PLAN_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"

/* What is to be sure: the switch to each row, or from each row to each. */
enum stop_of { STOP_ROWS, STOP_PAIRS };
extern const char *const stop_of_names[];

/* The first pass after which a study may end. One visit does not tell how much a switch varies. */
enum { STOP_FIRST_LOOK = 2 };

struct stop_rule {
    double half_width; /* of the interval, as a share of the switch; 0: there is no rule */
    int64_t at_most_passes;
    int of; /* enum stop_of */
};

/* The group's members. */
extern const struct setting stop_table[];

/* To be called when the settings are read: without a stop_when in the document `root` there is no
 * rule. Adds a fault where `passes` stands beside it, and where rows run beside each other. */
void stop_check(const struct yaml *root, bool rows_beside_each_other, struct stop_rule *rule,
                struct faults *faults);

bool stop_asked(const struct stop_rule *rule);

/* How many passes a run is planned with: the rule's most, or `passes` where there is no rule. */
int64_t stop_passes(const struct stop_rule *rule, int64_t passes);

#endif
