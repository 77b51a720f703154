#include "search/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/unit.h"

static const char *unit_of(const struct climb_rule *rule)
{
    return rule->trial.open_loop ? "qps" : "concurrent requests";
}

/* What requests keep, or do where no slo is stated. */
static const char *keeping(const struct settings *settings)
{
    return settings->objectives.count > 0 ? "keep slo" : "complete";
}

/* --- A step ----------------------------------------------------------------------------------- */

void words_of_step(const struct climb_rule *rule, const struct settings *settings,
                   const struct search_step *step, struct text *text)
{
    static const char *const verdicts[] = {"not clear", "kept", "broken"};
    const struct trial *trial = &step->trial;
    double share = trial->calls > 0 ? (double)trial->good / (double)trial->calls : NAN;
    char load[24], quantity[UNIT_TEXT], count[UNIT_TEXT];

    snprintf(load, sizeof load, "%.4g", trial->load);
    text_printf(text, "    search: at %s %.1f %% of %s %s",
                unit_quantity(load, unit_of(rule), quantity), 100 * share,
                unit_count(trial->calls, "request", NULL, count), keeping(settings));
    if (trial->growing)
        text_add_string(text, ", and what is in flight grows");
    if (trial->client_limited)
        text_add_string(text, "; the client was the limit");
    else
        text_printf(text, ": %s", verdicts[trial->verdict]);
    if (step->confirms)
        text_add_string(text, " (confirms)");
}

/* --- What it came to -------------------------------------------------------------------------- */

static void add_load(const struct climb_rule *rule, const struct search_found *found,
                     struct text *text)
{
    text_printf(text, "%s %.4g", rule->trial.open_loop ? "max_qps" : "max_concurrent_requests",
                found->load);
    if (found->low < found->high)
        text_printf(text, " (90 %% interval %.4g … %.4g)", found->low, found->high);
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

static void add_known(const struct climb_rule *rule, const struct search_found *found,
                      struct text *text)
{
    if (!isnan(found->load)) {
        text_add_string(text, ": ");
        add_load(rule, found, text);
        return;
    }
    if (!isnan(found->kept))
        text_printf(text, ": kept at %.4g %s", found->kept, unit_of(rule));
    if (!isnan(found->broken))
        text_printf(text, "%s broken at %.4g %s", isnan(found->kept) ? ":" : ",", found->broken,
                    unit_of(rule));
}

static void add_sentence(const struct climb_rule *rule, const struct settings *settings,
                         const struct search_found *found, struct text *text)
{
    double share = 100 * rule->trial.share;

    if (strcmp(found->end, climb_end_words[CLIMB_NEVER_KEPT]) == 0) {
        text_printf(text,
                    "never kept: at %.4g %s, the lowest load, fewer than %.4g %% of requests "
                    "%s",
                    rule->low, unit_of(rule), share, keeping(settings));
        add_limit(found, text);
    } else if (strcmp(found->end, climb_end_words[CLIMB_ALWAYS_KEPT]) == 0) {
        text_printf(text, "kept at %.4g %s too, the highest load of search.range", rule->high,
                    unit_of(rule));
    } else if (strcmp(found->end, climb_end_words[CLIMB_CLIENT_LIMIT]) == 0) {
        text_add_string(text, "client limit: this machine cannot send what would be needed to know "
                              "more");
        add_known(rule, found, text);
    } else if (strcmp(found->end, climb_end_words[CLIMB_FOUND]) == 0) {
        add_load(rule, found, text);
        text_printf(text, ": at least %.4g %% of requests %s", share, keeping(settings));
        add_limit(found, text);
    } else {
        text_add_string(text, strcmp(found->end, climb_end_words[CLIMB_NOT_SURE]) != 0 ? "under way"
                              : found->steps >= CLIMB_STEPS_MOST ? "not sure after so many steps"
                                                                 : "not sure within budget_s");
        add_known(rule, found, text);
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
