/* What the workbench answers to: one table, from which requests find their way and which the
 * documented API (docs/workbench-api.json) is held against. Adding a route is one line. */
#ifndef SERVE_HTTP_ROUTE_H
#define SERVE_HTTP_ROUTE_H

#include <stddef.h>

struct exchange;
struct workbench;

enum route_access {
    ROUTE_OPEN,   /* what is the same for everybody: the way in, style, scripts */
    ROUTE_PAGE,   /* with the cookie */
    ROUTE_API,    /* with the secret; where it changes something, from a page of ours */
    ROUTE_READER, /* with either: a frame and a download cannot send the secret */
};

enum { ROUTE_BODY_IN_MEMORY = 16 << 20 };

enum { ROUTE_RUN = 17, ROUTE_FILE = 256 }; /* room for each, with its NUL */

/* What stands in the places of a path. */
struct route_places {
    char run[ROUTE_RUN];   /* ID: 16 hexadecimal digits in lower case */
    char file[ROUTE_FILE]; /* NAME: letters, digits, '_', '-' and '.', not first */
};

struct route {
    const char *method;
    const char *path; /* parts between '/'; "{ID}" and "{NAME}" are places */
    enum route_access access;
    size_t body_most; /* bytes that its body may have; 0: none. A body that may have more than
                       * ROUTE_BODY_IN_MEMORY goes into a file as it comes (body_file.h) */
    void (*respond)(struct workbench *workbench, struct exchange *exchange);
    const char *summary;
};

extern const struct route route_table[]; /* ends with a NULL method */

enum route_found {
    ROUTE_FOUND,
    ROUTE_NO_PATH,   /* nothing is there */
    ROUTE_NO_METHOD, /* something is, and `allowed` says by which methods */
};

enum { ROUTE_ALLOWED = 64 };

/* The route for a request; HEAD is asked as GET is. `places` is filled where it is found. */
enum route_found route_find(const char *method, const char *path, const struct route **route,
                            struct route_places *places, char allowed[ROUTE_ALLOWED]);

#endif
