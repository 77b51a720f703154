#include "core/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *there(void *memory)
{
    if (memory)
        return memory;
    fputs("coebench: out of memory\n", stderr);
    abort();
}

void memory_prepare(void)
{
    mallopt(M_MMAP_THRESHOLD, MEMORY_LARGE);
    mallopt(M_TRIM_THRESHOLD, 2 * MEMORY_LARGE); /* what the library would set beside it */
}

void *memory_new(size_t count, size_t size)
{
    return there(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t count, size_t size)
{
    return there(reallocarray(old, count ? count : 1, size ? size : 1));
}

void *memory_grow(void *old, size_t count, size_t size)
{
    if (count & (count - 1)) /* room up to the next power of two is there */
        return old;
    return memory_resize(old, count ? 2 * count : 1, size);
}

char *memory_text(const char *text)
{
    return text ? there(strdup(text)) : NULL;
}

char *memory_bytes(const char *bytes, size_t length)
{
    char *copy = memory_new(length + 1, 1);

    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *memory_vprintf(const char *format, va_list arguments)
{
    char *text;

    if (vasprintf(&text, format, arguments) < 0)
        there(NULL);
    return text;
}

char *memory_printf(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = memory_vprintf(format, arguments);
    va_end(arguments);
    return text;
}
