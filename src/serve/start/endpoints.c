#include "serve/start/endpoints.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"
#include "serve/http/guard.h"
#include "serve/own_folder.h"
#include "serve/start/draft.h"
#include "serve/workbench.h"

/* --- What was typed -------------------------------------------------------------------------- */

void typed_endpoint_copy(const struct typed_endpoint *from, struct typed_endpoint *to)
{
    *to = (struct typed_endpoint){
        .api = from->api, .address = memory_text(from->address), .key = memory_text(from->key)};
}

static void wipe(char *text)
{
    if (text)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
}

void typed_endpoint_clear(struct typed_endpoint *typed)
{
    wipe(typed->address); /* its query is a secret too */
    wipe(typed->key);
    *typed = (struct typed_endpoint){0};
}

/* Control characters would end a header's line. */
static bool take(const cJSON *object, const char *name, size_t most, char **text,
                 struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    const char *value = cJSON_GetStringValue(item);

    if (!item || cJSON_IsNull(item) || (value && !value[0]))
        return true;
    if (!value || strlen(value) > most)
        return error_set(error, "%s: is not a text of at most %zu bytes", name, most);
    for (const char *at = value; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return error_set(error, "%s: holds a control character", name);
    }
    *text = memory_text(value);
    return true;
}

static bool take_api(const cJSON *object, enum llm_api *api, struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "api");
    const char *name = cJSON_GetStringValue(item);

    if (!item || cJSON_IsNull(item))
        return true;
    for (int i = 0; name && i < API_COUNT; i++) {
        *api = (enum llm_api)i;
        if (strcmp(api_at(*api)->name, name) == 0)
            return true;
    }
    return error_set(error, "api: is none of %s", API_WORDS);
}

/* The parser's own copy of the key goes too. */
static void forget(cJSON *object)
{
    char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "key"));

    if (key)
        OPENSSL_cleanse(key, strlen(key));
    cJSON_Delete(object);
}

bool typed_endpoint_read(const char *bytes, size_t length, struct typed_endpoint *typed,
                         struct error *error)
{
    cJSON *object = bytes ? cJSON_ParseWithLength(bytes, length) : NULL;
    bool read;

    *typed = (struct typed_endpoint){0};
    read = cJSON_IsObject(object)
               ? take_api(object, &typed->api, error) &&
                     take(object, "address", ENDPOINTS_ADDRESS, &typed->address, error) &&
                     take(object, "key", ENDPOINTS_KEY, &typed->key, error)
               : error_set(error, "the body is no JSON object");
    if (read && !typed->address && typed->key)
        read = error_set(error, "address: is missing; a key belongs to one");
    forget(object);
    return read;
}

/* --- By session ------------------------------------------------------------------------------ */

struct session_endpoint {
    char secret[GUARD_WORD]; /* "": the place is free */
    int64_t since_ns;
    struct typed_endpoint typed;
};

struct endpoints {
    pthread_mutex_t lock;
    struct session_endpoint session[GUARD_SESSIONS];
};

struct endpoints *endpoints_new(void)
{
    struct endpoints *endpoints = memory_new(1, sizeof *endpoints);

    pthread_mutex_init(&endpoints->lock, NULL);
    return endpoints;
}

void endpoints_free(struct endpoints *endpoints)
{
    if (!endpoints)
        return;
    for (size_t i = 0; i < GUARD_SESSIONS; i++)
        typed_endpoint_clear(&endpoints->session[i].typed);
    pthread_mutex_destroy(&endpoints->lock);
    OPENSSL_cleanse(endpoints, sizeof *endpoints);
    free(endpoints);
}

/* The session's place; where it has none and `makes`, a free one, or that of the oldest. */
static struct session_endpoint *place_of(struct endpoints *endpoints, const char *secret,
                                         bool makes)
{
    struct session_endpoint *oldest = &endpoints->session[0];

    for (size_t i = 0; i < GUARD_SESSIONS; i++) {
        struct session_endpoint *place = &endpoints->session[i];

        if (strcmp(place->secret, secret) == 0)
            return place;
        if (oldest->secret[0] && (!place->secret[0] || place->since_ns < oldest->since_ns))
            oldest = place;
    }
    return makes ? oldest : NULL;
}

void endpoints_set(struct endpoints *endpoints, const char *secret,
                   const struct typed_endpoint *typed)
{
    struct session_endpoint *place;

    if (!secret || strlen(secret) != GUARD_WORD - 1)
        return;
    pthread_mutex_lock(&endpoints->lock);
    place = place_of(endpoints, secret, true);
    typed_endpoint_clear(&place->typed);
    memcpy(place->secret, secret, GUARD_WORD);
    place->since_ns = clock_monotonic_ns();
    typed_endpoint_copy(typed, &place->typed);
    pthread_mutex_unlock(&endpoints->lock);
}

