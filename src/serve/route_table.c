/* Every route. Adding one is a line here, its responder, and its part of docs/workbench-api.json.
 */
#include "serve/chat/chat_request.h"
#include "serve/http/body_file.h"
#include "serve/http/route.h"
#include "serve/responders.h"
#include "serve/start/draft.h"
#include "serve/start/endpoints.h"

enum {
    TOKEN = 64,
    NAMING = 4096,
    CHAT = CHAT_REQUEST_MOST,
    DRAFT = DRAFT_MOST,
    ENDPOINT = ENDPOINTS_BODY,
    FILE_MOST = BODY_FILE_MOST
};

/* clang-format off */
const struct route route_table[] = {
    {"GET",    "/",                               ROUTE_PAGE,   0,      respond_shell,    "the runs, as a page"},
    {"GET",    "/runs",                           ROUTE_PAGE,   0,      respond_shell,    "the runs, as a page"},
    {"GET",    "/run/{ID}",                       ROUTE_PAGE,   0,      respond_shell,    "one run, as a page"},
    {"GET",    "/new",                            ROUTE_PAGE,   0,      respond_shell,    "a new run, as a page"},
    {"GET",    "/compare",                        ROUTE_PAGE,   0,      respond_shell,    "two runs compared, or several studied together, as a page"},
    {"GET",    "/history",                        ROUTE_PAGE,   0,      respond_shell,    "a figure over runs and releases, as a page"},
    {"GET",    "/watch",                          ROUTE_PAGE,   0,      respond_shell,    "runs under way, as a page"},
    {"GET",    "/enter",                          ROUTE_OPEN,   0,      respond_enter,    "what the printed link opens"},
    {"GET",    "/assets/{NAME}",                  ROUTE_OPEN,   0,      respond_asset,    "style and scripts of the pages"},
    {"POST",   "/api/v1/session",                 ROUTE_OPEN,   TOKEN,  respond_session,  "a session for the token of a link"},
    {"GET",    "/api/v1/runs",                    ROUTE_API,    0,      respond_runs,     "the runs, newest first"},
    {"POST",   "/api/v1/runs",                    ROUTE_API,    DRAFT,  respond_start,    "starts a run of a draft, or puts it into the queue"},
    {"GET",    "/api/v1/runs/{ID}",               ROUTE_API,    0,      respond_run,      "one run and its files"},
    {"DELETE", "/api/v1/runs/{ID}",               ROUTE_API,    NAMING, respond_delete,   "removes a run with all its files"},
    {"POST",   "/api/v1/runs/{ID}/stop",          ROUTE_API,    0,      respond_stop,     "ends a run under way: it sends nothing more"},
    {"POST",   "/api/v1/runs/{ID}/cancel",        ROUTE_API,    0,      respond_cancel,   "the same, and what is in flight ends at once"},
    {"GET",    "/api/v1/runs/{ID}/events",        ROUTE_API,    0,      respond_events,   "a run under way, as a stream of events"},
    {"POST",   "/api/v1/runs/{ID}/resume",        ROUTE_API,    NAMING, respond_resume,   "resumes a run that was cut off"},
    {"GET",    "/api/v1/runs/{ID}/report",        ROUTE_READER, 0,      respond_report,   "the report's page"},
    {"GET",    "/api/v1/runs/{ID}/workbook",      ROUTE_READER, 0,      respond_workbook, "the report's workbook"},
    {"GET",    "/api/v1/runs/{ID}/files/{NAME}",  ROUTE_READER, 0,      respond_file,     "a file of the run's folder"},
    {"GET",    "/api/v1/runs/{ID}/archive",       ROUTE_READER, 0,      respond_archive,  "the run's folder as a tar file"},
    {"GET",    "/api/v1/endpoint",                ROUTE_API,    0,      respond_endpoint, "the session's endpoint, without its key"},
    {"POST",   "/api/v1/endpoint",                ROUTE_API,    ENDPOINT, respond_type_endpoint, "keeps address and key for the session"},
    {"GET",    "/api/v1/models",                  ROUTE_API,    0,      respond_models,   "what that endpoint lists"},
    {"POST",   "/api/v1/plan",                    ROUTE_API,    DRAFT,  respond_plan,     "checks a draft of a run"},
    {"GET",    "/api/v1/queue",                   ROUTE_API,    0,      respond_queue,    "the runs that wait for their endpoint"},
    {"PUT",    "/api/v1/queue",                   ROUTE_API,    NAMING, respond_reorder,  "puts them into another order, or removes some"},
    {"POST",   "/api/v1/uploads",                 ROUTE_API,    FILE_MOST, respond_upload, "keeps a file for drafts"},
    {"GET",    "/api/v1/now",                     ROUTE_API,    0,      respond_now,      "the runs under way, and the last that found something"},
    {"GET",    "/api/v1/runs/{ID}/headline",      ROUTE_API,    0,      respond_headline, "the sentence that a run's report opens with"},
    {"GET",    "/api/v1/history",                 ROUTE_API,    0,      respond_history,  "a figure of a row over runs and releases"},
    {"POST",   "/api/v1/compare",                 ROUTE_API,    NAMING, respond_compare,  "holds a run against another by a policy"},
    {"GET",    "/api/v1/policies",                ROUTE_API,    0,      respond_policies, "the policies that may be named"},
    {"GET",    "/api/v1/comparisons/{ID}/report", ROUTE_READER, 0,      respond_comparison_report, "a comparison's page"},
    {"GET",    "/api/v1/comparisons/{ID}/workbook", ROUTE_READER, 0,    respond_comparison_workbook, "its workbook"},
    {"POST",   "/api/v1/studies",                 ROUTE_API,    NAMING, respond_study,    "one switching study over several runs"},
    {"GET",    "/api/v1/studies/{ID}/report",     ROUTE_READER, 0,      respond_study_report, "the study's page"},
    {"GET",    "/api/v1/studies/{ID}/workbook",   ROUTE_READER, 0,      respond_study_workbook, "its workbook"},
    {"GET",    "/chat",                           ROUTE_PAGE,   0,      respond_shell,    "a chat with one model or two, as a page"},
    {"POST",   "/api/v1/chat",                    ROUTE_API,    CHAT,   respond_chat,     "asks a model, and streams its response"},
    {"POST",   "/api/v1/chat/stop",               ROUTE_API,    TOKEN,  respond_chat_stop, "ends a response under way"},
    {"POST",   "/api/v1/chat/save",               ROUTE_API,    CHAT,   respond_chat_save, "keeps a conversation as a data set"},
    {0},
};
/* clang-format on */
