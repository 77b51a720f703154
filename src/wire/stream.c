#include "wire/stream.h"

#include <string.h>

void stream_start(struct stream *stream, enum stream_framing framing,
                  void (*on_event)(void *context, const char *payload, size_t length),
                  void *context)
{
    text_reset(&stream->line);
    text_reset(&stream->data);
    stream->framing = framing;
    stream->on_event = on_event;
    stream->context = context;
    stream->has_data = stream->after_cr = stream->started = false;
}

static void deliver_event(struct stream *stream)
{
    if (stream->data.length > 0)
        stream->on_event(stream->context, stream->data.bytes, stream->data.length);
    text_reset(&stream->data);
    stream->has_data = false;
}

/* A whole line of an event; only its `data` means anything to us, a comment or other field nothing.
 */
static void take_field(struct stream *stream, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    size_t name = colon ? (size_t)(colon - line) : length;
    size_t value = colon ? name + 1 : length;

    if (name != 4 || memcmp(line, "data", 4) != 0)
        return;
    if (value < length && line[value] == ' ')
        value++;
    if (stream->has_data)
        text_add_char(&stream->data, '\n');
    text_add(&stream->data, line + value, length - value);
    stream->has_data = true;
}

static void take_line(struct stream *stream)
{
    struct text *line = &stream->line;
    const char *bytes = line->bytes ? line->bytes : "";
    size_t skip = 0;

    if (!stream->started && line->length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        skip = 3;
    stream->started = true;
    if (stream->framing == STREAM_LINES) {
        if (strspn(bytes + skip, " \t") < line->length - skip)
            stream->on_event(stream->context, bytes + skip, line->length - skip);
    } else if (line->length == skip) {
        deliver_event(stream);
    } else {
        take_field(stream, bytes + skip, line->length - skip);
    }
    text_reset(line);
}

static const char *find_line_end(const char *bytes, const char *end)
{
    const char *lf = memchr(bytes, '\n', (size_t)(end - bytes));
    const char *cr = memchr(bytes, '\r', (size_t)((lf ? lf : end) - bytes));

    return cr ? cr : lf;
}

bool stream_feed(struct stream *stream, const char *bytes, size_t length)
{
    const char *end = bytes + length;

    while (bytes < end) {
        const char *stop;

        if (stream->after_cr && *bytes == '\n')
            bytes++;
        stream->after_cr = false;
        stop = find_line_end(bytes, end);
        text_add(&stream->line, bytes, (size_t)((stop ? stop : end) - bytes));
        if (stream->line.length + stream->data.length > STREAM_EVENT_MOST)
            return false;
        if (!stop)
            return true;
        take_line(stream);
        stream->after_cr = *stop == '\r';
        bytes = stop + 1;
    }
    return true;
}

void stream_finish(struct stream *stream)
{
    if (stream->framing == STREAM_LINES && stream->line.length > 0)
        take_line(stream);
    else if (stream->line.length == 0)
        deliver_event(stream);
}

void stream_clear(struct stream *stream)
{
    text_clear(&stream->line);
    text_clear(&stream->data);
}
