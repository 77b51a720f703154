/* What the search for a row's highest load came to. Plain data, no logic. */
#ifndef RECORD_SEARCH_H
#define RECORD_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

enum { SEARCH_WORD = 64, SEARCH_SENTENCE = 400 };

/* A row that was searched. What is not known is NAN. */
struct search_found {
    int line;                       /* the row's, in the CSV */
    bool open_loop;                 /* its load is max_qps, else max_concurrent_requests */
    char end[SEARCH_WORD];          /* one of climb_end_words */
    double load, low, high;         /* … and its 90 % interval */
    double kept, broken;            /* the highest load shown to keep slo, the lowest to break it */
    double knee;                    /* of throughput, as a load */
    char limit[SEARCH_WORD];        /* what binds above it, as of a step */
    bool confirmed;                 /* a last step kept slo */
    size_t steps, requests;         /* that it took, … */
    double seconds;                 /* … and how long */
    char sentence[SEARCH_SENTENCE]; /* all of it, for people */
};

#endif
