/* Every route. Adding one is a line here, its responder, and its part of docs/workbench-api.yaml.
 */
#include "serve/responders.h"
#include "serve/route.h"

enum { TOKEN = 64 };

/* clang-format off */
const struct route route_table[] = {
    {"GET",  "/",                 ROUTE_PAGE, 0,     respond_shell,   "the runs"},
    {"GET",  "/runs",             ROUTE_PAGE, 0,     respond_shell,   "the runs"},
    {"GET",  "/run/{ID}",         ROUTE_PAGE, 0,     respond_shell,   "one run"},
    {"GET",  "/enter",            ROUTE_OPEN, 0,     respond_enter,   "what the printed link opens"},
    {"GET",  "/assets/{NAME}",    ROUTE_OPEN, 0,     respond_asset,   "style and scripts of the pages"},
    {"POST", "/api/v1/session",   ROUTE_OPEN, TOKEN, respond_session, "a session for the token of a link"},
    {0},
};
/* clang-format on */
