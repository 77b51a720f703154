/* Which batches of a mix paid for a switch, by their TTFTs: for each member a mixture of two
 * log-normals, by expectation and maximisation (Dempster, Laird and Rubin 1977).
 *
 * Without a switch: known by the batches that followed their own configuration, which cannot have
 * paid (median and scaled median deviation of ln TTFT, at each batch size), and by the member's own
 * steady visit where the run or a study has one. Where both are known and differ (99 %, and 2 %),
 * the mix's own count. With neither, the lower of two clusters that lie apart.
 *
 * With one: what it costs is the same at each size, and its logarithm varies by its own deviation.
 * Requests that are slow for another reason are a third, wide component, as frequent as among those
 * that cannot have paid. Where no more stand out than these explain (99 %, binomial), none paid. */
#ifndef STATS_MIX_PAYING_H
#define STATS_MIX_PAYING_H

#include "record/mix_switching.h"
#include "stats/mix_calls.h"

/* What is known of a member beforehand: a steady visit, in which nothing switched. */
struct mix_steady {
    size_t requests;  /* observations; 0: there is none */
    double mean_log;  /* of ln TTFT, by the clock that the mix goes by */
    double deviation; /* of ln TTFT */
    double size;      /* the batch size that they ran at */
};

/* What is concluded of a member's batches. */
struct mix_paying {
    enum mix_reason reason;
    double hit_s, deviation; /* without a switch, at the most frequent size; of ln TTFT */
    double hit_error;        /* standard error of ln hit_s */
    double switch_s;         /* 0: none was found */
    size_t unknown;          /* batches of sizes of which nothing is known */
    bool by_visit, disagrees, blurred;
};

/* Fills `paid` and `extra_s` of the member's batches: those that a visit or clusters tell of, by
 * TTFT; of the others what is average. */
struct mix_paying mix_paying_find(struct mix_calls *calls, size_t member,
                                  const struct mix_steady *steady);

#endif
