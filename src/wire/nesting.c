#include "wire/nesting.h"

bool nesting_begins(const char *bytes, size_t length)
{
    while (length > 0 && (*bytes == ' ' || *bytes == '\t' || *bytes == '\n' || *bytes == '\r')) {
        bytes++;
        length--;
    }
    return length > 0 && (*bytes == '{' || *bytes == '[');
}

static void take_in_string(struct nesting *nesting, char byte)
{
    if (nesting->escaped)
        nesting->escaped = false;
    else if (byte == '\\')
        nesting->escaped = true;
    else if (byte == '"')
        nesting->in_string = false;
}

static void take_outside(struct nesting *nesting, char byte)
{
    if (byte == '"')
        nesting->in_string = true;
    else if (byte == '{' || byte == '[')
        nesting->depth++;
    else if (byte == '}' || byte == ']')
        nesting->closed = --nesting->depth == 0;
}

void nesting_take(struct nesting *nesting, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && !nesting->closed; i++) {
        if (nesting->in_string)
            take_in_string(nesting, bytes[i]);
        else
            take_outside(nesting, bytes[i]);
    }
}
