#include "traffic/sessions.h"

#include "core/random.h"

static const uint64_t purpose = 0x7468696e6b; /* keeps these draws apart from others */

double sessions_pause_s(const struct row *row, uint64_t seed, uint64_t step, size_t session,
                        int64_t turn)
{
    const uint64_t key[] = {purpose, seed, step, session, (uint64_t)turn};
    struct random random;

    if (!(row->think_time_s > 0))
        return 0;
    random_init(&random, key, sizeof key / sizeof *key);
    return row->think_time_s * random_exponential(&random);
}
