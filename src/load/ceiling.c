#include "load/ceiling.h"

#include <sys/eventfd.h>

#include "core/clock.h"

void ceiling_init(struct ceiling *ceiling, int64_t most, const int *wake, size_t wakes)
{
    *ceiling = (struct ceiling){.most = (size_t)most, .wake = wake, .wakes = wakes};
    atomic_init(&ceiling->freed_ns, CLOCK_NEVER);
}

static bool try_take(struct ceiling *ceiling)
{
    size_t taken = atomic_load(&ceiling->taken);

    while (taken < ceiling->most) {
        if (atomic_compare_exchange_weak(&ceiling->taken, &taken, taken + 1))
            return true;
    }
    return false;
}

bool ceiling_take(struct ceiling *ceiling, int64_t due_ns, bool *held, int64_t *let_go_ns)
{
    if (ceiling->most == 0) {
        *let_go_ns = CLOCK_NEVER;
        return true;
    }
    if (!try_take(ceiling)) {
        *held = true;
        atomic_store(&ceiling->waited, true);
        if (!try_take(ceiling)) /* none was given back meanwhile: whoever does will see the mark */
            return false;
    }
    *let_go_ns = due_ns;
    if (*held && atomic_load(&ceiling->freed_ns) > due_ns)
        *let_go_ns = atomic_load(&ceiling->freed_ns);
    *held = false;
    return true;
}

void ceiling_give(struct ceiling *ceiling, int64_t now_ns)
{
    if (ceiling->most == 0)
        return;
    atomic_store(&ceiling->freed_ns, now_ns);
    atomic_fetch_sub(&ceiling->taken, 1);
    if (!atomic_exchange(&ceiling->waited, false))
        return;
    for (size_t i = 0; i < ceiling->wakes; i++)
        eventfd_write(ceiling->wake[i], 1);
}
