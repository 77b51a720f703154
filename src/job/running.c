#include "job/running.h"

#include "job/interrupt.h"
#include "job/stopping.h"

bool running_count_steps(struct running *running)
{
    size_t steps = manifest_study_steps(running->manifest);

    running->study_ended = steps > 0;
    if (running->study_ended)
        running->steps = steps;
    return true;
}

void running_skip_ended(struct running *running)
{
    while (running->next < running->end &&
           resumption_has_ended(&running->resumption, running->next))
        running->next++;
}

/* --- A study that continues until it is sure -------------------------------------------------- */

/* Into the journal first: where the program is cut off between the two, the run is looked at
 * again, and says the same. */
static bool end_study(struct running *running, const struct stopping *stopping, size_t passes,
                      struct error *error)
{
    const struct manifest_study_end end = {
        .sure = stopping->sure,
        .passes = passes,
        .steps = running->next,
        .sentence = stopping->sentence,
    };
    struct journal *journal = &running->recorder.journal;

    running->study_ended = true;
    running->steps = running->end = running->next;
    manifest_set_study_end(running->manifest, &end);
    return journal_add_mark(journal, running->next - 1, "study_ends", stopping->sentence, error) &&
           journal_sync(journal, error) && manifest_write(running->manifest, running->run, error);
}

bool running_look(struct running *running, struct error *error)
{
    const struct stop_rule *rule = &running->preparation->settings.stop_when;
    struct stopping stopping = {0};
    struct error why;
    size_t pass;

    if (!stop_asked(rule) || running->study_ended || interrupt_asked)
        return true;
    running_skip_ended(running);
    pass = order_pass_ended(&running->preparation->order, running->next);
    if (pass < STOP_FIRST_LOOK)
        return true;
    if (!stopping_look(rule, running->run, pass, &stopping, &why)) {
        progress_say(&running->progress, why.text);
        return true;
    }
    progress_say(&running->progress, stopping.sentence);
    if (!stopping.sure && running->next < running->end)
        return true;
    return end_study(running, &stopping, pass, error);
}

/* --- A search, whose guide chooses each step -------------------------------------------------- */

/* The visit that the guide has just chosen, from step `first` on: its last step has its conclusion.
 */
static bool recall_visit(struct running *running, size_t first, struct error *error)
{
    const struct guide *guide = running->options->guide;
    size_t last = order_visit_end(&running->preparation->order, first) - 1;
    const struct attempt *attempt = attempts_last(&running->resumption.attempts, last);

    if (!attempt || !attempt->search)
        return error_set(error,
                         "step %zu: the journal does not have what the search concluded of it; "
                         "start a new search",
                         last + 1);
    return guide->recall(guide->context, last, attempt->search, error);
}

/* Which steps are one visit is known once the guide has chosen it; what was cut off starts over as
 * a whole. */
bool running_recall(struct running *running, struct error *error)
{
    const struct guide *guide = running->options->guide;
    struct resumption *resumption = &running->resumption;
    size_t at = 0;

    while (guide && at < running->steps && guide->next(guide->context, at)) {
        if (!resumption_join_visit(resumption, at, running->manifest))
            return true;
        if (!recall_visit(running, at, error))
            return false;
        at = order_visit_end(&running->preparation->order, at);
    }
    return true;
}

void running_sum_up(struct running *running)
{
    const struct guide *guide = running->options->guide;
    struct text json = {0};

    if (!guide)
        return;
    guide->sum_up(guide->context, &json);
    manifest_set_search(running->manifest, json.bytes, running->study_ended ? running->steps : 0);
    text_clear(&json);
}

bool running_choose(struct running *running)
{
    const struct guide *guide = running->options->guide;

    if (!guide)
        return true;
    running->guided = guide->next(guide->context, running->next);
    if (running->guided)
        return true;
    running->steps = running->end = running->next;
    running->study_ended = true;
    running_sum_up(running);
    return false;
}
