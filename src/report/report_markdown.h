/* A report as Markdown, to be put into a message or a ticket. */
#ifndef REPORT_REPORT_MARKDOWN_H
#define REPORT_REPORT_MARKDOWN_H

#include "core/text.h"
#include "report/report.h"

/* Adds what a report opens with (headline.h), what to look at first, and where it is no study,
 * whose bars say it, a table with a line for each step: requests, and medians as the terminal has
 * them. `report->detail` may be NULL. */
void report_add_markdown(const struct report *report, struct text *text);

#endif
