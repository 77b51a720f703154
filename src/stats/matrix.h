/* A study's transitions as a table from row to row. */
#ifndef STATS_MATRIX_H
#define STATS_MATRIX_H

#include "stats/study.h"

/* A row's number in the study, from 0; `study->rows` where it is not in it, as a warm-up is not. */
size_t matrix_number(const struct study *study, const struct row *row);

/* `rows` × `rows` transitions, the one from row i to row k at [i · rows + k]; NULL where there was
 * none. Free it. */
const struct study_group **matrix_make(const struct study *study);

#endif
