#include "job/exposing.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/api.h"

static bool read_port(const char *word, int *port, struct error *error)
{
    char *end;
    long number = strtol(word, &end, 10);

    if (end == word || *end || number < 0 || number > 65535)
        return error_set(error, "--metrics-listen takes a port from 0 to 65535, not '%s'", word);
    *port = (int)number;
    return true;
}

static void write_page(void *context, struct text *page)
{
    meters_write(context, page);
}

bool exposing_begin(struct exposing *exposing, const struct preparation *preparation,
                    const struct job_options *options, struct progress *progress,
                    struct error *error)
{
    const struct dialect *dialect = preparation->target.dialect;
    const struct meters_about about = {
        .endpoint = preparation->endpoint.shown,
        .operation = dialect->converses ? "chat" : "text_completion",
        .provider = api_names[preparation->settings.llm_api],
        .steps = options->guide ? 0 : preparation->order.count,
    };
    char line[80];
    int port = 0;

    if (!options->metrics_listen)
        return true;
    if (!read_port(options->metrics_listen, &port, error))
        return false;
    exposing->meters = meters_new(&about);
    exposing->exposed = exposed_new(port, write_page, exposing->meters, error);
    if (!exposing->exposed)
        return false;
    snprintf(line, sizeof line, "metrics:  http://127.0.0.1:%d/metrics",
             exposed_port(exposing->exposed));
    progress_say(progress, line);
    return true;
}

void exposing_end(struct exposing *exposing)
{
    exposed_free(exposing->exposed);
    meters_free(exposing->meters);
    *exposing = (struct exposing){0};
}
