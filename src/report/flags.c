#include "report/flags.h"

#include "core/unit.h"
#include "stats/ends.h"
#include "wire/finish.h"

enum { MEDIAN = 2 }; /* of metric_percent */

/* Responses that are shorter than this are flagged. */
static const double output_share_least = 0.95;

/* From this share of a row's responses on, those that came in one read are reported. */
static const double at_once_share_least = 0.05;

static bool are_buffered(const struct step *step)
{
    return step->at_once > 0 &&
           (double)step->at_once >= at_once_share_least * (double)step->completed;
}

/* Bodies that end by more of a response's time than this after its last event are reported, unless
 * that is no longer than a busy client may take to read the two. */
static const double tail_share_most = 0.05, tail_least_s = 0.002;

/* Of the latency; 0 where that is nothing to tell of. */
static double tail_share(const struct step *step)
{
    const struct metric_summary *metric = step->metric;
    double latency = metric[METRIC_CLIENT_END_TO_END_LATENCY_S].quantile[MEDIAN];
    double tail = metric[METRIC_CLIENT_BODY_END_S].quantile[MEDIAN] - latency;

    return metric[METRIC_CLIENT_BODY_END_S].count > 0 && latency > 0 && tail > tail_least_s
               ? tail / latency
               : 0;
}

static void add_clause(struct text *text)
{
    if (text->length > 0)
        text_add_string(text, "; ");
}

/* What came before the tokens, or in place of the first. */
static void add_openings(const struct step *step, struct text *text)
{
    if (step->announced > 0) {
        add_clause(text);
        text_printf(text, "%zu response%s began with announcements, which count as no tokens",
                    step->announced, step->announced == 1 ? "" : "s");
    }
    if (step->without_text > 0) {
        add_clause(text);
        text_printf(text, "%zu response%s held tokens without text: the TTFT is the finish",
                    step->without_text, step->without_text == 1 ? "" : "s");
    }
}

static void add_early_ends(const struct step *step, struct text *text)
{
    const char *between = " (";

    add_clause(text);
    text_printf(text, "%zu of %zu response%s ended by %s, although ignore_eos was asked",
                ends_early(step), step->completed, step->completed == 1 ? "" : "s",
                step->completed == 1 ? "itself" : "themselves");
    for (size_t i = 0; i < step->finish.kinds; i++) {
        const struct reason_count *one = &step->finish.reason[i];

        if (!finish_is_early(one->reason))
            continue;
        text_printf(text, "%s%s × %zu", between, one->reason, one->count);
        between = ", ";
    }
    if (step->stopped_at_length > 0)
        text_printf(text, ", of which %zu with all tokens asked for", step->stopped_at_length);
    text_add_char(text, ')');
}

/* Whose completed responses ended otherwise than they were to. */
static void add_ends(const struct step *step, struct text *text)
{
    size_t filtered = ends_filtered(step);

    if (filtered > 0) {
        add_clause(text);
        text_printf(text, "a content filter cut %zu of %zu response%s", filtered, step->completed,
                    step->completed == 1 ? "" : "s");
    }
    if (ends_otherwise(step))
        add_early_ends(step, text);
}

static void add_prompts(const struct step *step, struct text *text)
{
    const struct fidelity *fidelity = &step->fidelity;
    char prompts[UNIT_TEXT];

    if (fidelity->prompts_off > 0) {
        add_clause(text);
        text_printf(text, "%zu prompt%s missed %s length (by up to %+.0f tokens)",
                    fidelity->prompts_off, fidelity->prompts_off == 1 ? "" : "s",
                    fidelity->prompts_off == 1 ? "its" : "their",
                    fidelity->prompt_error_tokens_max);
    }
    if (fidelity->prompts_cut > 0) {
        add_clause(text);
        text_printf(text, "the server counted %.0f of ", fidelity->prompts_cut_to_tokens);
        if (fidelity->prompts_cut >= step->completed)
            text_add_string(text, "every prompt");
        else
            text_add_string(text, unit_count(fidelity->prompts_cut, "prompt", NULL, prompts));
        text_printf(text, ": it cuts them to its context; %lld cannot be measured",
                    (long long)step->row.input_tokens);
    }
    if (fidelity->prompts_unconfirmed > 0) {
        add_clause(text);
        text_printf(text,
                    "the lengths of %zu prompt%s are not confirmed: no response counts them, and "
                    "calibrate has not",
                    fidelity->prompts_unconfirmed, fidelity->prompts_unconfirmed == 1 ? "" : "s");
    }
    if (fidelity->prompts_cached > 0) {
        add_clause(text);
        text_printf(text, "a cache knew part of %zu prompt%s", fidelity->prompts_cached,
                    fidelity->prompts_cached == 1 ? "" : "s");
    }
}

