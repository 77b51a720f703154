/* What a search says of its steps and of what it came to. Inside this room. */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

#include "core/text.h"
#include "plan/settings.h"
#include "record/search.h"
#include "stats/climb.h"
#include "store/search_file.h"

/* Adds a line about a step. */
void words_of_step(enum search_by by, const struct settings *settings,
                   const struct search_step *step, struct text *text);

/* Fills found->sentence. */
void words_of_found(const struct climb_rule *rule, const struct settings *settings,
                    struct search_found *found);

#endif
