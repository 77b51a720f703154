/* The sheets of the workbook, in their order. Each takes what it tells from the report alone. */
#ifndef REPORT_WORKBOOK_SHEETS_H
#define REPORT_WORKBOOK_SHEETS_H

#include "report/report.h"
#include "report/workbook/sheet.h"

/* The starter kit's table (formats.md, section 8), a line for each step. */
void sheet_results(const struct book *book, const struct report *report);

/* What was found, in one sentence and one picture, its findings with links to their sheets, and
 * what colours mean: the sheet that is shown when the workbook is opened. The first call makes its
 * place, the second fills it, once all others are there to be linked to. */
void sheet_summary(const struct book *book, const struct report *report);
void sheet_summary_finish(const struct book *book, const struct report *report);

/* The verdict over a candidate and what it stands on; nothing where the report holds none. */
void sheet_qualification(const struct book *book, const struct report *report);

/* A line for each step: all of our own figures, and every statistic of each metric. */
void sheet_steps(const struct book *book, const struct report *report);

/* Each row over all passes and runs; nothing where each was visited once. */
void sheet_passes(const struct book *book, const struct report *report);

/* What a search came to: its steps by load, with charts; nothing where no run is one. */
void sheet_search(const struct book *book, const struct report *report);

/* What each visit of a mix came to, and a line for each of its members; nothing where there was
 * none. */
void sheet_mixes(const struct book *book, const struct report *report);
void sheet_turns(const struct book *book, const struct report *report);

/* What detail.h keeps: single requests, batches, when each step ran, and what failed. */
void sheet_requests(const struct book *book, const struct report *report);
void sheet_batches(const struct book *book, const struct report *report);
void sheet_timeline(const struct book *book, const struct report *report);
void sheet_errors(const struct book *book, const struct report *report);

/* Versions, host, endpoint, inputs and settings of each run, as its manifest has them. */
void sheet_environment(const struct book *book, const struct report *report);

/* TTFT, end-to-end latency, output speed and throughput by batch size, and models side by side. */
void sheet_charts(const struct book *book, const struct report *report);

/* TTFT against concurrency and rate, and against throughput; nothing where no model ran at two
 * loads.
 */
void sheet_load(const struct book *book, const struct report *report);

/* A study of switches; nothing where no step could be measured. Rows go by their numbers in
 * "Switching". */
void sheet_switching(const struct book *book, const struct report *report);
void sheet_transitions(const struct book *book, const struct report *report);
void sheet_matrix(const struct book *book, const struct report *report);
void sheet_models(const struct book *book, const struct report *report);
void sheet_residency(const struct book *book, const struct report *report);

#endif
