/* consolidated_results_<name>.html: the page that people forward. One file that needs no other and
 * asks for none: style, script, Chart.js and the data (page_data.h) stand inside, where
 * page/page.html says. Texts from outside stand in the data alone, with every "<" escaped, and the
 * script shows them as text only. */
#ifndef REPORT_PAGE_PAGE_H
#define REPORT_PAGE_PAGE_H

#include <stdbool.h>

#include "core/error.h"
#include "report/report.h"

/* Writes the page of a report to `path`, beside first and then in its place. */
bool page_write(const struct report *report, const char *path, struct error *error);

#endif
