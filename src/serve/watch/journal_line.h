/* A line of a run's journal (store/journal.h), as who watches the run needs it: a request's few
 * facts are picked out of its line without a tree of the rest, which has a number for each token.
 * What is no line of a journal is OTHER: a machine that lost its power may leave such. */
#ifndef SERVE_WATCH_JOURNAL_LINE_H
#define SERVE_WATCH_JOURNAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum journal_line_kind { JOURNAL_OTHER, JOURNAL_BEGINS, JOURNAL_ENDS, JOURNAL_REQUEST };

enum { JOURNAL_WORD = 32 /* room for a failure's word */, JOURNAL_TEXT = 512 };

struct journal_line {
    enum journal_line_kind kind;
    size_t step;             /* below ORDER_VISITS_MOST */
    char text[JOURNAL_TEXT]; /* BEGINS: the step's name; ENDS: how; cut to the room */
    /* Of a REQUEST: */
    bool counts;                /* it is of the load, not of a probe, a warm-up or a cool-down */
    bool resent;                /* it failed, and is sent again: another one says how it ended */
    char failure[JOURNAL_WORD]; /* "timeout", "429"; "": it completed */
    double output_tokens;       /* NAN: not known */
    double ttft_s, latency_s;   /* likewise */
    int64_t ended_us;           /* since 1970, UTC; 0: not known */
};

/* Reads a line of `length` bytes, without its newline. */
void journal_line_read(const char *bytes, size_t length, struct journal_line *line);

#endif
