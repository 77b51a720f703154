/* Small tables that are carried as text, in the form Python prints a dict. */
#ifndef STORE_FREQUENCY_H
#define STORE_FREQUENCY_H

#include "core/text.h"
#include "record/step.h"

/* {429: 3, 'timeout': 1}, most frequent first; {} for none. */
void frequency_add_errors(const struct step *step, struct text *text);

/* Adds what such a text holds to the step's error kinds. The starter kit's are read too: sentences
 * as codes, in either quotes, and numbers as numpy 2 prints them, {429.0: np.int64(3)}. */
void frequency_read_errors(const char *text, struct step *step);

/* {'length': 40, 'stop': 1}, most frequent first; {} for none. Quotes and backslashes inside a
 * reason have a backslash before them. */
void frequency_add_reasons(const struct step *step, struct text *text);
void frequency_read_reasons(const char *text, struct step *step);

/* {1: 2, 16: 32}: how many requests ran at each batch size, ascending. */
void frequency_add_batches(const struct step *step, struct text *text);

void frequency_read_batches(const char *text, struct step *step);

/* What the switch to a batch size took; NAN: none was found. */
struct frequency_switch {
    double size, took_s;
};

/* {1: 0.0489, 4: None}, ascending: of what was looked at, which is sorted. */
void frequency_add_switches(struct frequency_switch *by_size, size_t count, struct text *text);

/* The same of a step: of the size that it is judged by, and of those inside. */
void frequency_add_step_switches(const struct step *step, struct text *text);

#endif