void endpoints_get(struct endpoints *endpoints, const char *secret, struct typed_endpoint *typed)
{
    const struct session_endpoint *place;

    *typed = (struct typed_endpoint){0};
    if (!secret || !secret[0])
        return;
    pthread_mutex_lock(&endpoints->lock);
    place = place_of(endpoints, secret, false);
    if (place)
        typed_endpoint_copy(&place->typed, typed);
    pthread_mutex_unlock(&endpoints->lock);
}

bool endpoints_find(struct endpoints *endpoints, enum llm_api api, const char *address,
                    struct typed_endpoint *typed)
{
    bool found = false;

    pthread_mutex_lock(&endpoints->lock);
    for (size_t i = 0; i < GUARD_SESSIONS && !found; i++) {
        const struct typed_endpoint *one = &endpoints->session[i].typed;
        size_t length = one->address ? strcspn(one->address, "?") : 0;

        found = one->key && one->address && one->api == api && strlen(address) == length &&
                strncmp(one->address, address, length) == 0;
        if (found)
            typed_endpoint_copy(one, typed);
    }
    pthread_mutex_unlock(&endpoints->lock);
    return found;
}

/* --- As the commands find it ----------------------------------------------------------------- */

static void take_key(struct endpoint *endpoint, const char *key)
{
    wipe(endpoint->key);
    free(endpoint->key_source);
    endpoint->key = memory_text(key);
    endpoint->key_source = memory_text("typed");
    endpoint->keyless = false;
}

static bool look_up(const char *beside, const struct typed_endpoint *typed, enum llm_api api,
                    struct endpoint *endpoint, struct error *error)
{
    struct faults faults = {0}, warnings = {0};
    bool found;

    *endpoint = (struct endpoint){0};
    found = environment_read_at(typed->address, api, beside, endpoint, &faults, &warnings) &&
            faults.count == 0;
    if (!found)
        error_set(error, "%s", faults.count > 0 ? faults.text[0] : "no endpoint is known");
    if (found && typed->address && typed->key)
        take_key(endpoint, typed->key);
    faults_clear(&faults);
    faults_clear(&warnings);
    return found;
}

/* How much speaks for a kind of endpoint that was not asked for. */
static int rank(const char *beside, const struct typed_endpoint *typed, enum llm_api api)
{
    struct endpoint endpoint;
    struct error error;
    int points = 0;

    if (look_up(beside, typed, api, &endpoint, &error)) {
        bool given = endpoint.address_source && strcmp(endpoint.address_source, "default") != 0;

        points = 1 + given + 2 * !endpoint.keyless;
    }
    endpoint_clear(&endpoint);
    return points;
}

static enum llm_api choose(const char *beside, const struct typed_endpoint *typed)
{
    enum llm_api best = (enum llm_api)0;
    int most = 1; /* a default alone chooses nothing */

    for (int i = 0; i < API_COUNT; i++) {
        int points = rank(beside, typed, (enum llm_api)i);

        if (points > most) {
            most = points;
            best = (enum llm_api)i;
        }
    }
    return best;
}

bool endpoints_look_up(const struct workbench *workbench, const struct typed_endpoint *typed,
                       enum llm_api *api, struct endpoint *endpoint, struct error *error)
{
    char *beside = own_folder_path(workbench, "drafts/config.yaml");
    bool found;

    *api = typed->address ? typed->api : choose(beside, typed);
    found = look_up(beside, typed, *api, endpoint, error);
    free(beside);
    return found;
}

/* --- For a child ----------------------------------------------------------------------------- */

static size_t count_variables(char *const *environment)
{
    size_t count = 0;

    while (environment[count])
        count++;
    return count;
}

static bool is_variable(const char *line, const char *name)
{
    size_t length = name ? strlen(name) : 0;

    return name && strncmp(line, name, length) == 0 && line[length] == '=';
}

/* Whether what was typed stands in the place of the line. */
static bool is_replaced(const char *line, const struct typed_endpoint *typed)
{
    const struct environment_family *family = &api_at(typed->api)->environment;

    for (size_t i = 0; family->address[i]; i++) {
        if (is_variable(line, family->address[i]))
            return true;
    }
    return typed->key && is_variable(line, family->key);
}

char **endpoints_environment(const struct typed_endpoint *typed)
{
    char **made = memory_new(count_variables(environ) + 3, sizeof *made);
    const struct environment_family *family = &api_at(typed->api)->environment;
    size_t count = 0;

    for (char *const *line = environ; *line; line++) {
        if (!typed->address || !is_replaced(*line, typed))
            made[count++] = memory_text(*line);
    }
    if (typed->address)
        made[count++] = memory_printf("%s=%s", family->address[0], typed->address);
    if (typed->address && typed->key && family->key)
        made[count++] = memory_printf("%s=%s", family->key, typed->key);
    return made;
}

void endpoints_environment_free(char **environment)
{
    for (size_t i = 0; environment && environment[i]; i++)
        wipe(environment[i]);
    free(environment);
}
