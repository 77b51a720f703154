/* What a page tells of a run's ranks: part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_RANKS_H
#define REPORT_PAGE_PAGE_RANKS_H

#include "report/page/writer.h"
#include "store/results.h"

/* Adds what each rank did as "ranks", a list that is empty where one process ran all. */
void page_ranks_add(struct writer *writer, const struct results *run);

#endif
