#include "job/stopping.h"

#include <inttypes.h>
#include <math.h>

#include "core/text.h"
#include "stats/enough.h"
#include "store/results.h"

/* --- Words ------------------------------------------------------------------------------------ */

static void add_beginning(const struct stop_rule *rule, bool sure, size_t passes, struct text *text)
{
    bool last = (int64_t)passes == rule->at_most_passes;

    if (sure)
        text_printf(text, "sure after pass %zu of at most %" PRId64, passes, rule->at_most_passes);
    else if (last)
        text_printf(text, "not sure after %zu passes, the most", passes);
    else
        text_printf(text, "not sure yet after pass %zu of at most %" PRId64, passes,
                    rule->at_most_passes);
}

static const char *noun(const struct stop_rule *rule, size_t count)
{
    if (rule->of == STOP_PAIRS)
        return count == 1 ? "pair" : "pairs";
    return count == 1 ? "row" : "rows";
}

static void add_wide(const struct enough *enough, struct text *text)
{
    if (enough->wide > 0 && isinf(enough->widest))
        text_printf(text, "; %zu found, and how much it varies is not known", enough->wide);
    else if (enough->wide > 0)
        text_printf(text, "; %zu found and too wide, up to ±%.0f %%", enough->wide,
                    100 * enough->widest);
}

static void add_states(const struct stop_rule *rule, const struct enough *enough, struct text *text)
{
    size_t all = enough->sure + enough->wide + enough->open + enough->unmeasured;

    text_printf(text, ": of %zu %s %zu %s within ±%.3g %% or without a switch that matters", all,
                noun(rule, all), enough->sure, enough->sure == 1 ? "is" : "are",
                100 * rule->half_width);
    add_wide(enough, text);
    if (enough->open > 0)
        text_printf(text, "; %zu inconclusive", enough->open);
    if (enough->unmeasured > 0)
        text_printf(text, "; %zu not measured yet", enough->unmeasured);
    if (enough->aside > 0)
        text_printf(text, "; not waited for %zu that cannot be measured", enough->aside);
}

static void say(const struct stop_rule *rule, const struct enough *enough, size_t passes,
                struct stopping *stopping)
{
    struct text text = {0};

    add_beginning(rule, stopping->sure, passes, &text);
    add_states(rule, enough, &text);
    text_copy_printable(text.bytes, text.length, stopping->sentence, sizeof stopping->sentence);
    text_clear(&text);
}

/* --- A look ----------------------------------------------------------------------------------- */

bool stopping_look(const struct stop_rule *rule, const struct run *run, size_t passes,
                   struct stopping *stopping, struct error *error)
{
    struct study study = {.looks = (size_t)rule->at_most_passes};
    struct results results = {0};
    bool read = results_read(run->folder, &results, error);

    if (read) {
        struct enough enough;

        study_add(&study, results.step, results.count);
        study_conclude(&study);
        enough = enough_count(&study, rule->half_width, rule->of == STOP_PAIRS);
        stopping->sure = enough_is(&enough);
        say(rule, &enough, passes, stopping);
    }
    study_clear(&study);
    results_clear(&results);
    return read;
}
