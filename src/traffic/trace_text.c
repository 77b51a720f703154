#include "traffic/trace_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

bool trace_text_open(struct trace_text *text, const char *path, struct error *error)
{
    *text = (struct trace_text){.path = path,
                                .fd = file_open_regular(path, error),
                                .piece = memory_new(TRACE_TEXT_PIECE, 1)};
    return text->fd >= 0;
}

static enum trace_text_read fault(const struct trace_text *text, struct error *error,
                                  const char *sentence)
{
    error_set(error, "%s:%zu: %s", text->path, text->number, sentence);
    return TRACE_TEXT_FAULT;
}

/* Reads the next piece; 0 at the file's end, −1 with errno where it cannot be read. */
static ssize_t read_piece(struct trace_text *text)
{
    ssize_t got;

    do
        got = read(text->fd, text->piece, TRACE_TEXT_PIECE);
    while (got < 0 && errno == EINTR);
    text->at = 0;
    text->held = got > 0 ? (size_t)got : 0;
    return got;
}

/* By the first bytes of the file: gzip, zstd, xz, bzip2. */
static bool is_compressed(const struct trace_text *text)
{
    static const char *const marks[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd\x37zXZ", "BZh"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t length = strlen(marks[i]);

        if (text->held >= length && memcmp(text->piece, marks[i], length) == 0)
            return true;
    }
    return false;
}

/* Adds what the piece has of the line. NULL, or what is wrong with it. */
static const char *take_part(struct trace_text *text, bool *ended)
{
    const char *from = text->piece + text->at;
    const char *end = memchr(from, '\n', text->held - text->at);
    size_t length = end ? (size_t)(end - from) : text->held - text->at;

    if (text->number == 1 && text->line.length == 0 && is_compressed(text))
        return "the file is compressed; unpack it first";
    if (length > TRACE_TEXT_LINE_MOST - text->line.length)
        return "has more than 1 MiB; a trace has one request on each line";
    if (memchr(from, '\0', length))
        return "holds a zero byte: this is not a text file; save it as UTF-8";
    text_add(&text->line, from, length);
    text->at += length + (end ? 1 : 0);
    *ended = end != NULL;
    return NULL;
}

/* Takes bytes up to the line's end into `line`. */
static enum trace_text_read take_line(struct trace_text *text, struct error *error)
{
    bool ended = false;

    text_reset(&text->line);
    text->number++;
    while (!ended) {
        const char *wrong;

        if (text->at == text->held) {
            ssize_t got = read_piece(text);

            if (got < 0)
                return fault(text, error, strerror(errno));
            if (got == 0)
                return text->line.length > 0 ? TRACE_TEXT_LINE : TRACE_TEXT_END;
        }
        wrong = take_part(text, &ended);
        if (wrong)
            return fault(text, error, wrong);
    }
    return TRACE_TEXT_LINE;
}

static void trim(struct text *line, bool first)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->bytes[--line->length] = '\0';
    if (first && line->length >= 3 && memcmp(line->bytes, mark, 3) == 0) {
        memmove(line->bytes, line->bytes + 3, line->length - 2);
        line->length -= 3;
    }
}

static bool is_utf8(const char *at)
{
    while (*at) {
        size_t length = (unsigned char)*at < 0x80 ? 1 : text_utf8_length(at);

        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

enum trace_text_read trace_text_next(struct trace_text *text, struct error *error)
{
    if (text->again) {
        text->again = false;
        return TRACE_TEXT_LINE;
    }
    for (;;) {
        enum trace_text_read read = take_line(text, error);

        if (read != TRACE_TEXT_LINE)
            return read;
        if (text->line.length == 0)
            continue;
        trim(&text->line, text->number == 1);
        if (!is_utf8(text->line.bytes))
            return fault(text, error, "is not UTF-8; save the file with that encoding");
        if (text->line.bytes[strspn(text->line.bytes, " \t")] != '\0')
            return read;
    }
}

void trace_text_again(struct trace_text *text)
{
    text->again = true;
}

void trace_text_clear(struct trace_text *text)
{
    if (text->fd >= 0)
        close(text->fd);
    free(text->piece);
    text_clear(&text->line);
    *text = (struct trace_text){.fd = -1};
}
