/* A release qualification for other programs: JSON for any, JUnit XML for CI, Markdown for a pull
 * request. */
#ifndef REPORT_QUALIFICATION_FILES_H
#define REPORT_QUALIFICATION_FILES_H

#include "core/text.h"
#include "record/qualification.h"

/* {"schema":"coebench-qualification-1", …}, as in docs/qualification.md. Ends with a line's end. */
void qualification_add_json(const struct qualification *qualification, struct text *text);

/* A test suite with a test for each line, one that does not pass a failure. */
void qualification_add_junit(const struct qualification *qualification, struct text *text);

/* The verdict, a table of what does not pass, and a folded one of all. */
void qualification_add_markdown(const struct qualification *qualification, struct text *text);

#endif
