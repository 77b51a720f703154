/* What a page draws of rows over all their visits, and of tokens over a run's time: part of its
 * data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_ROWS_H
#define REPORT_PAGE_PAGE_ROWS_H

#include "report/page/writer.h"
#include "report/pool.h"
#include "report/series.h"

/* Adds the rows as "rows", in the study's order: what was asked, and quantiles over all requests.
 */
void page_rows_add(struct writer *writer, const struct pools *pools);

/* Adds output tokens over time as "tokens": the width of a bin in seconds, and the tokens of each.
 */
void page_rows_add_tokens(struct writer *writer, const struct series *series);

#endif
