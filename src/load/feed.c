#include "load/feed.h"

void feed_init(struct feed *feed, const struct load *load, struct phases *phases)
{
    *feed = (struct feed){.load = load, .phases = phases};
    arrivals_init(&feed->arrivals, load->row, load->seed, load->step);
}

/* Of a member whose places others have, too: the visit's request that its next one is. Those that
 * the visit does not send any more are nobody's to look for. */
static size_t visit_index(struct feed *feed)
{
    const struct load *load = feed->load;

    while (feed->visit_next < load->places->requests &&
           member_draw_at(&load->places->draw, feed->visit_next) != load->member)
        feed->visit_next++;
    return feed->visit_next++;
}

static bool is_here(struct feed *feed, size_t index)
{
    const struct portion *portion = &feed->load->portion;

    if (portion->ranks <= 1)
        return portion_has(portion, index); /* nothing is to be looked for */
    return portion_has(portion, feed->load->places ? visit_index(feed) : index);
}

bool feed_next(struct feed *feed, struct composed *into)
{
    const struct load *load = feed->load;
    bool here = false;

    if (portion_next(&load->portion, 0) == SIZE_MAX)
        return false;
    while (!here) {
        if (!phases_place(feed->phases, feed->next, feed->arrivals.at_s, &into->phase))
            return false;
        into->index = feed->next;
        into->at_s = feed->arrivals.at_s;
        here = is_here(feed, feed->next++);
        if (!load->row->concurrent_requests)
            arrivals_advance(&feed->arrivals);
    }
    return true;
}
