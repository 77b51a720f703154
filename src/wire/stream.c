#include "wire/stream.h"

#include <string.h>

void stream_start(struct stream *stream, enum stream_framing framing,
                  void (*on_event)(void *context, const char *payload, size_t length),
                  void *context)
{
    text_reset(&stream->line);
    text_reset(&stream->joined);
    stray_reset(&stream->stray);
    stream->framing = framing;
    stream->on_event = on_event;
    stream->context = context;
    stream->most = STREAM_EVENT_MOST;
    stream->nesting = (struct nesting){0};
    stream->data_length = stream->nested = 0;
    stream->has_data = stream->ping = stream->after_cr = stream->started = false;
}

/* --- The data of an event --------------------------------------------------------------------- */

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

static void forget_event(struct stream *stream)
{
    text_reset(&stream->joined);
    stream->data_length = 0;
    stream->has_data = stream->ping = false;
    if (stream->nested > 0) {
        stream->nesting = (struct nesting){0};
        stream->nested = 0;
    }
}

static void deliver_event(struct stream *stream)
{
    if (stream->data_length > 0 && !stream->ping)
        stream->on_event(stream->context, stream->data, stream->data_length);
    forget_event(stream);
}

/* Whether the data is an object or list, and all of it has come. */
static bool is_closed(struct stream *stream)
{
    size_t nested = stream->nested;

    if (!nesting_begins(stream->data, stream->data_length))
        return false;
    nesting_take(&stream->nesting, stream->data + nested, stream->data_length - nested);
    stream->nested = stream->data_length;
    return stream->nesting.closed;
}

/* Whether the data of the next line belongs to this. */
static bool continues(struct stream *stream)
{
    return !is_closed(stream) && stream->nested > 0;
}

/* Delivers the event if nothing that follows can belong to it. */
static void settle_event(struct stream *stream)
{
    if (stream->has_data && is_closed(stream))
        deliver_event(stream);
}

static void add_data(struct stream *stream, const char *value, size_t length)
{
    if (stream->has_data && continues(stream)) {
        keep_data(stream);
        text_add_char(&stream->joined, '\n');
        text_add(&stream->joined, value, length);
        value = stream->joined.bytes;
        length = stream->joined.length;
    } else if (stream->has_data) {
        deliver_event(stream);
    }
    stream->data = value;
    stream->data_length = length;
    stream->has_data = length > 0;
}

/* --- Lines ------------------------------------------------------------------------------------ */

/* Where the line has its value, if it is a field of that name; NULL: it is another line. */
static inline const char *value_of(const char *line, size_t length, const char *name,
                                   size_t name_length)
{
    const char *value = line + name_length + 1;

    if (length > name_length && memcmp(line, name, name_length) == 0 && value[-1] == ':')
        return value + (value < line + length && *value == ' ');
    return length == name_length && memcmp(line, name, name_length) == 0 ? line + length : NULL;
}

static bool is_ping(const char *name, size_t length)
{
    return length == 4 && memcmp(name, "ping", 4) == 0;
}

/* A whole line of an event; only its `data` and whether it is a ping mean anything to us, a comment
 * or other field nothing. */
static void take_field(struct stream *stream, const char *line, size_t length)
{
    const char *end = line + length;
    const char *value = value_of(line, length, "data", 4);

    if (value) {
        add_data(stream, value, (size_t)(end - value));
        return;
    }
    value = value_of(line, length, "event", 5);
    if (value) {
        settle_event(stream);
        stream->ping = is_ping(value, (size_t)(end - value));
    }
}

static bool is_blank(const char *line, size_t length)
{
    size_t blanks = 0;

    while (blanks < length && (line[blanks] == ' ' || line[blanks] == '\t'))
        blanks++;
    return blanks == length;
}

/* Nearly every line is an event's data, and is not looked at twice. */
static inline bool may_be_stray(const struct stream *stream, const char *line)
{
    return *line != 'd' || stream->stray.open;
}

static bool take_stray(struct stream *stream, const char *line, size_t length)
{
    struct stray *stray = &stream->stray;

    if (!stray_take_line(stray, line, length))
        return false;
    if (stray->failed) {
        settle_event(stream); /* what came before it, comes before it, wherever reads end */
        stream->on_event(stream->context, stray->text.bytes, stray->text.length);
    }
    return true;
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
    } else if (!may_be_stray(stream, line) || !take_stray(stream, line, length)) {
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

/* --- Bytes ------------------------------------------------------------------------------------ */

static const char *find(char byte, const char *bytes, const char *end)
{
    const char *found = memchr(bytes, byte, (size_t)(end - bytes));

    return found ? found : end;
}

static bool has_room(const struct stream *stream, size_t more)
{
    return stream->line.length + more + stream->data_length <= stream->most;
}

static bool fits(struct stream *stream, size_t more)
{
    if (has_room(stream, more))
        return true;
    settle_event(stream);
    return has_room(stream, more);
}

/* Keeps what the end of a read cuts off. */
static void keep_rest(struct stream *stream, const char *bytes, size_t length)
{
    settle_event(stream);
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
    if (stream->line.length == 0) {
        deliver_event(stream);
    } else {
        take_line(stream, stream->line.bytes, stream->line.length);
        settle_event(stream);
    }
}

void stream_clear(struct stream *stream)
{
    text_clear(&stream->line);
    text_clear(&stream->joined);
    stray_clear(&stream->stray);
}
