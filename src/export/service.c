#include "export/service.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/memory.h"
#include "core/secrets.h"
#include "load/fetch.h"

enum { PAUSES = 5, HEADERS_MOST = 16 };
static const double first_pause_s = 0.25, connect_timeout_s = 10, timeout_s = 60;

/* --- Where it is, and who asks ---------------------------------------------------------------- */

const char *service_variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static bool check_url(const char *name, const char *url, struct error *error)
{
    bool http = strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
    const char *host = http ? strstr(url, "://") + 3 : url;

    if (!http || !fetch_understands(url, error))
        return error_set(error, "%s: '%s' is no address; write http://HOST:PORT or https://HOST",
                         name, url);
    if (memchr(host, '@', strcspn(host, "/?#")))
        return error_set(error,
                         "%s: the address holds a user or password, which others see; name them in "
                         "the environment",
                         name);
    return true;
}

bool service_open(struct service *service, const char *name, const char *url,
                  const atomic_int *stop, struct error *error)
{
    size_t length = strlen(url);

    *service = (struct service){.name = name, .secrets = secrets_new(), .stop = stop};
    while (length > 0 && url[length - 1] == '/')
        length--;
    service->url = memory_bytes(url, length);
    service->target = (struct target){.connect_timeout_s = connect_timeout_s,
                                      .secrets = service->secrets,
                                      .headers = service->header};
    return check_url(name, url, error);
}

void service_close(struct service *service)
{
    for (size_t i = 0; i < HEADERS_MOST; i++)
        free(service->header[i]);
    free(service->authorization);
    free(service->url);
    secrets_free(service->secrets);
    *service = (struct service){0};
}

void service_authorize(struct service *service, const char *token, const char *user,
                       const char *password)
{
    struct text line = {0}, pair = {0};

    if (!token && !user)
        return;
    text_add_string(&line, token ? "Authorization: Bearer " : "Authorization: Basic ");
    if (token) {
        text_add_string(&line, token);
    } else {
        text_printf(&pair, "%s:%s", user, password ? password : "");
        text_add_base64(&line, pair.bytes, pair.length);
    }
    secrets_add(service->secrets, token ? token : password);
    secrets_add(service->secrets, pair.bytes);
    text_clear(&pair);
    service->authorization = text_take(&line);
    service->target.key_header = service->authorization;
}

bool service_add_header(struct service *service, const char *line)
{
    const char *colon = strchr(line, ':');

    for (size_t i = 0; colon && i < HEADERS_MOST; i++) {
        if (service->header[i])
            continue;
        service->header[i] = memory_text(line);
        secrets_add(service->secrets, colon + 1 + strspn(colon + 1, " "));
        return true;
    }
    return false;
}

/* --- Asking ------------------------------------------------------------------------------------
 */

static bool is_stopped(const struct service *service)
{
    return service->stop && *service->stop;
}

/* In short pieces, since a person who ends it does not wait. */
static void sleep_for(const struct service *service, double seconds)
{
    for (double slept = 0; slept < seconds && !is_stopped(service); slept += 0.05)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

static bool may_pass(const struct service *service, int status)
{
    if (service->may_pass)
        return service->may_pass(status);
    return status == 408 || status == 429 || status >= 500;
}

/* Services that speak JSON say what is wrong as `message`; others in words of their own. */
static void set_refusal(const struct service *service, const struct service_reply *reply,
                        const struct text *body, struct error *error)
{
    const char *message = service_text(reply, "message");
    char shown[400];

    if (!message)
        message = body->bytes ? body->bytes : "";
    text_copy_printable(message, strnlen(message, sizeof shown - 1), shown, sizeof shown);
    error_set(error, "%s answered HTTP %d%s%s", service->name, reply->status, shown[0] ? ": " : "",
              shown);
}

/* Once. */
static bool ask(struct service *service, const struct fetch *how, struct service_reply *reply,
                bool *again, struct error *error)
{
    struct fetched fetched = {0};
    struct error why = {0};
    bool came = fetch_ask(&service->target, how, &fetched, &why), done;

    reply->status = fetched.status;
    reply->json = fetched.body.length > 0
                      ? cJSON_ParseWithLength(fetched.body.bytes, fetched.body.length)
                      : NULL;
    *again = (!came || may_pass(service, fetched.status)) && !is_stopped(service);
    done = came && fetch_is_accepted(&fetched);
    if (came && !done)
        set_refusal(service, reply, &fetched.body, error);
    else if (!came)
        error_set(error, "%s at %s: %s", service->name, service->url, why.text);
    fetched_clear(&fetched);
    return done;
}

bool service_ask(struct service *service, const char *path, const struct text *sent,
                 const char *put, struct service_reply *reply, struct error *error)
{
    char *url = memory_printf("%s%s", service->url, path);
    const struct fetch how = {
        .url = url, .sent = sent, .put = put, .timeout_s = timeout_s, .stop = service->stop};
    bool again, done;

    for (;;) {
        done = ask(service, &how, reply, &again, error);
        if (done || !again || service->pauses >= PAUSES)
            break;
        sleep_for(service, first_pause_s * (double)(1 << service->pauses++));
        service_reply_clear(reply);
    }
    free(url);
    return done;
}

void service_reply_clear(struct service_reply *reply)
{
    cJSON_Delete(reply->json);
    *reply = (struct service_reply){0};
}

const char *service_text(const struct service_reply *reply, const char *path)
{
    const cJSON *item = reply->json;
    char name[64];

    while (item && *path) {
        size_t length = strcspn(path, ".");

        if (length >= sizeof name)
            return NULL;
        memcpy(name, path, length);
        name[length] = '\0';
        item = cJSON_GetObjectItemCaseSensitive(item, name);
        path += length + (path[length] == '.');
    }
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

void service_add_segment(struct text *path, const char *text)
{
    for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
        if (isalnum(*byte) || strchr("-._~", *byte))
            text_add_char(path, (char)*byte);
        else
            text_printf(path, "%%%02X", *byte);
    }
}
