#include "wire/stream.h"

#include <string.h>

void stream_start(struct stream *stream, enum stream_framing framing,
                  void (*on_event)(void *context, const char *payload, size_t length),
                  void *context)
{
    text_reset(&stream->line);
    text_reset(&stream->joined);
    stream->framing = framing;
    stream->on_event = on_event;
    stream->context = context;
    stream->most = STREAM_EVENT_MOST;
    stream->data_length = 0;
    stream->has_data = stream->after_cr = stream->started = false;
}

/* --- The data of an event -------------------------------------------------------------------- */

static bool is_joined(const struct stream *stream)
{
    return stream->joined.length > 0;
}

/* Moves the data to where it stays when the bytes being read go. */
static void keep_data(struct stream *stream)
{
    if (stream->data_length == 0 || is_joined(stream))
        return;
    text_add(&stream->joined, stream->data, stream->data_length);
    stream->data = stream->joined.bytes;
}

static void add_data(struct stream *stream, const char *value, size_t length)
{
    if (stream->has_data) {
        keep_data(stream);
        text_add_char(&stream->joined, '\n');
        text_add(&stream->joined, value, length);
        value = stream->joined.bytes;
        length = stream->joined.length;
    }
    stream->data = value;
    stream->data_length = length;
    stream->has_data = true;
}

static void deliver_event(struct stream *stream)
{
    if (stream->data_length > 0)
        stream->on_event(stream->context, stream->data, stream->data_length);
    text_reset(&stream->joined);
    stream->data_length = 0;
    stream->has_data = false;
}

/* --- Lines ----------------------------------------------------------------------------------- */

/* A whole line of an event; only its `data` means anything to us, a comment or other field nothing.
 */
static void take_field(struct stream *stream, const char *line, size_t length)
{
    static const char name[] = "data:";
    enum { NAME = sizeof name - 1 };

    if (length >= NAME && memcmp(line, name, NAME) == 0) {
        size_t value = NAME + (length > NAME && line[NAME] == ' ');

        add_data(stream, line + value, length - value);
    } else if (length == NAME - 1 && memcmp(line, name, NAME - 1) == 0) {
        add_data(stream, line + length, 0);
    }
}

static bool is_blank(const char *line, size_t length)
{
    size_t blanks = 0;

    while (blanks < length && (line[blanks] == ' ' || line[blanks] == '\t'))
        blanks++;
    return blanks == length;
}

static void take_line(struct stream *stream, const char *line, size_t length)
{
    if (!stream->started && length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
        line += 3;
        length -= 3;
    }
    stream->started = true;
    if (stream->framing == STREAM_LINES) {
        if (!is_blank(line, length))
            stream->on_event(stream->context, line, length);
    } else if (length == 0) {
        deliver_event(stream);
    } else {
        take_field(stream, line, length);
    }
}

/* Ends the line that earlier bytes began, if they did, with these. */
static void end_line(struct stream *stream, const char *bytes, size_t length)
{
    if (stream->line.length == 0) {
        take_line(stream, bytes, length);
        return;
    }
    text_add(&stream->line, bytes, length);
    take_line(stream, stream->line.bytes, stream->line.length);
    text_reset(&stream->line); /* its data stays readable: only the rest of a read is added next */
}

/* --- Bytes ----------------------------------------------------------------------------------- */

static const char *find(char byte, const char *bytes, const char *end)
{
    const char *found = memchr(bytes, byte, (size_t)(end - bytes));

    return found ? found : end;
}

static bool fits(const struct stream *stream, size_t more)
{
    return stream->line.length + more + stream->data_length <= stream->most;
}

/* Keeps what the end of a read cuts off. */
static void keep_rest(struct stream *stream, const char *bytes, size_t length)
{
    keep_data(stream); /* first: it may stand where the rest of the line goes */
    if (length == 0)
        return;
    stream->after_cr = false;
    text_add(&stream->line, bytes, length);
}

/* The next LF and the next CR are each looked for when the last one is past, not for every line: a
 * stream without CR is searched for it once. */
bool stream_feed(struct stream *stream, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *lf = find('\n', bytes, end);
    const char *cr = find('\r', bytes, end);

    while (lf != cr) { /* both at the end: no line ends any more */
        const char *stop = lf < cr ? lf : cr;
        bool second_half = stop == lf && stop == bytes && stream->after_cr;

        if (!fits(stream, (size_t)(stop - bytes)))
            return false;
        if (!second_half)
            end_line(stream, bytes, (size_t)(stop - bytes));
        stream->after_cr = stop == cr;
        bytes = stop + 1;
        if (stop == lf)
            lf = find('\n', bytes, end);
        else
            cr = find('\r', bytes, end);
    }
    if (!fits(stream, (size_t)(end - bytes)))
        return false;
    keep_rest(stream, bytes, (size_t)(end - bytes));
    return true;
}

void stream_finish(struct stream *stream)
{
    if (stream->framing == STREAM_LINES && stream->line.length > 0)
        take_line(stream, stream->line.bytes, stream->line.length);
    else if (stream->line.length == 0)
        deliver_event(stream);
}

void stream_clear(struct stream *stream)
{
    text_clear(&stream->line);
    text_clear(&stream->joined);
}
