/* What a study says of scatter, in sentences: how steady requests behaved besides their noise, and
 * how much the cost of a switch varies. */
#ifndef REPORT_STUDY_SCATTER_H
#define REPORT_STUDY_SCATTER_H

#include <stdio.h>

#include "stats/study.h"

/* A sentence for each thing that was found of the steady requests, by each clock that rows go by;
 * nothing where they show noise alone. */
void study_scatter_steady(FILE *out, const struct study *study);

/* Of each step in which a steady request was probably loaded for again. */
void study_scatter_reloads(FILE *out, const struct study *study);

/* By how much the cost of a switch varies from visit to visit; nothing where that is not known. */
void study_scatter_cost(FILE *out, const struct study *study);

#endif
