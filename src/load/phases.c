#include "load/phases.h"

#include <math.h>

#include "core/clock.h"

void phases_init(struct phases *phases, const struct row *row, const struct portion *portion)
{
    *phases =
        (struct phases){.warmup = (size_t)row->warmup_requests,
                        .counted = (size_t)row_counted_most(row),
                        .cooldown = (size_t)row->cooldown_requests,
                        .cooldown_here = portion_count(portion, (size_t)row->cooldown_requests),
                        .duration_s = row->duration_s,
                        .open = row->concurrent_requests == 0,
                        .cooling = SIZE_MAX};
    atomic_init(&phases->from_ns, CLOCK_NEVER);
}

bool phases_place(struct phases *phases, size_t index, double at_s, enum request_phase *phase)
{
    if (index < phases->warmup) {
        *phase = REQUEST_WARMUP;
        return true;
    }
    if (index == phases->warmup)
        phases->counted_at_s = at_s;
    if (phases->cooling == SIZE_MAX && (index - phases->warmup >= phases->counted ||
                                        (phases->open && phases->duration_s > 0 &&
                                         at_s - phases->counted_at_s >= phases->duration_s)))
        phases->cooling = index;
    *phase = phases->cooling == SIZE_MAX ? REQUEST_COUNTED : REQUEST_COOLDOWN;
    return *phase == REQUEST_COUNTED || index - phases->cooling < phases->cooldown;
}

/* Whether that moment comes after the duration. */
static bool is_late(struct phases *phases, int64_t at_ns)
{
    int64_t from_ns = atomic_load(&phases->from_ns);

    return phases->duration_s > 0 && from_ns != CLOCK_NEVER &&
           at_ns - from_ns >= clock_from_seconds(phases->duration_s);
}

void phases_begin(struct phases *phases, int64_t at_ns)
{
    long long never = CLOCK_NEVER;

    atomic_compare_exchange_strong(&phases->from_ns, &never, at_ns);
}

bool phases_admit(struct phases *phases, enum request_phase *phase, int64_t now_ns)
{
    if (*phase == REQUEST_COUNTED && atomic_load(&phases->from_ns) == CLOCK_NEVER)
        phases_begin(phases, now_ns);
    if (phases->open || phases->duration_s == 0 || *phase == REQUEST_WARMUP)
        return true;
    if (*phase == REQUEST_COUNTED && !is_late(phases, now_ns))
        return true;
    *phase = REQUEST_COOLDOWN;
    if (atomic_fetch_add(&phases->cooled, 1) < phases->cooldown_here)
        return true;
    atomic_store(&phases->over, true);
    return false;
}

bool phases_allow(struct phases *phases, enum request_phase phase, int64_t at_ns)
{
    return phase == REQUEST_COOLDOWN || !is_late(phases, at_ns);
}

void phases_keep_time(struct phases *phases, int64_t now_ns)
{
    if (!phases->open && is_late(phases, now_ns) &&
        atomic_load(&phases->cooled) >= phases->cooldown_here)
        atomic_store(&phases->over, true);
}

double phases_counted_s(struct phases *phases, int64_t now_ns)
{
    return clock_seconds(atomic_load(&phases->from_ns), now_ns);
}
