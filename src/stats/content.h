/* Rows whose exposed requests came sooner than the steady ones, or began with another kind
 * (reasoning first in one, content first in the other): something else than tokens may have come
 * first, such as a server's reasoning or its own word that it is loading. Where every visit to such
 * a row has TTFTs of content, reasoning not counted, the row goes by these (by_content). */
#ifndef STATS_CONTENT_H
#define STATS_CONTENT_H

#include "stats/grouping.h"
#include "stats/study.h"

/* Puts the side by content in place of the client's, and lets the row go by it, for each row of
 * which a visit's exposed request came in less than half of the steady TTFT, or by more than three
 * of its own standard deviations sooner, or by the client's clock began unlike the steady ones
 * (waves_opening). Visits whose responses all began with content are as they are. To be called
 * before clocks are chosen; visits that go by content already stay so. */
void content_take(struct study *study, const struct grouping *rows);

#endif
