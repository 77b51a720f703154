/* What a page opens with (report/headline.h): part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_HEADLINE_H
#define REPORT_PAGE_PAGE_HEADLINE_H

#include "report/page/writer.h"
#include "report/report.h"

/* Adds the headline of a report as "headline". */
void page_headline_add(struct writer *writer, const struct report *report);

#endif
