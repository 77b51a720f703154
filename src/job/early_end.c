#include "job/early_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/cause.h"
#include "job/listing.h"

/* What all of a step's failures come from; CAUSE_NONE where they come from several things. */
static enum cause common_cause(const struct step *step)
{
    enum cause cause = step->error_kinds > 0 ? cause_of(step->error[0].code) : CAUSE_NONE;

    for (size_t i = 1; i < step->error_kinds; i++) {
        if (cause_of(step->error[i].code) != cause)
            return CAUSE_NONE;
    }
    return cause;
}

static bool list_is_refused(const struct preparation *preparation)
{
    char code[16];

    snprintf(code, sizeof code, "%d", listing_reached(preparation).status);
    return cause_of(code) == CAUSE_KEY;
}

/* Whether the key is refused for every model, as far as that can be known. */
static bool key_is_refused(struct early_end *early_end, const struct preparation *preparation,
                           const char *model)
{
    if (list_is_refused(preparation) ||
        (early_end->refused_model && strcmp(early_end->refused_model, model) != 0))
        return true;
    if (!early_end->refused_model)
        early_end->refused_model = memory_text(model);
    return false;
}

bool early_end_judge(struct early_end *early_end, const struct preparation *preparation,
                     const struct step *step, struct text *why)
{
    enum cause cause = common_cause(step);

    early_end->proven |= step->completed > 0 || step->probe_completed > 0;
    if (early_end->proven || step->end == STEP_INTERRUPTED || cause == CAUSE_NONE ||
        (cause == CAUSE_KEY && !key_is_refused(early_end, preparation, step->row.model_name)))
        return false;
    cause_add_words(preparation, step->error[0].code, why);
    return true;
}

void early_end_clear(struct early_end *early_end)
{
    free(early_end->refused_model);
    early_end->refused_model = NULL;
}
