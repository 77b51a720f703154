/* What a page draws of a step's requests and batches: part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_REQUESTS_H
#define REPORT_PAGE_PAGE_REQUESTS_H

#include "report/detail.h"
#include "report/page/writer.h"

/* Adds a range as [p5, p50, p95]; null where it is not known. */
void page_requests_add_range(struct writer *writer, const char *key, const struct range *range);

/* Adds the batches of a step as "batches". */
void page_requests_add_batches(struct writer *writer, const struct step_detail *step);

/* Adds its requests as "requests": lists of one value for each that is drawn; and its probe's as
 * "probe". Times are seconds since the step's first request. */
void page_requests_add(struct writer *writer, const struct step_detail *step);

#endif
