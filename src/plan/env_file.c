#include "plan/env_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/expand.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"

enum { FILE_MOST = 1 << 20, SLIPS_MOST = 2, DEPTH_MOST = 16 };

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

static char *trimmed(const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from))
        from++;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return memory_bytes(from, (size_t)(to - from));
}

/* What stands between quotes; \" and \\ mean themselves between double ones. */
static char *unquoted(const char *from, char quote)
{
    struct text value = {0};

    for (; *from && *from != quote; from++) {
        if (quote == '"' && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        text_add_char(&value, *from);
    }
    return text_take(&value);
}

/* An unquoted value: up to a comment, which begins with a # after a blank. */
static char *plain_value(const char *from)
{
    const char *to = from;

    while (*to && !(*to == '#' && (to == from || isspace((unsigned char)to[-1]))))
        to++;
    return trimmed(from, to);
}

static bool is_name(const char *name)
{
    if (!*name || isdigit((unsigned char)*name))
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return *name == '\0';
}

bool env_file_parse_line(const char *line, char **name, char **value)
{
    const char *equals = strchr(line, '=');
    char *found;

    line += strspn(line, " \t");
    if (strncmp(line, "export", 6) == 0 && isblank((unsigned char)line[6]))
        line += 7;
    if (!equals || equals < line)
        return false;
    found = trimmed(line, equals);
    if (!is_name(found)) {
        free(found);
        return false;
    }
    equals++;
    equals += strspn(equals, " \t");
    *name = found;
    *value =
        *equals == '"' || *equals == '\'' ? unquoted(equals + 1, *equals) : plain_value(equals);
    return true;
}

/* The next line, for the caller to free, or NULL at the end; lines end as on any system. */
static char *next_line(const char **text)
{
    size_t length = strcspn(*text, "\r\n");
    char *line = **text ? memory_bytes(*text, length) : NULL;

    *text += length;
    *text += strncmp(*text, "\r\n", 2) == 0 ? 2 : **text != '\0';
    return line;
}

/* Who may write a file decides where the key goes. */
static bool is_of_another(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && about.st_uid != 0 && about.st_uid != geteuid();
}

void env_file_read(struct env_file *file, const char *folder, struct faults *faults)
{
    struct error error;

    file->path = strcmp(folder, ".") == 0 ? memory_text(".env") : file_join(folder, ".env");
    if (is_of_another(file->path))
        faults_add(faults, file->path, 0,
                   "belongs to neither you nor root, so it is not read; make it yours, or move it");
    else if (file_exists(file->path) && !file_read(file->path, FILE_MOST, &file->text, &error))
        faults_add(faults, NULL, 0, "%s", error.text);
    text_add_string(&file->text, ""); /* so that a missing file is an empty text */
    if (strlen(file->text.bytes) != file->text.length)
        faults_add(faults, file->path, 0,
                   "holds a zero byte, so it is not a text that can be read; save it as UTF-8");
}

/* Where the text begins, behind a byte-order mark. */
static const char *beginning(const struct env_file *file)
{
    return file->text.bytes + (strncmp(file->text.bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
}

/* What stands between single quotes means what it says. */
static bool is_literal(const char *line)
{
    const char *equals = strchr(line, '=');

    return equals && equals[1 + strspn(equals + 1, " \t")] == '\'';
}

/* Whose value is being put together. */
struct expanding {
    const struct env_file *file;
    int depth;     /* of variables in variables */
    char **inner;  /* the first that is not set, in those that are */
    bool *borrows; /* becomes true where one comes from the environment */
};

static char *find(const struct expanding *expanding, const char *wanted, char **missing);

/* The environment first, then the file itself. */
static char *look_up(void *context, const char *name)
{
    const struct expanding *outer = context;
    struct expanding expanding = {outer->file, outer->depth + 1, outer->inner, outer->borrows};
    char *missing = NULL, *value = memory_text(getenv(name));

    *outer->borrows |= value != NULL;
    if (!value && expanding.depth < DEPTH_MOST)
        value = find(&expanding, name, &missing);
    if (missing && !*outer->inner)
        *outer->inner = missing;
    else
        free(missing);
    return value;
}

/* Takes `value`. NULL where a variable of it is not set. */
static char *expanded(const struct expanding *expanding, const char *line, char *value,
                      char **missing)
{
    struct expanding inner = *expanding;
    char *whole;

    if (is_literal(line) || !strstr(value, "${"))
        return value;
    free(*missing);
    *missing = NULL;
    whole = expand(value, look_up, &inner, missing);
    explicit_bzero(value, strlen(value));
    free(value);
    return whole;
}

static char *find(const struct expanding *expanding, const char *wanted, char **missing)
{
    const char *text = beginning(expanding->file);
    char *found = NULL, *line, *name, *value;

    while ((line = next_line(&text))) {
        if (env_file_parse_line(line, &name, &value)) {
            if (strcmp(name, wanted) == 0) {
                free(found); /* the last of several counts, as in a shell */
                found = expanded(expanding, line, value, missing);
            } else {
                free(value);
            }
            free(name);
        }
        free(line);
    }
    return found;
}

static char *find_value(const struct env_file *file, const char *wanted, bool *borrows)
{
    char *inner = NULL, *missing = NULL;
    const struct expanding expanding = {file, 0, &inner, borrows};
    char *found = find(&expanding, wanted, &missing);

    free(inner);
    free(missing);
    return found;
}

char *env_file_find(const struct env_file *file, const char *wanted)
{
    bool borrows = false;

    return find_value(file, wanted, &borrows);
}

bool env_file_borrows(const struct env_file *file, const char *wanted)
{
    bool borrows = false;
    char *found = find_value(file, wanted, &borrows);

    if (found)
        explicit_bzero(found, strlen(found));
    free(found);
    return borrows;
}

/* Which of the names a word was meant to be: itself, or but for its case and a slip or two. */
static const char *meant(const char *word, size_t length, const char *const *names)
{
    char *upper = memory_bytes(word, length);
    const char *nearest = NULL;
    size_t least = SLIPS_MOST + 1;

    for (char *c = upper; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    for (; *names; names++) {
        size_t far = word_distance(upper, *names);

        if (far < least) {
            least = far;
            nearest = *names;
        }
    }
    free(upper);
    return nearest;
}

/* The variable that a line which sets none is about: its first word's, or one that stands in it. */
static const char *subject(const char *line, const char *const *names)
{
    const char *begin = line + strspn(line, " \t"), *found;

    if (strncmp(begin, "export", 6) == 0)
        begin += 6 + strspn(begin + 6, " \t");
    found = meant(begin, strspn(begin, LETTERS), names);
    for (; *names && !found; names++)
        found = strstr(line, *names) ? *names : NULL;
    return found;
}

/* The line sets `name`, which the environment does not. */
static void check_variables(const struct env_file *file, int number, const char *line,
                            const char *name, struct faults *faults)
{
    char *inner = NULL, *missing = NULL, *word = NULL, *value = NULL;
    bool borrows = false;
    const struct expanding expanding = {file, 0, &inner, &borrows};

    if (env_file_parse_line(line, &word, &value))
        value = expanded(&expanding, line, value, &missing);
    if (!value)
        faults_add(faults, file->path, number,
                   "%s takes ${%s}, which is set neither in the environment nor here", name,
                   inner ? inner : missing);
    else
        explicit_bzero(value, strlen(value));
    free(value);
    free(word);
    free(inner);
    free(missing);
}

static void check_line(const struct env_file *file, int number, const char *line,
                       const char *const *names, struct faults *faults, struct faults *warnings)
{
    const char *place = file->path;
    const char *begin = line + strspn(line, " \t"), *ours;
    char *name, *value;

    if (!*begin || *begin == '#')
        return;
    if (env_file_parse_line(line, &name, &value)) {
        ours = meant(name, strlen(name), names);
        if (ours && strcmp(ours, name) != 0)
            faults_add(warnings, place, number, "'%s' is not read; did you mean '%s'?", name, ours);
        else if (ours && !getenv(name))
            check_variables(file, number, line, name, faults);
        free(name);
        free(value);
        return;
    }
    ours = subject(line, names);
    if (ours)
        faults_add(faults, place, number, "sets no %s; write %s=VALUE", ours, ours);
    else
        faults_add(warnings, place, number, "is not KEY=VALUE; ignored");
}

void env_file_check(const struct env_file *file, const char *const *names, struct faults *faults,
                    struct faults *warnings)
{
    const char *text = beginning(file);
    char *line;

    for (int number = 1; (line = next_line(&text)); number++) {
        check_line(file, number, line, names, faults, warnings);
        free(line);
    }
}

void env_file_clear(struct env_file *file)
{
    free(file->path);
    if (file->text.bytes)
        explicit_bzero(file->text.bytes, file->text.length);
    text_clear(&file->text);
    file->path = NULL;
}
