/* What a search came to, for the page: each row with the curve of its steps. */
#ifndef REPORT_PAGE_SEARCH_H
#define REPORT_PAGE_SEARCH_H

#include "report/page/writer.h"
#include "report/report.h"

/* Adds "search", a list of rows; empty where no run is a search. */
void page_search_add(struct writer *writer, const struct report *report);

#endif
