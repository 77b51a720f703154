/* The end of a run under way: what Ctrl-C in its terminal does, once or twice. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/responders.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"
#include "store/run_pid.h"

static void ask_run(struct workbench *workbench, struct exchange *exchange, bool cancel)
{
    char *path = run_table_find(workbench, exchange_run(exchange));
    char *folder = path ? file_join(workbench->root, path) : NULL;
    struct text json = {0};
    pid_t pid;
    int process = folder ? run_pid_open(folder, &pid) : -1;

    if (!path)
        exchange_refuse(exchange, 404, "no run has this number: the list shows those there are");
    else if (process < 0)
        exchange_refuse(exchange, 409, "the run is not under way, so there is nothing to end");
    else if (!run_pid_ask(process, cancel))
        exchange_refuse(exchange, 409, "the run could not be asked to end: %s", strerror(errno));
    else {
        text_printf(&json, "{\"asked\":\"%s\"}\n", cancel ? "cancel" : "stop");
        exchange_reply(exchange, 200, EXCHANGE_JSON, "application/json", &json);
    }
    if (process >= 0)
        close(process);
    free(folder);
    free(path);
}

static void do_stop(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    (void)stop;
    ask_run(workbench, exchange, false);
}

static void do_cancel(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    (void)stop;
    ask_run(workbench, exchange, true);
}

void respond_stop(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_stop);
}

void respond_cancel(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_cancel);
}
