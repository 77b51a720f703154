/* What the search for the highest load of a row, or of a mix, came to. Plain data. */
#ifndef RECORD_SEARCH_H
#define RECORD_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

enum { SEARCH_WORD = 64, SEARCH_SENTENCE = 400, SEARCH_MIX = 96 };

/* What is searched by: a load is so many requests a second, so many at once, or so many times as
 * fast as a trace came. */
enum search_by { SEARCH_BY_QPS, SEARCH_BY_CONCURRENCY, SEARCH_BY_TRACE_SPEED, SEARCH_BYS };

/* Their CSV columns; what the highest load is called; a load's unit, as in "at 8 qps"; and that of
 * an axis. */
extern const char *const search_by_columns[SEARCH_BYS];
extern const char *const search_by_results[SEARCH_BYS];
extern const char *const search_by_units[SEARCH_BYS];
extern const char *const search_by_axes[SEARCH_BYS];

/* A row or a mix that was searched. What is not known is NAN. */
struct search_found {
    int line;                       /* the row's, in the CSV; of a mix its first row's */
    char mix[SEARCH_MIX];           /* its name; "": it is a row alone */
    enum search_by by;              /* what `load` is */
    char end[SEARCH_WORD];          /* one of climb_end_words */
    double load, low, high;         /* … and its 90 % interval */
    double kept, broken;            /* the highest load shown to keep slo, the lowest to break it */
    double knee;                    /* of throughput, as a load */
    double trace_qps;               /* of a trace at speed 1, on average; else NAN */
    char limit[SEARCH_WORD];        /* what binds above it, as of a step */
    bool confirmed;                 /* a last step kept slo */
    size_t steps, requests;         /* visits that it took, and their requests, … */
    double seconds;                 /* … and how long */
    char sentence[SEARCH_SENTENCE]; /* all of it, for people */
};

/* A load as a rate, in requests a second; NAN where the search is by concurrency. */
double search_qps(const struct search_found *found, double load);

#endif
