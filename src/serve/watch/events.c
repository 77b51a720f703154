/* A run under way as a stream of events. */
#include <stdlib.h>

#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/responders.h"
#include "serve/runs/run_table.h"
#include "serve/watch/watching.h"
#include "serve/workbench.h"

static void do_events(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = run_table_find(workbench, exchange_run(exchange));

    (void)stop;
    if (!path)
        exchange_refuse(exchange, 404, "no run has this number: the list shows those there are");
    else
        watching_reply(workbench->watching, exchange, path);
    free(path);
}

void respond_events(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_events);
}
