#include "export/run_facts.h"

#include <string.h>
#include <time.h>

#include "core/memory.h"

char *run_facts_identity(const struct results *run)
{
    const char *started = manifest_find(&run->manifest, "started_utc");

    return memory_printf("%s %s", run->name, started ? started : "");
}

long long run_facts_start_ms(const struct results *run)
{
    const char *started = manifest_find(&run->manifest, "started_utc");
    struct tm moment = {0};

    if (started && strptime(started, "%Y-%m-%dT%H:%M:%S", &moment))
        return (long long)timegm(&moment) * 1000;
    return run->count > 0 ? (long long)run->step[0].timestamp_s * 1000 : 0;
}

long long run_facts_end_ms(const struct results *run)
{
    long long end_ms = run_facts_start_ms(run);

    for (size_t i = 0; i < run->count; i++) {
        if ((long long)run->step[i].timestamp_s * 1000 > end_ms)
            end_ms = (long long)run->step[i].timestamp_s * 1000;
    }
    return end_ms;
}

bool run_facts_is_whole(const struct results *run)
{
    const char *status = manifest_find(&run->manifest, "status");

    return !status || strcmp(status, "done") == 0;
}
