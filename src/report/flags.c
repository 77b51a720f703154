#include "report/flags.h"

/* Answers that fell shorter than this are said to. */
static const double output_share_least = 0.95;

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
