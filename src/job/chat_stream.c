#include "job/chat_stream.h"

/* A secret that fewer of its bytes give away is not known by them (secrets.h). */
enum { WITHHELD = SECRETS_LEAST - 1, WINDOW = 8 << 10 };

/* The bytes from `from` on, secrets struck out. */
static const char *look_at(struct chat_stream *stream, const struct text *text, size_t from)
{
    text_reset(&stream->copy);
    text_add(&stream->copy, text->bytes + from, text->length - from);
    secrets_strike(stream->secrets, stream->copy.bytes, stream->copy.length);
    return stream->copy.bytes;
}

/* Where what is struck out at the text's end begins, which may turn out to be no secret; a few
 * bytes before the end at the latest. */
static size_t settled(const struct chat_stream *stream, size_t from)
{
    size_t end = stream->copy.length, settled_end = end;

    while (settled_end > 0 && stream->copy.bytes[settled_end - 1] == '*')
        settled_end--;
    if (end - settled_end < WITHHELD)
        settled_end = end > WITHHELD ? end - WITHHELD : 0;
    return from + settled_end;
}

static void hand_on(struct chat_stream *stream, const char *struck, size_t from, size_t to)
{
    if (to <= stream->given)
        return;
    stream->on_text(stream->context, struck + (stream->given - from), to - stream->given);
    stream->given = to;
}

static size_t window_of(const struct chat_stream *stream)
{
    return stream->given > WINDOW ? stream->given - WINDOW : 0;
}

void chat_stream_take(struct chat_stream *stream, const struct text *text)
{
    size_t from = window_of(stream), to;
    const char *struck;

    if (text->length <= stream->given)
        return;
    struck = look_at(stream, text, from);
    to = settled(stream, from);
    while (to > stream->given && ((unsigned char)text->bytes[to] & 0xc0) == 0x80)
        to--;
    hand_on(stream, struck, from, to);
}

void chat_stream_end(struct chat_stream *stream, const struct text *text)
{
    size_t from = window_of(stream);

    if (text->length > stream->given)
        hand_on(stream, look_at(stream, text, from), from, text->length);
}

void chat_stream_clear(struct chat_stream *stream)
{
    text_clear(&stream->copy);
}
