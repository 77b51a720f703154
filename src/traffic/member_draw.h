/* Closed loop with `share`: which member of a mix a freed place sends for next. */
#ifndef TRAFFIC_MEMBER_DRAW_H
#define TRAFFIC_MEMBER_DRAW_H

#include <stddef.h>
#include <stdint.h>

struct member_draw {
    double *upto; /* of each member, its share and those before it, of a whole of 1; owned */
    size_t members;
    uint64_t seed, step;
};

/* Shares are 0 or more, at least one is above 0; only their ratios count. `step` is that of the
 * mix's first member. */
void member_draw_init(struct member_draw *draw, const double *share, size_t members, uint64_t seed,
                      uint64_t step);

/* The member of the visit's request `index`, drawn by share. It follows from seed, step and index
 * alone: the same in whatever order it is asked for. */
size_t member_draw_at(const struct member_draw *draw, size_t index);

void member_draw_clear(struct member_draw *draw);

#endif
