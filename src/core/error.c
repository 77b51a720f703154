#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clean.h"
#include "core/memory.h"

bool error_set(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    clean(error->text, strlen(error->text), CLEAN_LINES, '?');
    return false;
}

static char *locate(const char *file, int line, const char *sentence)
{
    if (!file)
        return memory_printf("%s", sentence);
    if (line <= 0)
        return memory_printf("%s: %s", file, sentence);
    return memory_printf("%s:%d: %s", file, line, sentence);
}

void faults_add(struct faults *faults, const char *file, int line, const char *format, ...)
{
    va_list arguments;
    char *sentence;

    va_start(arguments, format);
    sentence = memory_vprintf(format, arguments);
    va_end(arguments);
    faults->text = memory_grow(faults->text, faults->count, sizeof *faults->text);
    faults->text[faults->count] = locate(file, line, sentence);
    clean(faults->text[faults->count], strlen(faults->text[faults->count]), CLEAN_LINES, '?');
    faults->count++;
    free(sentence);
}

void faults_clear(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        free(faults->text[i]);
    free(faults->text);
    *faults = (struct faults){0};
}
