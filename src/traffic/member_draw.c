#include "traffic/member_draw.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"

static const uint64_t purpose = 0x6d656d626572; /* keeps these draws apart from those for gaps */

void member_draw_init(struct member_draw *draw, const double *share, size_t members, uint64_t seed,
                      uint64_t step)
{
    double sum = 0;

    *draw = (struct member_draw){.upto = memory_new(members, sizeof *draw->upto),
                                 .members = members,
                                 .seed = seed,
                                 .step = step};
    for (size_t i = 0; i < members; i++)
        draw->upto[i] = sum += share[i];
    for (size_t i = 0; i < members; i++)
        draw->upto[i] = draw->upto[i] < sum ? draw->upto[i] / sum : 1; /* 1 is above every draw */
}

size_t member_draw_at(const struct member_draw *draw, size_t index)
{
    uint64_t key[] = {purpose, draw->seed, draw->step, index};
    struct random random;
    size_t low = 0, high = draw->members - 1;
    double drawn;

    random_init(&random, key, 4);
    drawn = random_unit(&random);
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (drawn < draw->upto[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void member_draw_clear(struct member_draw *draw)
{
    free(draw->upto);
    *draw = (struct member_draw){0};
}
