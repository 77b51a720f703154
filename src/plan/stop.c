#include "plan/stop.h"

#include <stddef.h>

const char *const stop_of_names[] = {"rows", "pairs", NULL};

/* clang-format off */
const struct setting stop_table[] = {
    {"half_width", SETTING_NUMBER, offsetof(struct stop_rule, half_width),
     .least = 0.001, .most = 0.999,
     .help = "how narrow a switch's interval has to be: its half, as a share of the switch; 0.1 if not given"},
    {"at_most_passes", SETTING_INTEGER, offsetof(struct stop_rule, at_most_passes),
     .fallback = "12", .least = STOP_FIRST_LOOK, .most = 10000,
     .help = "the study ends after so many passes in any case; takes the place of passes"},
    {"of", SETTING_CHOICE, offsetof(struct stop_rule, of), .fallback = "rows",
     .choices = stop_of_names,
     .help = "what has to be sure: the switch to each of the rows, or from each to each (pairs)"},
    {0},
};
/* clang-format on */

/* Not a fallback of the table: without the group there is no rule, and no width. */
static const double half_width_unless_given = 0.1;

static bool is_given(const struct yaml *value)
{
    return value && !yaml_is_null(value);
}

void stop_check(const struct yaml *root, bool rows_beside_each_other, struct stop_rule *rule,
                struct faults *faults)
{
    const struct yaml *group = yaml_find(root, "stop_when"), *passes = yaml_find(root, "passes");

    if (!is_given(group)) {
        rule->half_width = 0;
        return;
    }
    if (rule->half_width == 0)
        rule->half_width = half_width_unless_given;
    if (is_given(passes))
        faults_add(faults, passes->source, passes->line,
                   "passes: cannot be set together with stop_when; leave it out, and set "
                   "stop_when.at_most_passes to the most");
    if (rows_beside_each_other)
        faults_add(faults, group->source, group->line,
                   "stop_when: needs rows one after another; leave out concurrency_enabled, or "
                   "stop_when");
}

bool stop_asked(const struct stop_rule *rule)
{
    return rule->half_width > 0;
}

int64_t stop_passes(const struct stop_rule *rule, int64_t passes)
{
    return stop_asked(rule) ? rule->at_most_passes : passes;
}
