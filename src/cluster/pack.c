#include "cluster/pack.h"

#include <string.h>

enum { NUMBER_BYTES = 8 };

void pack_number(struct text *text, int64_t number)
{
    unsigned char bytes[NUMBER_BYTES];

    for (int i = 0; i < NUMBER_BYTES; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    text_add(text, bytes, sizeof bytes);
}

void pack_real(struct text *text, double number)
{
    int64_t bits;

    memcpy(&bits, &number, sizeof bits);
    pack_number(text, bits);
}

void pack_bytes(struct text *text, const void *bytes, size_t length)
{
    pack_number(text, (int64_t)length);
    if (length > 0)
        text_add(text, bytes, length);
}

struct unpacking unpack(const struct text *text)
{
    return (struct unpacking){.at = text->bytes, .left = text->length};
}

/* NULL: so much is not there. */
static const char *take(struct unpacking *unpacking, size_t length)
{
    const char *taken = unpacking->at;

    unpacking->broken |= length > unpacking->left;
    if (unpacking->broken)
        return NULL;
    unpacking->at += length;
    unpacking->left -= length;
    return taken;
}

int64_t unpack_number(struct unpacking *unpacking)
{
    const char *bytes = take(unpacking, NUMBER_BYTES);
    uint64_t number = 0;

    for (int i = 0; bytes && i < NUMBER_BYTES; i++)
        number |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return (int64_t)number;
}

double unpack_real(struct unpacking *unpacking)
{
    int64_t bits = unpack_number(unpacking);
    double number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

const char *unpack_bytes(struct unpacking *unpacking, size_t *length)
{
    size_t wanted = (size_t)unpack_number(unpacking);
    const char *bytes = take(unpacking, wanted);

    *length = bytes ? wanted : 0;
    return bytes ? bytes : "";
}

bool unpack_done(const struct unpacking *unpacking)
{
    return !unpacking->broken && unpacking->left == 0;
}
