/* What a page tells of a switching study: part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_STUDY_H
#define REPORT_PAGE_PAGE_STUDY_H

#include "report/page/writer.h"
#include "stats/study.h"

/* Adds a row as a person reads it; "" for NULL. */
void page_study_add_row(struct writer *writer, const char *key, const struct row *row);

/* Adds what a visit shows of the switch to its step, as "switch". */
void page_study_add_switch(struct writer *writer, const struct study_visit *visit);

/* Adds the study as "study": rows, the matrix, sentences; null where nothing could be measured. */
void page_study_add(struct writer *writer, const struct study *study);

#endif
