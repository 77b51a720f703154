/* What a person reads in a terminal when a run is over. */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include <stdio.h>

#include "store/results.h"

/* Prints a table of the steps with their key figures and switching times, as wide as it needs to
 * be; on a narrower terminal the models' names give way, as far as they can. */
void terminal_table(FILE *out, const struct results *results);

/* "c=16" or "2/s exp": a row's load in a few letters. `size` bytes at `text`. */
void terminal_load(const struct row *row, char *text, size_t size);

/* "1000→128", or that the row's prompts come from a data set. */
void terminal_tokens(const struct row *row, char *text, size_t size);

/* How a step ended, in a word or two; "failed" where it ended by itself and no request completed.
 */
const char *terminal_end(const struct step *step);

/* How wide the terminal behind `out` is now; 0 where there is none. */
int terminal_columns(FILE *out);

/* "Meta-Llama-3.3-70B-Instruct 1000→128 c=16", the model's name cut to `model_width` columns. */
void terminal_row(const struct row *row, int model_width, char *text, size_t size);

/* Prints a sentence behind two blanks; on a terminal, in as many lines as its width asks for. */
void terminal_say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says how a study that went on until it was sure has ended; nothing of any other run. */
void terminal_study_end(FILE *out, const struct results *results);

/* "0.8 s", "1 min 20 s", "2 h 05 min". */
void terminal_duration(double seconds, char *text, size_t size);

#endif
