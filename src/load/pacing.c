#include "load/pacing.h"

#include "core/random.h"

static const uint64_t purpose = 0x676170; /* keeps these draws apart from those for prompts */

void pacing_init(struct pacing *pacing, const struct row *row, uint64_t seed, uint64_t step)
{
    *pacing = (struct pacing){
        .qps = row->qps, .distribution = row->qps_distribution, .seed = seed, .step = step};
}

static double gap(const struct pacing *pacing)
{
    uint64_t key[] = {purpose, pacing->seed, pacing->step, pacing->next};
    struct random random;

    random_init(&random, key, 4);
    if (pacing->distribution == ROW_UNIFORM)
        return 2 * random_unit(&random) / pacing->qps;
    return random_exponential(&random) / pacing->qps;
}

void pacing_advance(struct pacing *pacing)
{
    pacing->next++;
    if (pacing->distribution == ROW_CONSTANT)
        pacing->at_s = (double)pacing->next / pacing->qps; /* no rounding piles up */
    else
        pacing->at_s += gap(pacing);
}
