#include "serve/watch/journal_line.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/text.h"
#include "plan/order.h"

/* What is left of a text that is read from its front. */
struct rest {
    const char *at, *end;
};

static bool take(struct rest *rest, const char *wanted)
{
    size_t length = strlen(wanted);

    if ((size_t)(rest->end - rest->at) < length || memcmp(rest->at, wanted, length) != 0)
        return false;
    rest->at += length;
    return true;
}

static bool take_step(struct rest *rest, size_t *step)
{
    const char *from = rest->at;

    *step = 0;
    while (rest->at < rest->end && *rest->at >= '0' && *rest->at <= '9' &&
           *step < ORDER_VISITS_MOST)
        *step = 10 * *step + (size_t)(*rest->at++ - '0');
    return rest->at > from && *step < ORDER_VISITS_MOST;
}

/* --- A request ------------------------------------------------------------------------------- */

/* A value as it stands there, strings with their quotes. */
struct span {
    const char *at;
    size_t length;
};

static bool pass_string(struct rest *rest)
{
    bool escaped = false;

    while (++rest->at < rest->end) {
        if (!escaped && *rest->at == '"') {
            rest->at++;
            return true;
        }
        escaped = !escaped && *rest->at == '\\';
    }
    return false;
}

/* A list or an object, to the bracket that closes it. */
static bool pass_brackets(struct rest *rest)
{
    size_t depth = 0;

    while (rest->at < rest->end) {
        char byte = *rest->at;

        if (byte == '"') {
            if (!pass_string(rest))
                return false;
            continue;
        }
        rest->at++;
        depth += byte == '[' || byte == '{';
        if ((byte == ']' || byte == '}') && --depth == 0)
            return true;
    }
    return false;
}

static bool take_value(struct rest *rest, struct span *value)
{
    bool whole = true;

    value->at = rest->at;
    if (rest->at >= rest->end)
        return false;
    if (*rest->at == '"')
        whole = pass_string(rest);
    else if (*rest->at == '[' || *rest->at == '{')
        whole = pass_brackets(rest);
    else
        while (rest->at < rest->end && *rest->at != ',' && *rest->at != '}')
            rest->at++;
    value->length = (size_t)(rest->at - value->at);
    return whole && rest->at < rest->end && value->length > 0;
}

static bool is_null(const struct span *value)
{
    return value->length == 4 && memcmp(value->at, "null", 4) == 0;
}

static double number_of(const struct span *value)
{
    char text[64], *end;
    double number;

    if (value->length >= sizeof text)
        return NAN;
    memcpy(text, value->at, value->length);
    text[value->length] = '\0';
    number = strtod(text, &end);
    return *end == '\0' && isfinite(number) ? number : NAN;
}

/* A string's own bytes, cut to the room; an escape stays as it stands. */
static void copy_string(const struct span *value, char *to, size_t room)
{
    size_t length = value->length >= 2 && value->at[0] == '"' ? value->length - 2 : 0;

    text_copy_printable(value->at + 1, length, to, room);
}

/* "2026-11-29T07:35:24.610824Z" (RFC 3339, as core/clock.h writes it). */
static int64_t moment_of(const struct span *value)
{
    char text[40];
    struct tm tm = {0};
    long us = 0;

    copy_string(value, text, sizeof text);
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6ldZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &us) != 7)
        return 0;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (int64_t)timegm(&tm) * 1000000 + us;
}

static void take_member(struct journal_line *line, const struct span *key, const struct span *value)
{
    static const char *const keys[] = {
        "error_code",   "number_output_tokens", "client_ttft_s", "client_end_to_end_latency_s",
        "retry_wait_s", "probe_burst",          "phase",         "end_timestamp_utc"};
    size_t which = 0;

    while (which < sizeof keys / sizeof *keys &&
           (strlen(keys[which]) != key->length || memcmp(keys[which], key->at, key->length) != 0))
        which++;
    switch (which) {
    case 0:
        copy_string(value, line->failure, sizeof line->failure);
        break;
    case 1:
        line->output_tokens = number_of(value);
        break;
    case 2:
        line->ttft_s = number_of(value);
        break;
    case 3:
        line->latency_s = number_of(value);
        break;
    case 4:
        line->resent = !is_null(value);
        break;
    case 5:
    case 6:
        line->counts = line->counts && is_null(value);
        break;
    case 7:
        line->ended_us = moment_of(value);
        break;
    }
}

static bool take_key(struct rest *rest, struct span *key)
{
    const char *from = rest->at + 1;

    if (rest->at >= rest->end || *rest->at != '"' || !pass_string(rest))
        return false;
    *key = (struct span){from, (size_t)(rest->at - from) - 1};
    return take(rest, ":");
}

/* The members of the object at `rest`, which ends the line's own. */
static bool take_request(struct rest *rest, struct journal_line *line)
{
    struct span key, value;

    line->counts = true;
    line->output_tokens = line->ttft_s = line->latency_s = NAN;
    if (!take(rest, "{"))
        return false;
    do {
        if (!take_key(rest, &key) || !take_value(rest, &value))
            return false;
        take_member(line, &key, &value);
    } while (take(rest, ","));
    return take(rest, "}}") && rest->at == rest->end;
}

/* --- A mark ---------------------------------------------------------------------------------- */

static bool take_mark(const char *bytes, size_t length, const char *what, struct journal_line *line)
{
    cJSON *root = cJSON_ParseWithLength(bytes, length);
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(root, what);
    bool found = cJSON_IsString(text);

    if (found)
        text_copy_printable(text->valuestring, strlen(text->valuestring), line->text,
                            sizeof line->text);
    cJSON_Delete(root);
    return found;
}

void journal_line_read(const char *bytes, size_t length, struct journal_line *line)
{
    struct rest rest = {bytes, bytes + length};

    *line = (struct journal_line){.kind = JOURNAL_OTHER};
    if (!take(&rest, "{\"step\":") || !take_step(&rest, &line->step))
        return;
    if (take(&rest, ",\"request\":") && take_request(&rest, line))
        line->kind = JOURNAL_REQUEST;
    else if (take(&rest, ",\"begins\":") && take_mark(bytes, length, "begins", line))
        line->kind = JOURNAL_BEGINS;
    else if (take(&rest, ",\"ends\":") && take_mark(bytes, length, "ends", line))
        line->kind = JOURNAL_ENDS;
}
