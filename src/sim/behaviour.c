#include "sim/behaviour.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "sim/http.h"

int64_t behaviour_reasoning_tokens(const struct bundle_behaviour *behaviour, int64_t total)
{
    return behaviour->reasoning_tokens < total ? behaviour->reasoning_tokens : total;
}

int64_t behaviour_chunk_tokens(const struct bundle_behaviour *behaviour, int64_t first,
                               int64_t total)
{
    int64_t reasoning = behaviour_reasoning_tokens(behaviour, total);
    int64_t left = (first < reasoning ? reasoning : total) - first;
    int64_t together = behaviour->tokens_per_chunk > 1 ? behaviour->tokens_per_chunk : 1;

    return together < left ? together : left;
}

bool behaviour_leaves_tokens_alike(const struct bundle_behaviour *behaviour)
{
    return behaviour->tokens_per_chunk <= 1 && behaviour->reasoning_tokens == 0 &&
           behaviour->usage != BUNDLE_USAGE_EVERY_CHUNK &&
           behaviour->usage != BUNDLE_USAGE_LAST_CONTENT;
}

/* Adds the event with its lines as the server writes them. */
static void add_lines(const struct bundle_behaviour *behaviour, const struct text *event,
                      struct text *lines)
{
    static const char spaced[] = "data: ";
    const size_t length = sizeof spaced - 1;
    size_t i = 0;

    if (event->length > length && memcmp(event->bytes, spaced, length) == 0) {
        if (behaviour->event_fields)
            text_add_string(lines, behaviour->crlf ? "event: message\r\n" : "event: message\n");
        text_add(lines, spaced, behaviour->no_space ? length - 1 : length);
        i = length;
    }
    for (; i < event->length; i++) {
        if (behaviour->crlf && event->bytes[i] == '\n')
            text_add_char(lines, '\r');
        text_add_char(lines, event->bytes[i]);
    }
}

static void add_pieces(const struct text *lines, size_t size, struct text *wire)
{
    for (size_t at = 0; at < lines->length; at += size) {
        struct text piece = {lines->bytes + at, lines->length - at, 0};

        if (piece.length > size)
            piece.length = size;
        http_add_chunk(wire, &piece);
    }
}

void behaviour_add_event(const struct bundle_behaviour *behaviour, const struct text *event,
                         struct text *wire)
{
    struct text lines = {0};

    if (!behaviour->crlf && !behaviour->no_space && !behaviour->event_fields &&
        behaviour->bytes_per_piece == 0) {
        http_add_chunk(wire, event);
        return;
    }
    add_lines(behaviour, event, &lines);
    add_pieces(&lines,
               behaviour->bytes_per_piece > 0 ? (size_t)behaviour->bytes_per_piece : lines.length,
               wire);
    text_clear(&lines);
}

bool rate_admits(struct rate *rate, double most_per_s, int64_t now_ns)
{
    const double most = fmax(most_per_s, 1);

    if (most_per_s == 0)
        return true;
    rate->free = rate->begun
                     ? fmin(most, rate->free + clock_seconds(rate->at_ns, now_ns) * most_per_s)
                     : most;
    rate->begun = true;
    rate->at_ns = now_ns;
    if (rate->free < 1)
        return false;
    rate->free--;
    return true;
}
