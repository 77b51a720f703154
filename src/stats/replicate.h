/* Visits to a row as replicates: each judged alone, then together.
 *
 * Judged alone, by a one-sided prediction interval on the log scale: t = (ln exposed − mean ln
 * steady − ln(1 + c/steady)) ÷ (s √(1 + 1/m)), s pooled (spread.h) and widened where neighbours are
 * alike (steady.h). c is what a first request takes more without a load (REPLICATE_NO_LOAD_S): a
 * test against a least effect, not against none (Murphy and Myors 1999). Its value is exposed −
 * mean steady − what slow requests take more on average, its standard error s √(1 + 1/m) of the
 * mean steady TTFT, and with what slow requests vary by in an interval.
 *
 * Together: a switch is found where as many stand out as slow requests would cause in less than 2 %
 * of cases, by their share (steady.h): k is one of one, and where none was seen mostly two of three
 * and more. p = P(binomial ≥ k) at the k-th smallest p. Where half of the visits are more than
 * that, half of them may also show together what none shows alone: p is twice the smaller of both.
 * Where requests were seen to be slow, the same is asked of that chance. */
#ifndef STATS_REPLICATE_H
#define STATS_REPLICATE_H

#include <stddef.h>

#include "record/switch.h"
#include "stats/spread.h"

#define REPLICATE_LEVEL      0.01
#define REPLICATE_CONFIDENCE 0.95
#define REPLICATE_POWER      0.80
#define REPLICATE_SLOW_SHARE 0.05 /* of requests, where nothing is known of them yet */

/* The first request behind another model finds the machine's caches cold: on real servers that
 * loaded nothing, it took 1 to 7 ms more, however quiet the machine was. No more than this is no
 * load. */
#define REPLICATE_NO_LOAD_S 0.008

/* The switch, in seconds, that stands out beside REPLICATE_NO_LOAD_S as `effect_s` would beside
 * nothing, where requests take `steady_s` without one: on the log scale both stand above that. */
double replicate_seen_s(double effect_s, double steady_s);

struct study_steady;

struct replicate {
    double p;
    double sooner_p;         /* that a request without a switch is as much sooner, or more */
    double slow_p;           /* the same where requests are slow now and then; 0: none are */
    double value_s, error_s; /* and its standard error … */
    double interval_error_s; /* … with what slow requests vary by */
    double steady_s;         /* what a request takes without a switch */
    double unsure_s;         /* what unlike prompts may explain of it; 0: nothing */
    double client_s;         /* the value by the client's clock; NAN: not known */
};

/* `side` has steady observations, and `spread` degrees of freedom. `steady` tells of slow requests;
 * NULL: there are none. */
struct replicate replicate_judge_among(const struct switch_side *side, struct spread_used spread,
                                       const struct study_steady *steady);

/* The same where no request is slow. */
struct replicate replicate_judge(const struct switch_side *side, struct spread_used spread);

/* Fills in what `count` ≥ 1 visits tell together: p, slow_p, the mean of their values with its
 * interval at `confidence` by noise alone, the smallest effect that is found in 80 % of cases, how
 * many stand out, and whether these are too few. `slow_share` of requests may be slow. Reorders
 * them. */
void replicate_combine(struct replicate *replicate, size_t count, struct spread_used spread,
                       double slow_share, double confidence, struct switch_estimate *into);

/* How many of `visits` must stand out where that share of requests may be slow; `visits` at most.
 */
size_t replicate_needed_among(size_t visits, double slow_share);

/* The same where nothing is known of that share. */
size_t replicate_needed(size_t visits);

/* The median of their steady TTFTs. */
double replicate_steady_s(const struct replicate *replicate, size_t count);

/* The smallest effect, in standard deviations of the steady TTFT, that so many visits together,
 * each with `steady` observations, find in 80 % of cases at `level`, where all of them pay and `df`
 * degrees of freedom are pooled. */
double replicate_smallest(double steady, double df, size_t visits, double level);

#endif
