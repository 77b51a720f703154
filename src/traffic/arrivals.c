#include "traffic/arrivals.h"

#include "core/random.h"

static const uint64_t purpose = 0x676170; /* keeps these draws apart from those for prompts */

void arrivals_init(struct arrivals *arrivals, const struct row *row, uint64_t seed, uint64_t step)
{
    *arrivals = (struct arrivals){.qps = row->qps,
                                  .distribution = row->qps_distribution,
                                  .burstiness = row->burstiness,
                                  .seed = seed,
                                  .step = step,
                                  .ramps = row->qps_end > 0,
                                  .ramp_from = (size_t)row->warmup_requests};
    if (arrivals->ramps)
        arrivals->ramp = ramp_of(row);
}

/* --- Gaps at rate 1 --------------------------------------------------------------------------- */

static double constant(struct random *random, double burstiness)
{
    (void)random;
    (void)burstiness;
    return 1;
}

static double uniform(struct random *random, double burstiness)
{
    (void)burstiness;
    return 2 * random_unit(random);
}

static double exponential(struct random *random, double burstiness)
{
    (void)burstiness;
    return random_exponential(random);
}

static double gamma_gap(struct random *random, double burstiness)
{
    return random_gamma(random, burstiness) / burstiness;
}

static double (*const gaps[])(struct random *random, double burstiness) = {
    [ROW_CONSTANT] = constant, [ROW_UNIFORM] = uniform, [ROW_EXPONENTIAL] = exponential,
    [ROW_GAMMA] = gamma_gap,   [ROW_TRACE] = constant, /* none is drawn */
};

double arrivals_gap(const struct arrivals *arrivals, size_t index)
{
    uint64_t key[] = {purpose, arrivals->seed, arrivals->step, index};
    struct random random;

    random_init(&random, key, 4);
    return gaps[arrivals->distribution](&random, arrivals->burstiness);
}

/* --- Moments ---------------------------------------------------------------------------------- */

static void advance_on_ramp(struct arrivals *arrivals)
{
    if (arrivals->next == arrivals->ramp_from)
        arrivals->begun_s = arrivals->at_s;
    arrivals->expected += arrivals_gap(arrivals, ++arrivals->next);
    arrivals->at_s = arrivals->begun_s + ramp_moment(&arrivals->ramp, arrivals->expected);
}

void arrivals_advance(struct arrivals *arrivals)
{
    if (arrivals->ramps && arrivals->next >= arrivals->ramp_from) {
        advance_on_ramp(arrivals);
        return;
    }
    arrivals->next++;
    if (arrivals->distribution == ROW_CONSTANT) /* no rounding piles up */
        arrivals->at_s = (double)arrivals->next / arrivals->qps;
    else
        arrivals->at_s += arrivals_gap(arrivals, arrivals->next) / arrivals->qps;
}

void arrivals_fill(struct arrivals *arrivals, double *at_s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        at_s[i] = arrivals->at_s;
        arrivals_advance(arrivals);
    }
}
