/* What the files of the prompter share. For them alone. */
#ifndef JOB_PROMPTER_PARTS_H
#define JOB_PROMPTER_PARTS_H

#include "job/prompter.h"

const struct settings *prompter_settings(const struct prompter *prompter);

/* What is known of a text's counts; where that is nothing, what another of the row taught is
 * nearest. Under the lock. */
struct counting prompter_counting(const struct prompter *prompter, size_t text);

/* Whether the text alone is counted: what a picture takes nobody asked for in tokens. */
bool prompter_counts_content(const struct prompter *prompter);

bool prompter_is_of_sonnets(const struct prompter *prompter, const struct prompter_text *from);

#endif
