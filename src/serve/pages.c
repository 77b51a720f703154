/* The pages, and the way in. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "report/page/page_assets.h"
#include "serve/http/exchange.h"
#include "serve/http/guard.h"
#include "serve/page_assets.h"
#include "serve/responders.h"
#include "serve/workbench.h"

static const char html[] = "text/html; charset=utf-8", css[] = "text/css; charset=utf-8",
                  javascript[] = "text/javascript; charset=utf-8";

static const struct {
    const char *name, *type, *bytes;
} assets[] = {
    {"page.css", css, page_css},
    {"style.css", css, serve_style},
    {"enter.js", javascript, serve_enter_js},
    {"main.js", javascript, serve_main_js},
    {"api.js", javascript, serve_api_js},
    {"dom.js", javascript, serve_dom_js},
    {"runs.js", javascript, serve_runs_js},
    {"run.js", javascript, serve_run_js},
    {"new.css", css, serve_new_css},
    {"new.js", javascript, serve_new_js},
    {"new_text.js", javascript, serve_new_text_js},
    {"new_fields.js", javascript, serve_new_fields_js},
    {"new_modes.js", javascript, serve_new_modes_js},
    {"new_rows.js", javascript, serve_new_rows_js},
    {"new_files.js", javascript, serve_new_files_js},
    {"new_editor.js", javascript, serve_new_editor_js},
    {"new_endpoint.js", javascript, serve_new_endpoint_js},
    {"new_plan.js", javascript, serve_new_plan_js},
    {"queue.js", javascript, serve_queue_js},
    {"watch.css", css, serve_watch_style},
    {"watch.js", javascript, serve_watch_js},
    {"watch_chart.js", javascript, serve_watch_chart_js},
    {"watch_state.js", javascript, serve_watch_state_js},
    {"events.js", javascript, serve_events_js},
    {"units.js", javascript, serve_units_js},
    {"compare.js", javascript, serve_compare_js},
    {"choosing.js", javascript, serve_choosing_js},
    {"home.js", javascript, serve_home_js},
    {"history.js", javascript, serve_history_js},
    {"history_chart.js", javascript, serve_history_chart_js},
    {"chat.css", css, serve_chat_css},
    {"chat.js", javascript, serve_chat_js},
    {"chat_column.js", javascript, serve_chat_column_js},
    {"chat_stream.js", javascript, serve_chat_stream_js},
    {"chart.js", javascript, page_chart},
};

void respond_shell(struct workbench *workbench, struct exchange *exchange)
{
    (void)workbench;
    exchange_reply_asset(exchange, 200, html, serve_shell, strlen(serve_shell));
}

void respond_enter(struct workbench *workbench, struct exchange *exchange)
{
    (void)workbench;
    exchange_reply_asset(exchange, 200, html, serve_enter, strlen(serve_enter));
}

void respond_asset(struct workbench *workbench, struct exchange *exchange)
{
    (void)workbench;
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
        if (strcmp(assets[i].name, exchange_file(exchange)) == 0) {
            exchange_reply_asset(exchange, 200, assets[i].type, assets[i].bytes,
                                 strlen(assets[i].bytes));
            return;
        }
    }
    exchange_refuse(exchange, 404, "nothing is at this path");
}

/* The session's two words: one in a cookie, which scripts do not see, one for the page's script. */
static void reply_pass(struct workbench *workbench, struct exchange *exchange,
                       const struct guard_pass *pass)
{
    struct text json = {0};
    char *cookie =
        memory_printf("%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict",
                      guard_cookie_name(workbench->guard), pass->cookie, GUARD_SESSION_S);

    text_printf(&json, "{\"secret\":\"%s\"}\n", pass->secret);
    exchange_add_header(exchange, "Set-Cookie", cookie);
    exchange_reply(exchange, 200, EXCHANGE_JSON, "application/json", &json);
    free(cookie);
}

void respond_session(struct workbench *workbench, struct exchange *exchange)
{
    const struct text *token = exchange_body(exchange);
    struct guard_pass pass;

    if (token->bytes && guard_redeem(workbench->guard, token->bytes, clock_monotonic_ns(), &pass))
        reply_pass(workbench, exchange, &pass);
    else
        exchange_refuse(exchange, 403,
                        "this link was used before, or is an old one: press Enter in the terminal "
                        "of 'coebench serve' for another");
}
