/* The first screen: what is running, what the last run found, in the words of its report. */
#include <stdlib.h>

#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/responders.h"
#include "serve/runs/run_report.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"

static void do_now(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    struct text json = {0};
    struct error error;

    (void)stop;
    if (run_table_now(workbench, &json, &error))
        exchange_reply(exchange, 200, EXCHANGE_JSON, "application/json", &json);
    else
        exchange_refuse(exchange, 500, "%s", error.text);
    text_clear(&json);
}

void respond_now(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_now);
}

/* What its report opens with; the report is made where it is not there. */
static void do_headline(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = run_table_find(workbench, exchange_run(exchange));
    struct made_report made = {0};
    struct text json = {0};
    struct error error;

    if (!path)
        exchange_refuse(exchange, 404, "no run has this number: the list shows those there are");
    else if (run_report_make(workbench, exchange_run(exchange), path, stop, &made, &error)) {
        text_add_string(&json, "{\"sentence\":");
        text_add_json(&json, made.sentence);
        text_add_string(&json, "}\n");
        exchange_reply(exchange, 200, EXCHANGE_JSON, "application/json", &json);
    } else
        exchange_refuse(exchange, 422, "%s", error.text);
    made_report_clear(&made);
    text_clear(&json);
    free(path);
}

void respond_headline(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_headline);
}
