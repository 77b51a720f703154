#include "job/watching.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "load/fetch.h"

static void tell(void *context, const char *line)
{
    progress_say(context, line);
}

/* The address has been checked: it has an origin. */
static char *url_of(const struct preparation *preparation, const char *given)
{
    char *origin, *url;

    if (strcmp(given, telemetry_auto) != 0)
        return memory_text(given);
    origin = fetch_origin(preparation->endpoint.address);
    url = memory_printf("%s/metrics", origin);
    free(origin);
    return url;
}

struct watch *watching_begin(const struct preparation *preparation, struct progress *progress)
{
    const struct setting_list *given = &preparation->settings.telemetry;
    const struct telemetry_source *source = given->items;
    const struct watch_listener listener = {tell, progress};
    struct watch_source *watched = memory_new(given->count, sizeof *watched);
    struct watch *watch;

    for (size_t i = 0; i < given->count; i++)
        watched[i] = (struct watch_source){.url = url_of(preparation, source[i].url),
                                           .every_s = source[i].every_s,
                                           .match = source[i].match.items,
                                           .matches = source[i].match.count};
    watch = watch_new(&preparation->target, watched, given->count, &listener);
    for (size_t i = 0; i < given->count; i++)
        free(watched[i].url);
    free(watched);
    return watch;
}
