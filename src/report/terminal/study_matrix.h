/* A study's from→to matrix for a terminal: what a switch cost, and how many of the visits paid. */
#ifndef REPORT_TERMINAL_STUDY_MATRIX_H
#define REPORT_TERMINAL_STUDY_MATRIX_H

#include <stdio.h>

#include "stats/study.h"

/* Rows by their numbers and, as far as the width allows, their models' names. What does not fit
 * beside each other stands beneath; of more than 40 rows it says only where the matrix is. */
void study_matrix(FILE *out, const struct study *study);

#endif
