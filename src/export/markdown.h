/* A run as one page of Markdown: the sentence that its reports open with, and its figures. */
#ifndef EXPORT_MARKDOWN_H
#define EXPORT_MARKDOWN_H

#include <stdbool.h>

#include "core/error.h"
#include "store/results.h"

/* Writes `report.md` (report/report_markdown.h) into the folder. False with a sentence. */
bool markdown_write(const struct results *run, const char *folder, struct error *error);

#endif
