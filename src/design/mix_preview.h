/* What a plan's mixes would meet on the node of the config's bundle file (mix_walk.h), before
 * anything is sent. */
#ifndef DESIGN_MIX_PREVIEW_H
#define DESIGN_MIX_PREVIEW_H

#include "job/prepare.h"
#include "record/preview.h"

/* Calls that are followed, at most. */
enum { MIX_PREVIEW_CALLS_MOST = 200000 };

struct mix_previews {
    struct preview_mix *mix; /* owned */
    size_t count;
};

/* Follows one visit of each mix: in open loop its own schedule, by the config's seed, and a trace's
 * lines; a later turn comes as a call behind the one before, after the mean pause. None without a
 * bundle file. Clear `previews`. */
void mix_previews_of(const struct preparation *preparation, struct mix_previews *previews);

void mix_previews_clear(struct mix_previews *previews);

#endif
