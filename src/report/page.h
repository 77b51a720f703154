/* consolidated_results_<name>.html: the page that people forward. One file that needs no other and
 * asks for none: style, script, Chart.js and the data stand inside (page/page.html says where). The
 * data are one JSON object, whose members page.c's functions write in order. Texts from outside
 * stand in it alone, with every "<" escaped, and the script shows them as text only. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>

#include "core/error.h"
#include "report/report.h"

/* Writes the page of a report to `path`, beside first and then in its place. */
bool page_write(const struct report *report, const char *path, struct error *error);

#endif
