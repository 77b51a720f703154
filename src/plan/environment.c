#include "plan/environment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

enum { ENV_FILE_MOST = 1 << 20 };

static const struct environment_family families[] = {
    [API_SNCLOUD] = {.address = {"SAMBANOVA_API_BASE", "SAMBANOVA_URL"},
                     .key = "SAMBANOVA_API_KEY",
                     .fallback = "https://api.sambanova.ai/v1"},
    [API_SAMBASTUDIO] = {.address = {"SAMBASTUDIO_URL"},
                         .parts = {"SAMBASTUDIO_BASE_URL", "SAMBASTUDIO_BASE_URI",
                                   "SAMBASTUDIO_PROJECT_ID", "SAMBASTUDIO_ENDPOINT_ID"},
                         .key = "SAMBASTUDIO_API_KEY"},
    [API_OPENAI] = {.address = {"OPENAI_API_BASE", "OPENAI_BASE_URL"}, .key = "OPENAI_API_KEY"},
};

const struct environment_family *environment_family(enum llm_api api)
{
    return &families[api];
}

/* A `.env` file that was read; a missing one is empty. */
struct env_file {
    char *path;
    struct text text;
};

struct lookup {
    struct env_file file[2]; /* the working directory's, the config's */
    int files;
};

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

bool environment_parse_line(const char *line, char **name, char **value)
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

static char *find_in_text(const char *text, const char *wanted)
{
    char *found = NULL;

    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (*text) {
        size_t length = strcspn(text, "\r\n");
        char *line = memory_bytes(text, length);
        char *name, *value;

        if (environment_parse_line(line, &name, &value)) {
            if (strcmp(name, wanted) == 0) {
                free(found); /* the last of several counts, as in a shell */
                found = value;
            } else {
                free(value);
            }
            free(name);
        }
        free(line);
        text += length;
        text += strspn(text, "\r\n");
    }
    return found;
}

static bool look_up_real(const char *name, char **value, char **source)
{
    const char *real = getenv(name);

    if (!real || !*real)
        return false;
    *value = memory_text(real);
    *source = memory_printf("%s (environment)", name);
    return true;
}

static bool look_up_in_files(const struct lookup *lookup, const char *name, char **value,
                             char **source)
{
    for (int i = 0; i < lookup->files; i++) {
        char *found = find_in_text(lookup->file[i].text.bytes, name);

        if (found && *found) {
            *value = found;
            *source = memory_printf("%s (%s)", name, lookup->file[i].path);
            return true;
        }
        free(found);
    }
    return false;
}

/* The value of a variable and where it stood, both to be freed; false where it is nowhere. */
static bool look_up(const struct lookup *lookup, const char *name, char **value, char **source)
{
    return look_up_real(name, value, source) || look_up_in_files(lookup, name, value, source);
}

static void open_file(struct lookup *lookup, const char *folder, struct faults *faults)
{
    struct env_file *file = &lookup->file[lookup->files];
    struct error error;

    file->path = strcmp(folder, ".") == 0 ? memory_text(".env") : file_join(folder, ".env");
    if (file_exists(file->path) && !file_read(file->path, ENV_FILE_MOST, &file->text, &error))
        faults_add(faults, NULL, 0, "%s", error.text);
    text_add_string(&file->text, ""); /* so that a missing file is an empty text */
    lookup->files++;
}

static void open_files(struct lookup *lookup, const char *config_path, struct faults *faults)
{
    char *folder = file_folder(config_path);

    open_file(lookup, ".", faults);
    if (strcmp(folder, ".") != 0)
        open_file(lookup, folder, faults);
    free(folder);
}

static bool is_ours(const char *name, size_t length, const struct environment_family *family)
{
    if (strlen(family->key) == length && strncmp(family->key, name, length) == 0)
        return true;
    for (int i = 0; i < 3 && family->address[i]; i++) {
        if (strlen(family->address[i]) == length && strncmp(family->address[i], name, length) == 0)
            return true;
    }
    return false;
}

