/* What a person reads in a terminal when a run is over. */
#ifndef REPORT_TERMINAL_TERMINAL_H
#define REPORT_TERMINAL_TERMINAL_H

#include <stdio.h>

#include "report/terminal/colour.h"
#include "store/results.h"

/* "c=16" or "2/s exp": a row's load in a few letters. `size` bytes at `text`. */
void terminal_load(const struct row *row, char *text, size_t size);

/* "1000→128", or that the row's prompts come from a data set. */
void terminal_tokens(const struct row *row, char *text, size_t size);

enum { TERMINAL_REQUESTS = 160, TERMINAL_DONE = 48 };

/* "100 requests", "60 s, at most 100 requests, 4 to warm up": what a row asks for. */
const char *terminal_requests(const struct row *row, char text[TERMINAL_REQUESTS]);

/* "98/100": requests that completed, of those asked for, or, of a row that its time ends, of those
 * sent. */
const char *terminal_done(const struct step *step, char text[TERMINAL_DONE]);

/* How a step ended, in a word or two; "failed" where it ended by itself and no request completed.
 */
const char *terminal_end(const struct step *step);

/* How wide the terminal behind `out` is now; 0 where there is none. */
int terminal_columns(FILE *out);

/* "Meta-Llama-3.3-70B-Instruct 1000→128 c=16", the model's name cut to `model_width` columns;
 * of a row in a mix also "mix day". */
void terminal_row(const struct row *row, int model_width, char *text, size_t size);

/* Prints a sentence behind two blanks; on a terminal, in as many lines as its width asks for,
 * none of which begins with a unit. */
void terminal_say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same in a colour, without blanks before its first line. */
void terminal_note(FILE *out, enum colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints a sentence in as many lines as `columns` ask for (0: one), none of which begins with a
 * unit; the first behind `indent`, the others behind two blanks, or as many as that where it has
 * more. The last is not ended. */
void terminal_fold(FILE *out, int columns, const char *indent, const char *sentence);

/* Says how a study that went on until it was sure has ended; nothing of any other run. */
void terminal_study_end(FILE *out, const struct results *results);

/* "0.8 s", "1 min 20 s", "2 h 05 min". */
void terminal_duration(double seconds, char *text, size_t size);

#endif
