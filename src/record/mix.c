#include "record/mix.h"

#include <stdlib.h>

const char *const mix_after_words[MIX_AFTERS] = {"same", "other"};

void mix_clear(struct mix *mix)
{
    for (size_t i = 0; i < mix->members; i++) {
        free(mix->member[i].step_name);
        free(mix->member[i].model);
    }
    free(mix->member);
    free(mix->name);
    free(mix->study);
    mix_switching_clear(&mix->switching);
    *mix = (struct mix){0};
}
