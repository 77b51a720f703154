/* One step of a search for the highest load: whether enough of its calls keep a limit, told as soon
 * as that is clear, and whether the endpoint keeps up.
 *
 * The test is sequential and may be looked at after every call: the likelihood ratio of a mixture
 * of alternatives against the share itself exceeds 1/error with a probability of `error` at most,
 * however often it is looked at (Ville 1939; Robbins 1970; Wald's of 1945 is the mixture of one).
 * Calls behind each other in a queue are alike, so that n of them tell as much as n ÷ inflation
 * which are not: the inflation is found from blocks of the calls' margins, by rank, and so before
 * any call breaks the limit. */
#ifndef STATS_TRIAL_H
#define STATS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

struct trial_call {
    double sent_s, end_s; /* on any clock; of an open loop the moment it was due */
    double margin;        /* what it took ÷ its limit: kept up to 1; INFINITY: it failed */
    bool counts;          /* else a warm-up's: it is in flight, and no more */
};

enum trial_verdict { TRIAL_OPEN, TRIAL_KEPT, TRIAL_BROKEN };

struct trial {
    double load;      /* calls/s, or calls at once */
    size_t calls;     /* that count */
    size_t good;      /* of them keep the limit */
    double inflation; /* ≥ 1: the variance of the share, of the margins' mean or of what is in
                       * flight ÷ that of calls which are not alike, whichever is most; and … */
    double alike;     /* … with what few calls do not show of it, which the test goes by */
    double in_flight; /* as a call is sent, on average; NAN in a closed loop */
    double growth, growth_error; /* calls more in flight with each that arrives; NAN: not known */
    bool growing;                /* more than chance has it */
    double throughput, throughput_error; /* calls/s that end, and its standard error; NAN */
    enum trial_verdict verdict;
    bool client_limited; /* what was asked for was not sent: it says nothing */
};

struct trial_rule {
    double share;    /* of calls that has to keep the limit, within (0, 1) */
    bool open_loop;  /* then what is in flight must not grow */
    bool saturation; /* that is all that is looked for: it has to be known, to `resolution` */
    double resolution;
};

/* The error that the test holds, to either side. */
extern const double trial_error;

/* The calls of which all must keep the limit for the share to be shown, where they are independent:
 * ln(error) ÷ ln(share). No test needs fewer. */
size_t trial_least(double share);

/* How alike neighbours are: the most of b · Var(means of b values) ÷ Var(values) over blocks of
 * b = 1, 2, 4 … of which 8 or more fit; 1 where all are equal. By rank where `by_rank`. */
double trial_inflation(const double *value, size_t count, bool by_rank);

/* The test alone. */
enum trial_verdict trial_test(size_t good, size_t calls, double inflation, double share);

/* Looks at the calls, which stand in the order they were sent, all of them ended; fills all but the
 * load and client_limited. */
void trial_look(const struct trial_rule *rule, const struct trial_call *call, size_t count,
                struct trial *trial);

#endif
