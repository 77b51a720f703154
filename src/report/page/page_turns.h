/* What a page tells of sessions, turn by turn: part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_TURNS_H
#define REPORT_PAGE_PAGE_TURNS_H

#include "report/page/writer.h"
#include "report/report.h"

/* Adds the turns of each step with sessions as "turns", a list that may be empty. */
void page_turns_add(struct writer *writer, const struct report *report);

#endif
