#include "sim/pause.h"

#include "core/clock.h"

struct pauses pauses_from(const struct bundle_pauses *about, int64_t begun_ns)
{
    return (struct pauses){begun_ns, clock_from_seconds(about->every_s),
                           clock_from_seconds(about->for_s)};
}

/* How long ago the latest pause began, or -1 where none did. */
static int64_t since_begin_ns(const struct pauses *pauses, int64_t at_ns)
{
    int64_t since_start_ns = at_ns - pauses->begun_ns;

    if (pauses->every_ns == 0 || since_start_ns < pauses->every_ns)
        return -1;
    return since_start_ns % pauses->every_ns;
}

int64_t pauses_end_ns(const struct pauses *pauses, int64_t at_ns)
{
    int64_t since_ns = since_begin_ns(pauses, at_ns);

    return since_ns >= 0 && since_ns < pauses->for_ns ? at_ns - since_ns + pauses->for_ns : at_ns;
}

int64_t pauses_begin_ns(const struct pauses *pauses, int64_t at_ns)
{
    int64_t since_ns = since_begin_ns(pauses, at_ns);

    return since_ns >= 0 && since_ns == pauses->for_ns ? at_ns - since_ns : at_ns;
}
