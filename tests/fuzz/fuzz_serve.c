/* Anything at all, as what browsers send to the workbench: the first byte picks what it is read as.
 * Of a request's head the target, Host, Origin and Cookie; of bodies drafts and endpoints; and the
 * queue's file, which anybody may have written. */
#include "input.h"
#include "serve/http/guard.h"
#include "serve/http/route.h"
#include "serve/start/draft.h"
#include "serve/start/endpoints.h"
#include "serve/start/same_endpoint.h"
#include "serve/start/waiting.h"

static void respond(struct workbench *workbench, struct exchange *exchange)
{
    (void)workbench;
    (void)exchange;
}

/* In the place of the program's own, whose routes lead to all of it. */
const struct route route_table[] = {
    {"GET", "/", ROUTE_PAGE, 0, respond, ""},
    {"GET", "/run/{ID}", ROUTE_PAGE, 0, respond, ""},
    {"POST", "/api/v1/runs/{ID}/stop", ROUTE_API, 0, respond, ""},
    {"GET", "/api/v1/runs/{ID}/files/{NAME}", ROUTE_READER, 0, respond, ""},
    {0},
};

static void read_route(const char *text)
{
    const struct route *route = NULL;
    struct route_places places;
    char allowed[ROUTE_ALLOWED];

    if (route_find("GET", text, &route, &places, allowed) != ROUTE_FOUND)
        return;
    require(route && strlen(places.run) <= ROUTE_RUN - 1);
    require(!strchr(places.file, '/') && places.file[0] != '.');
    require(places.run[strspn(places.run, "0123456789abcdef")] == '\0');
}

static void read_draft(const char *text, size_t length)
{
    struct error error = {""};
    struct draft draft;
    bool read = draft_read(text, length, &draft, &error);

    require_sentence(read, &error);
    require(!read || draft.config);
    for (size_t i = 0; i < draft.sets; i++)
        require(draft.set[i][0] != '-' && strchr(draft.set[i], '='));
    require(!read || !draft.name || !strpbrk(draft.name, "\r\n"));
    draft_clear(&draft);
}

static void read_endpoint(const char *text, size_t length)
{
    struct error error = {""};
    struct typed_endpoint typed;
    bool read = typed_endpoint_read(text, length, &typed, &error);

    require_sentence(read, &error);
    require(!read || typed.address || !typed.key);
    require(!read || !typed.key || !strpbrk(typed.key, "\r\n"));
    if (read && typed.address)
        endpoints_environment_free(endpoints_environment(&typed));
    typed_endpoint_clear(&typed);
}

static void read_queue(const char *text, size_t length)
{
    size_t count;
    struct waiting *list = waiting_parse(text, length, &count);

    require(count <= WAITING_MOST);
    for (size_t i = 0; i < count; i++) {
        require(list[i].path[0] != '/' && list[i].path[0] != '.' && !strstr(list[i].path, "/."));
        require(!strchr(list[i].draft, '/') && !list[i].resumes == (list[i].draft[0] != '\0'));
        waiting_clear(&list[i]);
    }
    free(list);
}

/* Nobody guesses a word of a session that nobody has. */
static void read_head(const char *text)
{
    static struct guard *guard;
    const char *known[] = {"127.0.0.1:8000", "[::1]:8000", "localhost:8000"};
    bool is_known = false;

    if (!guard)
        guard = guard_new(8000, NULL);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= strcasecmp(text, known[i]) == 0;
    require(guard_knows_host(guard, text) == is_known);
    require(!guard_knows_origin(guard, text) ||
            (strncmp(text, "http://", 7) == 0 && guard_knows_host(guard, text + 7)));
    require(!guard_knows_cookie(guard, text, 0) && !guard_knows_secret(guard, text, 0));
}

static void read_addresses(char *text)
{
    char *other = strchr(text, '\n');

    if (!other)
        return;
    *other++ = '\0';
    require(same_endpoint(text, other) == same_endpoint(other, text));
    require(same_endpoint(text, text) && same_endpoint(other, other));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text;

    if (length == 0)
        return 0;
    text = memory_bytes((const char *)bytes + 1, length - 1);
    switch (bytes[0] % 6) {
    case 0:
        read_route(text);
        break;
    case 1:
        read_draft(text, length - 1);
        break;
    case 2:
        read_endpoint(text, length - 1);
        break;
    case 3:
        read_queue(text, length - 1);
        break;
    case 4:
        read_head(text);
        break;
    default:
        read_addresses(text);
        break;
    }
    free(text);
    return 0;
}
