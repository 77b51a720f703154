#include "core/error.h"

#include <limits.h>
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

/* A sentence that another room made may have its place in it: "rows.csv:3: …". */
static struct fault_place find_place(const char *text)
{
    const char *at = *text == '\'' ? NULL : strchr(text, ':'); /* it begins with a value */

    for (; at && at[1] != ' '; at = strchr(at + 1, ':')) {
        char *end;
        long line = strtol(at + 1, &end, 10);

        if (at[1] >= '1' && at[1] <= '9' && strncmp(end, ": ", 2) == 0 && line <= INT_MAX)
            return (struct fault_place){(size_t)(at - text), (int)line, (size_t)(end + 2 - text)};
    }
    return (struct fault_place){0};
}

static struct fault_place place_of(const char *text, const char *sentence, const char *file,
                                   int line)
{
    if (!file)
        return find_place(text);
    return (struct fault_place){strlen(file), line > 0 ? line : 0, strlen(text) - strlen(sentence)};
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
    faults->place = memory_grow(faults->place, faults->count, sizeof *faults->place);
    faults->place[faults->count] = place_of(faults->text[faults->count], sentence, file, line);
    clean(faults->text[faults->count], strlen(faults->text[faults->count]), CLEAN_LINES, '?');
    faults->count++;
    free(sentence);
}

/* Letters that names of settings and columns have, members of groups and lists among them. */
static size_t name_length(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    if (strspn(text, letters) == 0)
        return 0;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-[]");
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* A name in quotes, where what follows shows that it is one, and no value. */
static size_t quoted_length(const char *text, bool is_name)
{
    const char *end = *text == '\'' ? strchr(text + 1, '\'') : NULL;

    if (!end || !(is_name || begins(end + 1, " is missing") || begins(end + 1, " appears here")))
        return 0;
    return (size_t)(end - text - 1);
}

size_t fault_field(const char *sentence, const char **field)
{
    static const char *const before[] = {"unknown key ", "column ", "--set "};
    size_t length;
    bool is_named = false;

    for (size_t i = 0; i < sizeof before / sizeof *before && !is_named; i++) {
        is_named = begins(sentence, before[i]);
        sentence += is_named ? strlen(before[i]) : 0;
    }
    *field = sentence + (*sentence == '\'');
    length = quoted_length(sentence, is_named);
    if (length > 0)
        return length;
    length = name_length(sentence);
    return sentence[length] == ':' || (is_named && sentence[length] == '=') ? length : 0;
}

void faults_clear(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        free(faults->text[i]);
    free(faults->text);
    free(faults->place);
    *faults = (struct faults){0};
}
