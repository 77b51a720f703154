/* What a page tells of a qualification: part of its data (page_data.h). */
#ifndef REPORT_PAGE_PAGE_QUALIFICATION_H
#define REPORT_PAGE_PAGE_QUALIFICATION_H

#include "record/qualification.h"
#include "report/page/writer.h"

/* Adds it as "qualification"; null for NULL. */
void page_qualification_add(struct writer *writer, const struct qualification *qualification);

#endif
