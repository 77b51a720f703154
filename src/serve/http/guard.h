/* Who may use the workbench. It listens where only this machine's own programs reach it, but every
 * page that is open in a browser here can send requests there: so each request names a host of ours
 * (against DNS rebinding), what changes something comes from a page of ours (Origin, RFC 6454), and
 * who asks has come by the link that the terminal printed.
 *
 * A link has a token of 128 random bits and is good once. It yields a session of GUARD_SESSION_S:
 * a cookie, which opens pages, and a secret that the page's script keeps and sends with each
 * request under /api. Any thread may call these. */
#ifndef SERVE_HTTP_GUARD_H
#define SERVE_HTTP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum {
    GUARD_WORD = 33,             /* 32 hexadecimal digits and a NUL */
    GUARD_SESSION_S = 12 * 3600, /* how long a session lasts */
    GUARD_SESSIONS = 64,         /* at a time; the oldest makes room */
};

struct guard;

/* For a server on `port`. `public_host` is "NAME:PORT" where the server is reached under another
 * name alone, NULL: under 127.0.0.1, [::1] and localhost. Free it. */
struct guard *guard_new(int port, const char *public_host);
void guard_free(struct guard *guard);

/* Adds a fresh link to `link`; the one before it is void. */
void guard_add_link(struct guard *guard, struct text *link);

/* What a link yields. */
struct guard_pass {
    char cookie[GUARD_WORD], secret[GUARD_WORD];
};

/* Begins a session at `now_ns` of the monotonic clock where `token` is the last link's and was not
 * used yet; false otherwise. */
bool guard_redeem(struct guard *guard, const char *token, int64_t now_ns, struct guard_pass *pass);

/* The name of the cookie: "coebench_<port>". */
const char *guard_cookie_name(const struct guard *guard);

/* Whether these values of a request's headers (NULL: it has none) are fine: of Host, of Origin, of
 * Cookie and of X-Coebench. */
bool guard_knows_host(const struct guard *guard, const char *host);
bool guard_knows_origin(const struct guard *guard, const char *origin);
bool guard_knows_cookie(struct guard *guard, const char *cookies, int64_t now_ns);
bool guard_knows_secret(struct guard *guard, const char *secret, int64_t now_ns);

#endif
