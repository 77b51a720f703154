#include "wire/header.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

/* The value of the header of that name, `*length` bytes of the line; NULL: it is another. */
static const char *value_of(const char *name, const char *line, size_t *length)
{
    size_t named = strlen(name);

    if (*length <= named || line[named] != ':' || strncasecmp(line, name, named) != 0)
        return NULL;
    for (named++; named < *length && (line[named] == ' ' || line[named] == '\t');)
        named++;
    while (*length > named && isspace((unsigned char)line[*length - 1]))
        --*length;
    *length -= named;
    return line + named;
}

bool header_read(const char *name, const char *line, size_t length, char *value, size_t size)
{
    const char *from = value_of(name, line, &length);

    if (from)
        text_copy_printable(from, length, value, size);
    return from != NULL;
}

bool header_begins_head(const char *line, size_t length)
{
    return length > 5 && strncmp(line, "HTTP/", 5) == 0;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

bool header_names_transfer_coding(const char *line, size_t length, char *coding, size_t size)
{
    const char *value = value_of("transfer-encoding", line, &length);
    size_t begins = 0;

    for (size_t i = 0; value && i <= length; i++) {
        if (i < length && !strchr(", \t", value[i]))
            continue;
        if (i > begins && !is_word(value + begins, i - begins, "chunked") &&
            !is_word(value + begins, i - begins, "identity")) {
            text_copy_printable(value, length, coding, size);
            return true;
        }
        begins = i + 1;
    }
    return false;
}

static bool is_packing(const char *word, size_t length)
{
    static const char *const codings[] = {"aes128gcm",    "br",         "compress", "dcb",
                                          "dcz",          "deflate",    "exi",      "gzip",
                                          "pack200-gzip", "x-compress", "x-gzip",   "zstd"};

    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        if (is_word(word, length, codings[i]))
            return true;
    }
    return false;
}

bool header_names_packing(const char *encoding)
{
    static const char between[] = ", \t";

    for (encoding += strspn(encoding, between); *encoding; encoding += strspn(encoding, between)) {
        size_t length = strcspn(encoding, between);

        if (is_packing(encoding, length))
            return true;
        encoding += length;
    }
    return false;
}
