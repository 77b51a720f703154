/* What a page tells of mixes, rows that ran together: part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_MIXES_H
#define REPORT_PAGE_PAGE_MIXES_H

#include "report/page/writer.h"
#include "report/report.h"

/* Adds those of all runs as "mixes", a list that may be empty. */
void page_mixes_add(struct writer *writer, const struct report *report);

#endif
