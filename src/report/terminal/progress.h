/* How a run tells what it is doing while it does it: on a terminal a live block of four lines,
 * drawn anew ten times a second from a snapshot; elsewhere a plain line when a row begins and one
 * when it ends. Rows of a mix share a block, with a line for each. Of a study, a pass is one line,
 * and besides it only steps of which something is wrong have their own. The block follows the
 * terminal's width, becomes one short line on a narrow one, and leaves nothing behind when a row's
 * closing line takes its place. */
#ifndef REPORT_TERMINAL_PROGRESS_H
#define REPORT_TERMINAL_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "record/row.h"
#include "record/step.h"
#include "report/terminal/passes.h"
#include "report/terminal/progress_mix.h"
#include "report/terminal/progress_view.h"
#include "report/terminal/screen.h"
#include "report/terminal/sparkline.h"

enum { PROGRESS_LINES = 4 + PROGRESS_MEMBERS };

/* Rows that run beside each other share one. */
struct progress {
    pthread_mutex_t lock;
    FILE *out;
    struct screen screen;        /* a terminal that stands still holds up no run */
    bool live;                   /* draw the live block */
    bool quiet;                  /* say nothing */
    bool verbose;                /* close each row with all its figures */
    size_t rows;                 /* 0: how many there will be is not known */
    const double *expected_s;    /* how long each row was guessed to take */
    double expected_before_s;    /* of the rows that have ended: guessed … */
    double took_before_s;        /* … and real */
    int drawn[PROGRESS_LINES];   /* how many columns each line on the screen has */
    int lines;                   /* that stand on the screen */
    bool colour;                 /* the terminal has it */
    struct passes passes;        /* of a study */
    struct progress_mix mix;     /* the members that run */
    struct sparkline ttft, rate; /* of the row that runs, since … */
    const struct row *sampled;   /* … it began; … */
    double sampled_s;            /* … and its last samples: when, … */
    size_t sampled_done;         /* … and how many requests were done */
};

struct progress_options {
    bool quiet, plain, verbose;
    const double *expected_s;  /* one per row, of a mix the time of all at one of them and 0 at the
                                * others; must outlive the progress */
    const struct order *order; /* the same; NULL: every row has its own line */
};

/* Live where `out` is a terminal that can, and `plain` is not asked for. */
void progress_init(struct progress *progress, FILE *out, size_t rows,
                   const struct progress_options *options);

/* Waits until all is shown. */
void progress_clear(struct progress *progress);

/* `pass` is the step's (plan/order.h). */
void progress_row_begins(struct progress *progress, const struct row *row, size_t index,
                         size_t pass);
/* Draws the block, unless the terminal has not yet taken what came before. */
void progress_draw(struct progress *progress, const struct progress_view *view);
/* Says a line of its own, above the block where there is one. */
void progress_say(struct progress *progress, const char *line);

void progress_row_ends(struct progress *progress, const struct step *step);

#endif
