#include "wire/chunked.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/header.h"

/* 256 MiB less one byte. */
enum { DIGITS_MOST = 7 };

enum step { SIZE, SIZE_END, DATA, DATA_CR, DATA_END };

/* --- Heads ------------------------------------------------------------------------------------ */

/* The line without its end; moves `at` behind it. NULL: it is not whole, or ends in another way. */
static const char *next_line(const char **at, const char *end, size_t *length)
{
    const char *line = *at, *stop = memchr(line, '\n', (size_t)(end - line));

    if (!stop || stop == line || stop[-1] != '\r')
        return NULL;
    *at = stop + 1;
    *length = (size_t)(stop - 1 - line);
    return line;
}

static bool is_success(const char *line, size_t length)
{
    static const char *const begins[] = {"HTTP/1.1 200 ", "HTTP/1.1 201 ", "HTTP/1.1 203 "};

    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        if (length >= strlen(begins[i]) && memcmp(line, begins[i], strlen(begins[i])) == 0)
            return true;
    }
    return false;
}

/* Counts a header that announces chunks; false: the line announces something else. */
static bool take_header(const char *line, size_t length, size_t *announced)
{
    char value[16];

    if (line[0] == ' ' || line[0] == '\t' ||
        header_read("content-length", line, length, value, sizeof value))
        return false;
    if (!header_read("transfer-encoding", line, length, value, sizeof value))
        return true;
    ++*announced;
    return strcasecmp(value, "chunked") == 0;
}

size_t chunked_head(const char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length, *line;
    size_t line_length, announced = 0;

    line = next_line(&at, end, &line_length);
    if (!line || !is_success(line, line_length))
        return 0;
    while ((line = next_line(&at, end, &line_length)) && line_length > 0) {
        if (!take_header(line, line_length, &announced))
            return 0;
    }
    return line && announced == 1 ? (size_t)(at - bytes) : 0;
}

/* --- Chunks ----------------------------------------------------------------------------------- */

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

size_t chunked_next(const char *bytes, size_t length, const char **data, size_t *data_length)
{
    size_t at = 0, size = 0;

    for (; at < length && digit_of(bytes[at]) >= 0; at++) {
        if (at == DIGITS_MOST)
            return 0;
        size = size * 16 + (size_t)digit_of(bytes[at]);
    }
    if (size == 0 || length - at < size + 4 || memcmp(bytes + at, "\r\n", 2) != 0 ||
        memcmp(bytes + at + 2 + size, "\r\n", 2) != 0)
        return 0;
    *data = bytes + at + 2;
    *data_length = size;
    return at + size + 4;
}

size_t chunked_count(const char *bytes, size_t length)
{
    const char *data;
    size_t count = 0, some, data_length;

    for (; length > 0; bytes += some, length -= some, count++) {
        some = chunked_next(bytes, length, &data, &data_length);
        if (some == 0)
            return 0;
    }
    return count;
}

/* A byte that is no data; false: it is not one that comes here. */
static bool pass_byte(struct chunked *chunked, char byte)
{
    switch (chunked->step) {
    case SIZE:
        if (digit_of(byte) >= 0 && chunked->digits++ < DIGITS_MOST) {
            chunked->left = chunked->left * 16 + (size_t)digit_of(byte);
            return true;
        }
        chunked->step = SIZE_END;
        return byte == '\r' && chunked->left > 0;
    case SIZE_END:
        chunked->step = DATA;
        return byte == '\n';
    case DATA_CR:
        chunked->step = DATA_END;
        return byte == '\r';
    default:
        *chunked = (struct chunked){0};
        return byte == '\n';
    }
}

bool chunked_pass(struct chunked *chunked, const char *bytes, size_t length, size_t *data_length)
{
    for (size_t at = 0; at < length;) {
        size_t some = length - at < chunked->left ? length - at : chunked->left;

        if (chunked->step != DATA) {
            if (!pass_byte(chunked, bytes[at++]))
                return false;
            continue;
        }
        at += some;
        *data_length += some;
        chunked->left -= some;
        if (chunked->left == 0)
            chunked->step = DATA_CR;
    }
    return true;
}

bool chunked_is_between(const struct chunked *chunked)
{
    return chunked->step == SIZE && chunked->digits == 0;
}

size_t chunked_take(struct chunked *chunked, const char *bytes, size_t length, const char **data,
                    size_t *data_length)
{
    size_t at = 0;

    *data_length = 0;
    for (; at < length && chunked->step != DATA; at++) {
        const struct chunked before = *chunked;

        if (!pass_byte(chunked, bytes[at])) {
            *chunked = before;
            return at;
        }
    }
    if (at == length)
        return at;
    *data = bytes + at;
    *data_length = length - at < chunked->left ? length - at : chunked->left;
    chunked->left -= *data_length;
    if (chunked->left == 0)
        chunked->step = DATA_CR;
    return at + *data_length;
}

size_t chunked_prefix(const struct chunked *chunked, char prefix[CHUNKED_PREFIX_MOST],
                      size_t *data_length)
{
    int length = 0;

    *data_length = chunked->step == DATA || chunked->step == DATA_CR || chunked->step == DATA_END;
    if (*data_length > 0)
        length = snprintf(prefix, CHUNKED_PREFIX_MOST, "%zx\r\n:%s", chunked->left + 1,
                          chunked->step == DATA_END ? "\r" : "");
    else if (chunked->digits > 0)
        length = snprintf(prefix, CHUNKED_PREFIX_MOST, "%0*zx%s", (int)chunked->digits,
                          chunked->left, chunked->step == SIZE_END ? "\r" : "");
    return (size_t)length;
}
