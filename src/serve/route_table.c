/* Every route. Adding one is a line here, its responder, and its part of docs/workbench-api.yaml.
 */
#include "serve/responders.h"
#include "serve/route.h"

enum { TOKEN = 64, NAMING = 4096 };

/* clang-format off */
const struct route route_table[] = {
    {"GET",    "/",                               ROUTE_PAGE,   0,      respond_shell,    "the runs, as a page"},
    {"GET",    "/runs",                           ROUTE_PAGE,   0,      respond_shell,    "the runs, as a page"},
    {"GET",    "/run/{ID}",                       ROUTE_PAGE,   0,      respond_shell,    "one run, as a page"},
    {"GET",    "/watch",                          ROUTE_PAGE,   0,      respond_shell,    "runs under way, as a page"},
    {"GET",    "/enter",                          ROUTE_OPEN,   0,      respond_enter,    "what the printed link opens"},
    {"GET",    "/assets/{NAME}",                  ROUTE_OPEN,   0,      respond_asset,    "style and scripts of the pages"},
    {"POST",   "/api/v1/session",                 ROUTE_OPEN,   TOKEN,  respond_session,  "a session for the token of a link"},
    {"GET",    "/api/v1/runs",                    ROUTE_API,    0,      respond_runs,     "the runs, newest first"},
    {"GET",    "/api/v1/runs/{ID}",               ROUTE_API,    0,      respond_run,      "one run and its files"},
    {"DELETE", "/api/v1/runs/{ID}",               ROUTE_API,    NAMING, respond_delete,   "removes a run with all its files"},
    {"POST",   "/api/v1/runs/{ID}/stop",          ROUTE_API,    0,      respond_stop,     "ends a run under way: it sends nothing more"},
    {"POST",   "/api/v1/runs/{ID}/cancel",        ROUTE_API,    0,      respond_cancel,   "the same, and what is in flight ends at once"},
    {"GET",    "/api/v1/runs/{ID}/events",        ROUTE_API,    0,      respond_events,   "a run under way, as a stream of events"},
    {"GET",    "/api/v1/runs/{ID}/report",        ROUTE_READER, 0,      respond_report,   "the report's page"},
    {"GET",    "/api/v1/runs/{ID}/workbook",      ROUTE_READER, 0,      respond_workbook, "the report's workbook"},
    {"GET",    "/api/v1/runs/{ID}/files/{NAME}",  ROUTE_READER, 0,      respond_file,     "a file of the run's folder"},
    {"GET",    "/api/v1/runs/{ID}/archive",       ROUTE_READER, 0,      respond_archive,  "the run's folder as a tar file"},
    {0},
};
/* clang-format on */
