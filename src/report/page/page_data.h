/* The data that the page's script draws from: one JSON object, whose members the functions of
 * page_data.c write in order. */
#ifndef REPORT_PAGE_PAGE_DATA_H
#define REPORT_PAGE_PAGE_DATA_H

#include <stdio.h>

#include "report/report.h"

void page_write_data(FILE *out, const struct report *report);

#endif
