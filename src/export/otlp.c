#include "export/otlp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "export/otlp_data.h"
#include "export/service.h"

/* One of the two kinds, and where it goes. */
struct signal {
    const char *path, *things; /* "/v1/metrics", "data points" */
    const char *refused;       /* how many of them, in a reply */
    bool (*send)(const struct runs *runs, const struct otlp_sink *sink, struct error *error);
    bool missing; /* the service has no such path */
    size_t bodies;
};

struct otlp {
    struct service service;
    struct signal *signal; /* that is being sent */
    struct text *told;
};

/* --- Where it is, and who asks ---------------------------------------------------------------- */

/* What OTLP has asked again; nothing else may be (its specification, "Retryable Response Codes").
 */
static bool may_pass(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

static int hex_digit(char byte)
{
    return isdigit((unsigned char)byte) ? byte - '0' : tolower((unsigned char)byte) - 'a' + 10;
}

/* Adds a value with its %XX undone. */
static void add_plain(struct text *text, const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (value[i] == '%' && i + 2 < length && isxdigit((unsigned char)value[i + 1]) &&
            isxdigit((unsigned char)value[i + 2])) {
            text_add_char(text, (char)(hex_digit(value[i + 1]) * 16 + hex_digit(value[i + 2])));
            i += 2;
        } else {
            text_add_char(text, value[i]);
        }
    }
}

static bool is_line(const struct text *text)
{
    for (size_t i = 0; i < text->length; i++) {
        if ((unsigned char)text->bytes[i] < ' ' || text->bytes[i] == 127)
            return false;
    }
    return true;
}

static size_t trim(const char **part, size_t length)
{
    while (length > 0 && isspace((unsigned char)**part))
        (*part)++, length--;
    while (length > 0 && isspace((unsigned char)(*part)[length - 1]))
        length--;
    return length;
}

/* "name=value", of which the sentence names no more than its place: it is a secret. */
static bool add_header(struct service *service, const char *part, size_t length, size_t place,
                       struct error *error)
{
    const char *equals = memchr(part, '=', length), *value = equals ? equals + 1 : NULL;
    size_t name = equals ? trim(&part, (size_t)(equals - part)) : 0;
    size_t rest = equals ? trim(&value, length - (size_t)(value - part)) : 0;
    struct text line = {0};
    bool done = false;

    if (name > 0) {
        text_add(&line, part, name);
        text_add_string(&line, ": ");
        add_plain(&line, value, rest);
        done = is_line(&line) && service_add_header(service, line.bytes);
    }
    text_clear(&line);
    return done || error_set(error,
                             "OTLP: entry %zu of OTEL_EXPORTER_OTLP_HEADERS is not taken; write at "
                             "most 16 as name=value, with commas between them",
                             place);
}

/* A list as W3C Baggage has it, without properties (OTEL_EXPORTER_OTLP_HEADERS). */
static bool add_headers(struct service *service, const char *list, struct error *error)
{
    bool done = true;

    for (size_t place = 1; done && list; place++) {
        size_t length = strcspn(list, ",");
        const char *part = list;
        size_t rest = trim(&part, length);

        done = rest == 0 || add_header(service, part, rest, place, error);
        list = list[length] ? list + length + 1 : NULL;
    }
    return done;
}

static bool open_service(struct otlp *otlp, const struct sending *sending, struct error *error)
{
    const char *url =
        *sending->url ? sending->url : service_variable("OTEL_EXPORTER_OTLP_ENDPOINT");

    if (!url)
        return error_set(error, "OTLP: no address is known; write otlp:http://HOST:4318, or set "
                                "OTEL_EXPORTER_OTLP_ENDPOINT");
    if (!service_open(&otlp->service, "OTLP", url, sending->stop, error))
        return false;
    otlp->service.may_pass = may_pass;
    otlp->service.target.ca_file = service_variable("OTEL_EXPORTER_OTLP_CERTIFICATE");
    return add_headers(&otlp->service, service_variable("OTEL_EXPORTER_OTLP_HEADERS"), error);
}

/* --- Sending ------------------------------------------------------------------------------------
 */

/* A count as replies have it: a number, or as 64 bits are in JSON, a text. */
static double count_of(const cJSON *item)
{
    if (cJSON_IsString(item))
        return strtod(item->valuestring, NULL);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* A body may be taken in part, and is not to be sent again then: what is refused stays refused. */
static bool judge(struct otlp *otlp, const struct service_reply *reply, struct error *error)
{
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(reply->json, "partialSuccess");
    const char *why = service_text(reply, "partialSuccess.errorMessage");
    double refused = count_of(cJSON_GetObjectItemCaseSensitive(part, otlp->signal->refused));
    char shown[400] = "";

    if (why)
        text_copy_printable(why, strnlen(why, sizeof shown - 1), shown, sizeof shown);
    if (refused > 0)
        return error_set(error, "OTLP: the service refused %.0f %s of one body at %s%s%s", refused,
                         otlp->signal->things, otlp->signal->path, shown[0] ? ": " : "", shown);
    if (shown[0])
        text_printf(otlp->told, "OTLP: the service took all at %s, and says: %s\n",
                    otlp->signal->path, shown);
    return true;
}

static bool send_body(void *context, const struct text *body, struct error *error)
{
    struct otlp *otlp = context;
    struct signal *signal = otlp->signal;
    struct service_reply reply = {0};
    bool done = service_ask(&otlp->service, signal->path, body, NULL, &reply, error);

    signal->missing = reply.status == 404 && signal->bodies == 0;
    done = done && judge(otlp, &reply, error);
    signal->bodies += done;
    service_reply_clear(&reply);
    return done;
}

/* Some services keep metrics alone, others traces. */
static bool send_signal(struct otlp *otlp, struct signal *signal, const struct runs *runs,
                        struct error *error)
{
    const struct otlp_sink sink = {send_body, otlp};

    otlp->signal = signal;
    return signal->send(runs, &sink, error) || signal->missing;
}

static bool send_all(struct otlp *otlp, const struct runs *runs, struct error *error)
{
    struct signal signals[] = {
        {.path = "/v1/metrics",
         .things = "data points",
         .refused = "rejectedDataPoints",
         .send = otlp_data_send_metrics},
        {.path = "/v1/traces",
         .things = "spans",
         .refused = "rejectedSpans",
         .send = otlp_data_send_spans},
    };
    const struct signal *metrics = &signals[0], *traces = &signals[1];

    if (!send_signal(otlp, &signals[0], runs, error) ||
        !send_signal(otlp, &signals[1], runs, error) || (metrics->missing && traces->missing))
        return false;
    if (metrics->missing || traces->missing)
        text_printf(otlp->told, "OTLP: the service has no %s: no %s were sent\n",
                    metrics->missing ? metrics->path : traces->path,
                    metrics->missing ? metrics->things : traces->things);
    return true;
}

bool otlp_send(const struct sending *sending, const struct runs *runs, struct text *told,
               struct error *error)
{
    struct otlp otlp = {.told = told};
    bool done = open_service(&otlp, sending, error) && send_all(&otlp, runs, error);
    char trace[OTLP_TRACE_ID];

    if (done) {
        otlp_data_trace_id(&runs->results[0], trace);
        text_printf(told, "otlp: %s: trace %s\n", otlp.service.url, trace);
    }
    service_close(&otlp.service);
    return done;
}
