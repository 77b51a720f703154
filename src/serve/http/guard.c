#include "serve/http/guard.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/random.h"

enum { HOSTS = 3, HOST = 280 };

struct session {
    struct guard_pass pass;
    int64_t until_ns;
};

struct guard {
    pthread_mutex_t lock;
    char host[HOSTS][HOST]; /* "" behind the last */
    char cookie_name[24];
    char token[GUARD_WORD]; /* "": the last link was used */
    struct session session[GUARD_SESSIONS];
    size_t next; /* place of the session to come */
};

static void draw(char word[GUARD_WORD])
{
    snprintf(word, GUARD_WORD, "%016llx%016llx", (unsigned long long)random_fresh(),
             (unsigned long long)random_fresh());
}

/* In a time that does not tell where two words begin to differ. */
static bool is_same(const char *a, const char *b)
{
    return strlen(a) == GUARD_WORD - 1 && strlen(b) == GUARD_WORD - 1 &&
           CRYPTO_memcmp(a, b, GUARD_WORD - 1) == 0;
}

struct guard *guard_new(int port, const char *public_host)
{
    static const char *const own[HOSTS] = {"127.0.0.1", "[::1]", "localhost"};
    struct guard *guard = memory_new(1, sizeof *guard);

    pthread_mutex_init(&guard->lock, NULL);
    if (public_host)
        snprintf(guard->host[0], HOST, "%s", public_host);
    for (size_t i = 0; i < HOSTS && !public_host; i++)
        snprintf(guard->host[i], HOST, "%s:%d", own[i], port);
    snprintf(guard->cookie_name, sizeof guard->cookie_name, "coebench_%d", port);
    return guard;
}

void guard_free(struct guard *guard)
{
    if (!guard)
        return;
    pthread_mutex_destroy(&guard->lock);
    OPENSSL_cleanse(guard, sizeof *guard);
    free(guard);
}

void guard_add_link(struct guard *guard, struct text *link)
{
    pthread_mutex_lock(&guard->lock);
    draw(guard->token);
    text_printf(link, "http://%s/enter#%s", guard->host[0], guard->token);
    pthread_mutex_unlock(&guard->lock);
}

static void begin_session(struct guard *guard, int64_t now_ns, struct guard_pass *pass)
{
    struct session *session = &guard->session[guard->next++ % GUARD_SESSIONS];

    draw(session->pass.cookie);
    draw(session->pass.secret);
    session->until_ns = now_ns + GUARD_SESSION_S * CLOCK_NS_PER_S;
    *pass = session->pass;
}

bool guard_redeem(struct guard *guard, const char *token, int64_t now_ns, struct guard_pass *pass)
{
    bool good;

    pthread_mutex_lock(&guard->lock);
    good = is_same(token, guard->token);
    if (good) {
        guard->token[0] = '\0';
        begin_session(guard, now_ns, pass);
    }
    pthread_mutex_unlock(&guard->lock);
    return good;
}

const char *guard_cookie_name(const struct guard *guard)
{
    return guard->cookie_name;
}

bool guard_knows_host(const struct guard *guard, const char *host)
{
    for (size_t i = 0; host && i < HOSTS && guard->host[i][0]; i++) {
        if (strcasecmp(host, guard->host[i]) == 0)
            return true;
    }
    return false;
}

bool guard_knows_origin(const struct guard *guard, const char *origin)
{
    static const char scheme[] = "http://";

    return origin && strncmp(origin, scheme, strlen(scheme)) == 0 &&
           guard_knows_host(guard, origin + strlen(scheme));
}

static bool knows(struct guard *guard, const char *word, bool cookie, int64_t now_ns)
{
    bool known = false;

    pthread_mutex_lock(&guard->lock);
    for (size_t i = 0; i < GUARD_SESSIONS; i++) {
        const struct session *session = &guard->session[i];

        known |= session->until_ns > now_ns &&
                 is_same(word, cookie ? session->pass.cookie : session->pass.secret);
    }
    pthread_mutex_unlock(&guard->lock);
    return known;
}

/* The value of our cookie in a Cookie header (RFC 6265, 4.2.1: pairs parted by "; "). */
static bool find_cookie(const char *cookies, const char *name, char word[GUARD_WORD])
{
    for (const char *at = cookies; at; at = strchr(at, ';')) {
        at += strspn(at, "; ");
        if (strncmp(at, name, strlen(name)) == 0 && at[strlen(name)] == '=') {
            snprintf(word, GUARD_WORD, "%s", at + strlen(name) + 1);
            return true;
        }
    }
    return false;
}

bool guard_knows_cookie(struct guard *guard, const char *cookies, int64_t now_ns)
{
    char word[GUARD_WORD];

    return cookies && find_cookie(cookies, guard->cookie_name, word) &&
           knows(guard, word, true, now_ns);
}

bool guard_knows_secret(struct guard *guard, const char *secret, int64_t now_ns)
{
    return secret && knows(guard, secret, false, now_ns);
}
