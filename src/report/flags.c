#include "report/flags.h"

/* Answers that fell shorter than this are said to. */
static const double output_share_least = 0.95;

/* Whose first token came so late in answers of so many tokens, did not see them come one by one. */
static const double held_share_least = 0.95, held_tokens_least = 16;

enum { MEDIAN = 2 }; /* of metric_percent */

static bool are_held_back(const struct step *step)
{
    const struct metric_summary *metric = step->metric;

    return metric[METRIC_NUMBER_OUTPUT_TOKENS].quantile[MEDIAN] >= held_tokens_least &&
           metric[METRIC_CLIENT_TTFT_S].quantile[MEDIAN] >
               held_share_least * metric[METRIC_CLIENT_END_TO_END_LATENCY_S].quantile[MEDIAN];
}

static void add_clause(struct text *text)
{
    if (text->length > 0)
        text_add_string(text, ", ");
}

void flags_add(const struct step *step, struct text *text)
{
    const struct fidelity *fidelity = &step->fidelity;

    if (step->probe_completed < step->probe_started) {
        add_clause(text);
        text_printf(text, "%zu of %zu probe requests failed",
                    step->probe_started - step->probe_completed, step->probe_started);
    }
    if (fidelity->prompts_off > 0) {
        add_clause(text);
        text_printf(text, "%zu prompt%s missed their length (by up to %+.0f tokens)",
                    fidelity->prompts_off, fidelity->prompts_off == 1 ? "" : "s",
                    fidelity->prompt_error_tokens_max);
    }
    if (fidelity->prompts_cached > 0) {
        add_clause(text);
        text_printf(text, "a cache knew part of %zu prompt%s", fidelity->prompts_cached,
                    fidelity->prompts_cached == 1 ? "" : "s");
    }
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
        text_printf(text, "%zu answer%s came whole, not as a stream", step->non_streaming,
                    step->non_streaming == 1 ? "" : "s");
    }
    if (are_held_back(step)) {
        add_clause(text);
        text_add_string(text, "answers came at once: something on the way may hold tokens back");
    }
    if (fidelity->output_share < output_share_least) {
        add_clause(text);
        text_printf(text, "answers had %.0f %% of the tokens asked for",
                    100 * fidelity->output_share);
    }
}

void flags_add_switch(int flags, struct text *text)
{
    for (int i = 0; i < SWITCH_FLAGS; i++) {
        if (flags & 1 << i)
            text_printf(text, "%s%s", text->length > 0 ? ", " : "", switch_flag_words[i]);
    }
}
