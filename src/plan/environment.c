#include "plan/environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "plan/env_file.h"

/* A family's key, addresses and parts, and a NULL. */
enum { COUNT_MOST = 1 + 2 + 4 + 1 };

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

struct lookup {
    struct env_file file[2]; /* the working directory's, the config's */
    int files;
};

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
        char *found = env_file_find(&lookup->file[i], name);

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

static void open_files(struct lookup *lookup, const char *config_path, struct faults *faults)
{
    char *folder = file_folder(config_path);

    env_file_read(&lookup->file[lookup->files++], ".", faults);
    if (strcmp(folder, ".") != 0)
        env_file_read(&lookup->file[lookup->files++], folder, faults);
    free(folder);
}

/* Only the family that is asked counts: a slip in another's does no harm. */
static void check_files(const struct lookup *lookup, const struct environment_family *family,
                        struct faults *faults, struct faults *warnings)
{
    const char *names[COUNT_MOST] = {family->key};
    size_t count = 1;

    for (const char *const *name = family->address; *name; name++)
        names[count++] = *name;
    for (const char *const *name = family->parts; *name; name++)
        names[count++] = *name;
    for (int i = 0; i < lookup->files; i++)
        env_file_check(&lookup->file[i], names, faults, warnings);
}

/* A key that others may read is theirs too. */
static void warn_of_readable(const struct lookup *lookup, const char *key, struct faults *warnings)
{
    for (int i = 0; i < lookup->files; i++) {
        char *found = env_file_find(&lookup->file[i], key);
        struct stat about;

        if (found && *found && stat(lookup->file[i].path, &about) == 0 &&
            (about.st_mode & (S_IRGRP | S_IROTH)))
            faults_add(warnings, lookup->file[i].path, 0,
                       "holds %s, and others on this machine may read it; 'chmod 600 %s' keeps it "
                       "yours",
                       key, lookup->file[i].path);
        if (found)
            explicit_bzero(found, strlen(found));
        free(found);
    }
}

static void close_files(struct lookup *lookup)
{
    for (int i = 0; i < lookup->files; i++)
        env_file_clear(&lookup->file[i]);
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

/* Who sets an address means to use it, and may not expect where the key then goes. */
static void warn_of_empty(const struct lookup *lookup, const struct environment_family *family,
                          struct faults *warnings)
{
    for (const char *const *name = family->address; *name; name++) {
        bool empty = getenv(*name) != NULL;

        for (int i = 0; i < lookup->files && !empty; i++) {
            char *found = env_file_find(&lookup->file[i], *name);

            empty = found != NULL;
            free(found);
        }
        if (empty)
            faults_add(warnings, NULL, 0, "%s is set, but empty; the default address is used: %s",
                       *name, family->fallback);
    }
}

static bool find_address(const struct lookup *lookup, enum llm_api api, struct endpoint *endpoint,
                         struct faults *warnings)
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
    warn_of_empty(lookup, family, warnings);
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
                      struct faults *faults, struct faults *warnings)
{
    const struct environment_family *family = &families[api];
    size_t before = faults->count;
    struct lookup lookup = {0};

    open_files(&lookup, config_path, faults);
    check_files(&lookup, family, faults, warnings);
    if (find_address(&lookup, api, endpoint, warnings))
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
    warn_of_readable(&lookup, family->key, warnings);
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
