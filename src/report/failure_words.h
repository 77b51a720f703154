/* Why requests fail, in words for people who do not know the codes. */
#ifndef REPORT_FAILURE_WORDS_H
#define REPORT_FAILURE_WORDS_H

#include "core/text.h"

/* What is known of the endpoint; each may be NULL. */
struct failure_facts {
    const char *address;    /* of the endpoint, without secrets */
    const char *key_source; /* "SAMBANOVA_API_KEY (environment)", or "nowhere: …" */
    const char *example;    /* what the first such request said; only where no words are known */
};

/* Adds "401: the endpoint refuses the key from SAMBANOVA_API_KEY": the code, then its words. Of a
 * code that has none, the example; without one, the code alone. */
void failure_words_add(const char *code, const struct failure_facts *facts, struct text *text);

#endif
