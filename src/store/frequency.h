/* Two small tables that the kit's files carry as text, in the form Python prints a dict. */
#ifndef STORE_FREQUENCY_H
#define STORE_FREQUENCY_H

#include "core/text.h"
#include "record/step.h"

/* {429: 3, 'timeout': 1}, most frequent first; {} for none. */
void frequency_add_errors(const struct step *step, struct text *text);
void frequency_read_errors(const char *text, struct step *step);

/* {1: 2, 16: 32}: how many requests ran at each batch size, ascending. */
void frequency_add_batches(const struct step *step, struct text *text);
void frequency_read_batches(const char *text, struct step *step);

#endif
