/* Which route a request finds: paths that lead nowhere, places that hold only what they should. */
#include "serve/http/route.h"

#include "support.h"

static void test_paths_find_their_route(void **state)
{
    static const struct {
        const char *method, *path;
        enum route_found found;
        const char *run, *file, *allowed;
    } cases[] = {
        {"GET", "/", ROUTE_FOUND, "", "", ""},
        {"HEAD", "/", ROUTE_FOUND, "", "", ""},
        {"GET", "/runs", ROUTE_FOUND, "", "", ""},
        {"GET", "/runs/", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "//runs", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "", ROUTE_NO_PATH, NULL, NULL, ""},
        {"POST", "/runs", ROUTE_NO_METHOD, NULL, NULL, "GET"},
        {"PUT", "/api/v1/session", ROUTE_NO_METHOD, NULL, NULL, "POST"},
        {"get", "/runs", ROUTE_NO_METHOD, NULL, NULL, "GET"},
        {"GET", "/run/0123456789abcdef", ROUTE_FOUND, "0123456789abcdef", "", ""},
        {"GET", "/run/0123456789abcde", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/run/0123456789abcdef0", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/run/0123456789ABCDEF", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/run/{ID}", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/run/../etc/passwd.abc", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/assets/main.js", ROUTE_FOUND, "", "main.js", ""},
        {"GET", "/assets/.main", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/assets/..", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/assets/", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/assets/a b", ROUTE_NO_PATH, NULL, NULL, ""},
        {"GET", "/assets/main.js/x", ROUTE_NO_PATH, NULL, NULL, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route *route = NULL;
        struct route_places places;
        char allowed[ROUTE_ALLOWED];
        enum route_found found =
            route_find(cases[i].method, cases[i].path, &route, &places, allowed);

        expect_true(cases[i].path, found == cases[i].found);
        expect_text(cases[i].path, allowed, cases[i].allowed);
        if (found != ROUTE_FOUND)
            continue;
        expect_text(cases[i].path, places.run, cases[i].run);
        expect_text(cases[i].path, places.file, cases[i].file);
    }
}

/* What changes something needs the secret, but for the way in; a page needs the cookie. */
static void test_nothing_is_open_that_should_not_be(void **state)
{
    (void)state;
    for (const struct route *route = route_table; route->method; route++) {
        bool reads = strcmp(route->method, "GET") == 0;
        bool api = strncmp(route->path, "/api/", 5) == 0;

        if (!reads && strcmp(route->path, "/api/v1/session") != 0)
            expect_true(route->path, route->access == ROUTE_API);
        if (api && reads)
            expect_true(route->path, route->access == ROUTE_API || route->access == ROUTE_READER);
        if (reads)
            expect_true(route->path, route->body_most == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_find_their_route),
        cmocka_unit_test(test_nothing_is_open_that_should_not_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
