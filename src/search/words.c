#include "search/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/unit.h"

/* What requests keep, or do where no slo is stated. */
static const char *keeping(const struct settings *settings)
{
    return settings->objectives.count > 0 ? "keep slo" : "complete";
}

/* --- A step ----------------------------------------------------------------------------------- */

/* Why a step that has ended is not clear. */
static void add_doubt(const struct trial *trial, double share, struct text *text)
{
    if (trial->calls < trial_least(share))
        text_add_string(text, ", they are too few");
    else if (trial_test(trial->good, trial->calls, 1, share) == TRIAL_OPEN)
        text_printf(text, ", that is too near %.4g %%", 100 * share);
    else if (trial_test(trial->good, trial->calls, trial->alike, share) == TRIAL_OPEN)
        text_printf(text, ", in one queue they are alike and tell as much as %.0f that are not",
                    (double)trial->calls / trial->alike);
    else
        text_add_string(text, ", what is in flight may yet grow");
}

void words_of_step(enum search_by by, const struct settings *settings,
                   const struct search_step *step, struct text *text)
{
    static const char *const verdicts[] = {"not clear", "kept", "broken"};
    const struct trial *trial = &step->trial;
    char load[24], quantity[UNIT_TEXT], count[UNIT_TEXT];

    snprintf(load, sizeof load, "%.4g", trial->load);
    text_printf(text, "    search: at %s ", unit_quantity(load, search_by_units[by], quantity));
    if (trial->calls > 0)
        text_printf(text, "%.1f %% of %s %s", 100 * (double)trial->good / (double)trial->calls,
                    unit_count(trial->calls, "request", NULL, count), keeping(settings));
    else
        text_add_string(text, "no request ended");
    if (trial->growing)
        text_add_string(text, ", and what is in flight grows");
    if (trial->client_limited)
        text_add_string(text, "; the client was the limit");
    else
        text_printf(text, ": %s", verdicts[trial->verdict]);
    if (!trial->client_limited && trial->verdict == TRIAL_OPEN && trial->calls > 0)
        add_doubt(trial, settings->search.goodput_share, text);
    if (step->confirms)
        text_add_string(text, " (confirms)");
}

/* --- What it came to -------------------------------------------------------------------------- */

static void add_load(const struct search_found *found, struct text *text)
{
    text_printf(text, "%s %.4g", search_by_results[found->by], found->load);
    if (found->low < found->high)
        text_printf(text, " (90 %% interval %.4g … %.4g)", found->low, found->high);
    if (found->by == SEARCH_BY_TRACE_SPEED)
        text_printf(text, ", %.4g requests/s", search_qps(found, found->load));
}

static void add_limit(const struct search_found *found, struct text *text)
{
    if (strcmp(found->limit, "saturation") == 0)
        text_add_string(text, "; above it the endpoint does not keep up");
    else if (strcmp(found->limit, "failed") == 0)
        text_add_string(text, "; above it requests fail");
    else if (found->limit[0])
        text_printf(text, "; above it %s breaks first", found->limit);
}

static void add_known(const struct search_found *found, struct text *text)
{
    const char *unit = search_by_units[found->by];

    if (!isnan(found->load)) {
        text_add_string(text, ": ");
        add_load(found, text);
        return;
    }
    if (!isnan(found->kept))
        text_printf(text, ": kept at %.4g %s", found->kept, unit);
    if (!isnan(found->broken))
        text_printf(text, "%s broken at %.4g %s", isnan(found->kept) ? ":" : ",", found->broken,
                    unit);
}

static void add_sentence(const struct climb_rule *rule, const struct settings *settings,
                         const struct search_found *found, struct text *text)
{
    const char *unit = search_by_units[found->by];
    double share = 100 * rule->trial.share;

    if (strcmp(found->end, climb_end_words[CLIMB_NEVER_KEPT]) == 0) {
        text_printf(text,
                    "never kept: at %.4g %s, the lowest load, fewer than %.4g %% of requests "
                    "%s",
                    rule->low, unit, share, keeping(settings));
        add_limit(found, text);
    } else if (strcmp(found->end, climb_end_words[CLIMB_ALWAYS_KEPT]) == 0) {
        text_printf(text, "kept at %.4g %s too, the highest load of search.range", rule->high,
                    unit);
    } else if (strcmp(found->end, climb_end_words[CLIMB_CLIENT_LIMIT]) == 0) {
        text_add_string(text, "client limit: this machine cannot send what would be needed to know "
                              "more");
        add_known(found, text);
    } else if (strcmp(found->end, climb_end_words[CLIMB_FOUND]) == 0) {
        add_load(found, text);
        text_printf(text, ": at least %.4g %% of requests %s", share, keeping(settings));
        add_limit(found, text);
    } else {
        text_add_string(text, strcmp(found->end, climb_end_words[CLIMB_NOT_SURE]) != 0 ? "under way"
                              : found->steps >= CLIMB_STEPS_MOST ? "not sure after so many steps"
                                                                 : "not sure within budget_s");
        add_known(found, text);
    }
}

void words_of_found(const struct climb_rule *rule, const struct settings *settings,
                    struct search_found *found)
{
    struct text text = {0};

    add_sentence(rule, settings, found, &text);
    text_copy_printable(text.bytes, text.length, found->sentence, sizeof found->sentence);
    text_clear(&text);
}
