/* What a plan amounts to as a switching study, before anything is sent. Plain data, no logic:
 * design/ fills it, report/terminal/preview.h prints it. Rows are counted from 0. */
#ifndef RECORD_PREVIEW_H
#define RECORD_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct preview_visit {
    size_t row, pass; /* pass 0: a warm-up */
    size_t member;    /* above 0: it runs together with the one before it, as part of a mix */
};

/* In which order rows are visited. */
struct preview_order {
    const char *name; /* "shuffle" */
    bool self_pairs;  /* each row after itself too */
    bool at_most;     /* passes are the most there may be */
    bool drawn_anew;  /* for each run: no seed is given */
    int64_t passes;
    struct preview_visit *visit; /* owned */
    size_t visits, warmups;      /* warm-ups of them, at the beginning */
};

/* Of more rows, warm-ups aside, nobody reads a matrix. */
enum { PREVIEW_MATRIX_MOST = 16 };

/* How often the order goes from one row to another, each ordered pair counted. */
struct preview_pairs {
    size_t possible, visited; /* 0 possible: there is one row */
    size_t least, most;       /* visits to one of them */
    size_t self;              /* visits to a row after itself */
    size_t *times; /* [from * rows + to]; NULL: more rows than PREVIEW_MATRIX_MOST; owned */
};

/* The smallest switch that is seen, in 80 % of cases, in standard deviations of a row's TTFT. */
struct preview_sight {
    double df;          /* degrees of freedom that all visits give together; 0: none is seen */
    double least, most; /* by one visit, among the rows */
    double together;    /* by all visits to a row, at the row where that is most */
    size_t visits;      /* to the row that has fewest */
    size_t blind;       /* rows that show none */
    size_t unknown;     /* rows of which it depends on the responses */
    double spread;      /* an example of that deviation, as a share of the TTFT */
};

struct preview {
    bool beside;    /* rows run beside each other: nothing below is filled */
    bool as_listed; /* each row once, in the order of the file: of what is below, the sight alone */
    size_t rows, measured; /* all rows, and those that are no warm-up and run alone */
    struct preview_sight sight;
    struct preview_order order;
    struct preview_pairs pairs;
    bool *aside; /* of each row: in no pair, a warm-up or a member of a mix; owned */
};

/* What one member of a mix meets: of how many calls how many wait for a load. */
struct preview_mix_member {
    size_t row;
    size_t calls, paying;
};

/* A visit of a mix, followed through the node of a bundle file. */
struct preview_mix {
    const char *name;                  /* not owned */
    const char *unknown;               /* why it is not followed; NULL: it is */
    size_t calls, paying;              /* of all members */
    size_t loads;                      /* of configurations … */
    double load_s;                     /* … what they take; NAN: the file does not tell */
    double took_s;                     /* until the last call ends */
    bool guessed;                      /* the file does not tell how fast a member's model is */
    bool cut;                          /* only its first calls are followed */
    struct preview_mix_member *member; /* owned */
    size_t members;
};

/* What TTFTs and switches are taken to be like. */
struct preview_premise {
    const char *like;      /* the folder of the run that they are taken from; not owned */
    bool measured;         /* TTFTs are that run's; else an example … */
    bool cost_measured;    /* … and how much switches vary too */
    double ttft_s, spread; /* a TTFT, and its deviation as a share of it */
    double cost_share;     /* the deviation of what a switch costs, as a share of it */
};

/* When a study that runs until it is sure (stop_when) ends. */
struct preview_end {
    bool asked;                    /* there is such a rule; else the rest is empty */
    bool pairs;                    /* of pairs of rows, else of rows */
    double half_width, confidence; /* shares */
    int64_t at_most;               /* passes, and how many … */
    int64_t expected;              /* … are expected; more than the most: not sure by then */
    bool shows;                    /* some row shows a switch */
    struct preview_premise premise;
};

#endif