static void add_transport(const struct step *step, struct text *text)
{
    if (step->insecure) {
        add_clause(text);
        text_add_string(text, "no certificate was checked");
    }
    if (step->retries > 0) {
        add_clause(text);
        text_printf(text, "%zu request%s sent again", step->retries,
                    step->retries == 1 ? " was" : "s were");
    }
    if (step->non_streaming > 0) {
        add_clause(text);
        text_printf(text, "%zu response%s came whole, not as a stream", step->non_streaming,
                    step->non_streaming == 1 ? "" : "s");
    }
    add_openings(step, text);
    add_ends(step, text);
    if (are_buffered(step)) {
        add_clause(text);
        text_printf(
            text,
            "responses came at once: all tokens of %zu in one read; something on the way may "
            "hold tokens back",
            step->at_once);
    }
    if (tail_share(step) > tail_share_most) {
        add_clause(text);
        text_printf(
            text, "bodies ended %.0f %% of the latency after their responses: a proxy closes late",
            100 * tail_share(step));
    }
}

static void add_responses(const struct step *step, struct text *text)
{
    const struct fidelity *fidelity = &step->fidelity;

    if (fidelity->output_share < output_share_least) {
        add_clause(text);
        text_printf(text, "responses had %.0f %% of the tokens asked for",
                    100 * fidelity->output_share);
    }
    if (fidelity->responses_cut > 0) {
        add_clause(text);
        text_printf(text, "%zu response%s cut: prompt and response reach the context of %.0f",
                    fidelity->responses_cut, fidelity->responses_cut == 1 ? " was" : "s were",
                    fidelity->context_tokens);
    }
}

bool flags_rule_stands_alone(const struct step *step)
{
    return step->switching.verdict == SWITCHING_FOUND &&
           step->estimate.verdict == SWITCH_NOT_MEASURABLE;
}

void flags_add_requests(const struct step *step, struct text *text)
{
    if (step->probe_completed < step->probe_started) {
        add_clause(text);
        text_printf(text, "%zu of %zu probe request%s failed",
                    step->probe_started - step->probe_completed, step->probe_started,
                    step->probe_started == 1 ? "" : "s");
    }
    if (step->phase_completed < step->phase_started) {
        add_clause(text);
        text_printf(text, "%zu of %zu warm-up and cool-down request%s failed",
                    step->phase_started - step->phase_completed, step->phase_started,
                    step->phase_started == 1 ? "" : "s");
    }
    if (step->turns_not_sent > 0) {
        add_clause(text);
        text_printf(text, "%zu turn%s not sent: their sessions ended before", step->turns_not_sent,
                    step->turns_not_sent == 1 ? " was" : "s were");
    }
    add_prompts(step, text);
    add_transport(step, text);
    add_responses(step, text);
}

void flags_add(const struct step *step, struct text *text)
{
    flags_add_requests(step, text);
    if (flags_rule_stands_alone(step)) {
        add_clause(text);
        text_printf(text,
                    "the switching time of %.3f s is the documented rule's alone: by the estimate "
                    "it is not measurable (%s)",
                    step->switching.time_s, switch_reason_words[step->estimate.reason]);
    }
}

void flags_add_switch(int flags, struct text *text)
{
    for (int i = 0; i < SWITCH_FLAGS; i++) {
        if (flags & 1 << i)
            text_printf(text, "%s%s", text->length > 0 ? ", " : "", switch_flag_words[i]);
    }
}
