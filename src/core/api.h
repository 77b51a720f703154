/* The kinds of endpoints that `llm_api` and `--api` choose among: what each is called, which
 * dialect it speaks (wire/dialect.h), and where its address and key stand in the environment. One
 * table for settings, environment, options, manual and documents. */
#ifndef CORE_API_H
#define CORE_API_H

/* In the order of the table; API_UNKNOWN is none of them. */
#define API(id, ...) API_##id,
enum llm_api {
    API_UNKNOWN = -1,
#include "core/api_table.h"
    API_COUNT
};
#undef API

/* The variables of one kind of endpoint, in the order they are looked for. */
struct environment_family {
    const char *address[3]; /* ends with NULL */
    const char *parts[5];   /* older names, each for a part of the address; ends with NULL */
    const char *key;        /* NULL: these endpoints ask for none */
    const char *fallback;   /* the address where none is given; NULL: it must be */
    const char *port;       /* an address may be a bare host, with this port; NULL: it is a URL */
};

struct api {
    const char *name;
    const char *dialect; /* its name; NULL: the address says which */
    struct environment_family environment;
    const char *note; /* one sentence for those who choose it; NULL: none */
};

/* The table's line of a kind of endpoint. */
const struct api *api_at(enum llm_api api);

/* The line of that name; NULL: there is none. */
const struct api *api_find(const char *name);

/* All names, in order; ends with NULL. */
extern const char *const api_names[];

/* The names as options show them: "sncloud|sambastudio|…". */
extern const char api_joined[];
#define API_WORDS (api_joined + 1) /* without the bar before the first */

#endif
