/* Reading what a person wrote in one cell or after one key: numbers, truth values, and which known
 * name an unknown one was meant to be. */
#ifndef CORE_WORD_H
#define CORE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether two words are alike but for the case of ASCII letters. */
bool word_same(const char *a, const char *b);

/* The whole word as a finite number ("16", "0.5", "1e3"; no hexadecimal, no "inf"). */
bool word_number(const char *word, double *number);

/* The whole word as a whole number; "16.0" is 16, as spreadsheets write it. */
bool word_integer(const char *word, int64_t *number);

/* YAML 1.1's truth values in any letter case: true false yes no on off y n. */
bool word_truth(const char *word, bool *truth);

/* Edit distance: insert, delete, replace and swap of neighbours cost one each (optimal string
 * alignment); SIZE_MAX where a word is longer than 64 bytes. */
size_t word_distance(const char *a, const char *b);

/* The nearest of `count` names by edit distance, else the shortest that begins with the word (of
 * three letters or more), or NULL where none is near enough to suggest. `name_at(names, i)` gives
 * the i-th. */
const char *word_nearest(const char *word, const void *names, size_t count,
                         const char *(*name_at)(const void *names, size_t i));

/* The same over a list of texts that ends with NULL. */
const char *word_nearest_in(const char *word, const char *const *names);

#endif