/* A line that names one of our variables and sets nothing would let a default take its place. */
static void check_line(const char *path, int number, const char *line,
                       const struct environment_family *family, struct faults *faults)
{
    const char *begin = line + strspn(line, " \t");
    char *name, *value;
    size_t length;

    if (environment_parse_line(line, &name, &value)) {
        free(name);
        free(value);
        return;
    }
    if (strncmp(begin, "export", 6) == 0)
        begin += 6 + strspn(begin + 6, " \t");
    length = strspn(begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    if (is_ours(begin, length, family))
        faults_add(faults, path, number, "sets no %.*s; write %.*s=VALUE", (int)length, begin,
                   (int)length, begin);
}

static void check_lines(const struct env_file *file, const struct environment_family *family,
                        struct faults *faults)
{
    const char *text = file->text.bytes;

    for (int number = 1; *text; number++) {
        size_t length = strcspn(text, "\n");
        char *line = memory_bytes(text, length);

        check_line(file->path, number, line, family, faults);
        free(line);
        text += length + (text[length] == '\n');
    }
}

static void close_files(struct lookup *lookup)
{
    for (int i = 0; i < lookup->files; i++) {
        free(lookup->file[i].path);
        explicit_bzero(lookup->file[i].text.bytes, lookup->file[i].text.length);
        text_clear(&lookup->file[i].text);
    }
}

/* BASE_URL/BASE_URI/stream/PROJECT_ID/ENDPOINT_ID, where all four parts are given. */
static bool join_parts(const struct lookup *lookup, const char *const *parts,
                       struct endpoint *endpoint)
{
    char *value[4] = {0}, *source[4] = {0};
    bool all = true;

    for (int i = 0; i < 4; i++)
        all &= look_up(lookup, parts[i], &value[i], &source[i]);
    if (all) {
        for (int i = 0; i < 2; i++) {
            while (*value[i] && value[i][strlen(value[i]) - 1] == '/')
                value[i][strlen(value[i]) - 1] = '\0';
        }
        endpoint->address = memory_printf("%s/%s/stream/%s/%s", value[0],
                                          value[1] + strspn(value[1], "/"), value[2], value[3]);
        endpoint->address_source = memory_printf("%s and its three companions", source[0]);
    }
    for (int i = 0; i < 4; i++) {
        free(value[i]);
        free(source[i]);
    }
    return all;
}

static bool find_address(const struct lookup *lookup, enum llm_api api, struct endpoint *endpoint)
{
    const struct environment_family *family = &families[api];

    char **address = &endpoint->address;
    char **source = &endpoint->address_source;

    /* The real environment wins under any of the names. */
    for (int i = 0; i < 3 && family->address[i]; i++) {
        if (look_up_real(family->address[i], address, source))
            return true;
    }
    for (int i = 0; i < 3 && family->address[i]; i++) {
        if (look_up_in_files(lookup, family->address[i], address, source))
            return true;
    }
    if (family->parts[0] && join_parts(lookup, family->parts, endpoint))
        return true;
    if (!family->fallback)
        return false;
    endpoint->address = memory_text(family->fallback);
    endpoint->address_source = memory_text("default");
    return true;
}

/* libcurl would read "http:///v1" as the host v1. */
static bool is_host(char first)
{
    return first && !strchr("/:?#", first);
}

static void check_address(struct endpoint *endpoint, struct faults *faults)
{
    char *address = endpoint->address;
    size_t length = strlen(address);
    bool http = strncasecmp(address, "http://", 7) == 0;
    bool https = strncasecmp(address, "https://", 8) == 0;

    while (length > 0 && address[length - 1] == '/')
        address[--length] = '\0';
    if (strpbrk(address + (https ? 8 : http ? 7 : 0), "@"))
        faults_add(faults, NULL, 0, "%s: the address holds a user name or password; leave it out",
                   endpoint->address_source);
    else if (!http && !https) /* not quoted: it may be the key, in the wrong place */
        faults_add(faults, NULL, 0, "%s: is no address; write http://HOST:PORT/PATH or https://…",
                   endpoint->address_source);
    else if (!is_host(address[https ? 8 : 7]) || strpbrk(address, " \t\"<>\\^`{|}"))
        faults_add(faults, NULL, 0,
                   "%s: '%.200s' is no address; write http://HOST:PORT/PATH or https://…",
                   endpoint->address_source, address);
}

bool environment_read(enum llm_api api, const char *config_path, struct endpoint *endpoint,
                      struct faults *faults)
{
    const struct environment_family *family = &families[api];
    size_t before = faults->count;
    struct lookup lookup = {0};

    open_files(&lookup, config_path, faults);
    for (int i = 0; i < lookup.files; i++)
        check_lines(&lookup.file[i], family, faults);
    if (find_address(&lookup, api, endpoint))
        check_address(endpoint, faults);
    else
        faults_add(faults, NULL, 0,
                   "the endpoint's address is missing: set %s in the environment or in .env",
                   family->address[0]);
    if (!look_up(&lookup, family->key, &endpoint->key, &endpoint->key_source))
        faults_add(faults, NULL, 0, "the API key is missing: set %s in the environment or in .env",
                   family->key);
    else if (strpbrk(endpoint->key, "\r\n"))
        faults_add(faults, NULL, 0, "%s: the API key holds a line break", endpoint->key_source);
    close_files(&lookup);
    return faults->count == before;
}

void endpoint_clear(struct endpoint *endpoint)
{
    if (endpoint->key)
        explicit_bzero(endpoint->key, strlen(endpoint->key));
    free(endpoint->key);
    free(endpoint->key_source);
    free(endpoint->address);
    free(endpoint->address_source);
    *endpoint = (struct endpoint){0};
}
