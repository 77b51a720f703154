/* What reports tell of single requests and of batches. The requests of a run are read one at a
 * time; of a step only what its figures need is kept while it is read, and of all requests only
 * those that will be shown. */
#ifndef REPORT_DETAIL_H
#define REPORT_DETAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/request.h"
#include "report/pool.h"
#include "report/report.h"
#include "report/series.h"

/* The workbook lists so many requests, the page draws from as many. */
enum { DETAIL_SHOWN_MOST = 100000, DETAIL_MESSAGE = 160 };

/* What is shown of a request's figures. */
enum line_figure {
    LINE_INPUT_TOKENS,
    LINE_OUTPUT_TOKENS,
    LINE_CLIENT_TTFT_S,
    LINE_CLIENT_END_TO_END_LATENCY_S,
    LINE_CLIENT_OUTPUT_TOKEN_PER_S,
    LINE_CLIENT_TIME_PER_OUTPUT_TOKEN_S,
    LINE_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S,
    LINE_SERVER_TTFT_S,
    LINE_SERVER_END_TO_END_LATENCY_S,
    LINE_SERVER_OUTPUT_TOKEN_PER_S,
    LINE_CLIENT_SCHEDULE_DELAY_S,
    LINE_CLIENT_CONNECT_S,
    LINE_CACHED_TOKENS,
    LINE_FIGURES
};

/* A request that is shown. There are many: it holds no more than that. */
struct request_line {
    const struct step *step;
    const char *row; /* the step's row in words; of its step_detail */
    size_t run, index;
    enum request_end end;
    int http_status;
    double value[LINE_FIGURES]; /* by enum line_figure */
    double began_s;             /* its send (else its start), from the run's first request on */
    double batch_size;
    bool in_sheet, in_page;
    bool exposed;     /* it may have waited for the switch to its step */
    const char *code; /* of the step's error kinds; NULL where it completed, or none is known */
    char *message;    /* why it failed, up to DETAIL_MESSAGE bytes; NULL: it did not; owned */
};

struct batch_figures {
    double size; /* NAN: not known */
    size_t requests;
    struct range figure[SWITCH_SOURCES][BATCH_FIGURES];
    double together; /* of its requests that ran at once, on average: no more than were in flight;
                      * NAN: the size is not known */
    double throughput[SWITCH_SOURCES]; /* `together` × median output speed: tokens/s of a batch */
};

struct step_detail {
    const struct step *step;
    char *row; /* the step's row in words; owned */
    size_t run;
    double began_s; /* from the run's first request on; NAN: nothing was sent */
    size_t requests;
    struct batch_figures *batch; /* sizes ascending, the unknown last; owned */
    size_t batches;
    struct request_line *line; /* that are shown, in start order; owned */
    size_t lines;
    struct request_line *probe; /* all of the probe's, in start order, for the page alone; owned */
    size_t probes;
    char (*example)[160]; /* a sentence for each of the step's error kinds; owned */
};

struct detail {
    struct step_detail *step; /* of all runs' steps, in their order; owned */
    size_t steps;
    struct series *tokens;    /* of each run: output tokens of its loads over its time; owned */
    struct pools pools;       /* of the study's rows */
    size_t requests;          /* in all */
    size_t in_sheet, in_page; /* that are shown there */
    bool unread;              /* the requests of some step could not be read; then … */
    char why[256];            /* … the first of them and why */
};

/* Reads the requests of all steps. Where the sheet cannot hold them, all are written to `csv`,
 * beside first and then in its place; false with a sentence where that cannot be written. A step
 * whose requests cannot be read has none, and `unread` says so. Clear `detail` either way. */
bool detail_read(const struct report *report, const char *csv, struct detail *detail,
                 struct error *error);

/* The page is made: lets go of requests that only it shows, but for the first of each step. */
void detail_forget_page(struct detail *detail);

/* All is made of a step's requests: lets go of them. */
void detail_forget_lines(struct step_detail *step);

void detail_clear(struct detail *detail);

#endif
