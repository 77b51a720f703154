#include "plan/environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "plan/address.h"
#include "plan/env_file.h"

/* A family's key, addresses and parts, and a NULL. */
enum { COUNT_MOST = 1 + 2 + 4 + 1 };

const char environment_option[] = "--url";

/* The working directory's file, the config's folder's, and those above it. */
enum { FILES_MOST = 64, FILE_TRUSTED = 0, FILE_NONE = -1 };

struct lookup {
    struct env_file file[FILES_MOST];
    int files;
    int key_file; /* that the key came from, FILE_NONE where it was the environment */
    bool gives_address[FILES_MOST]; /* or a part of it */
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
                             char **source, int *file)
{
    for (int i = 0; i < lookup->files; i++) {
        char *found = env_file_find(&lookup->file[i], name);

        if (found && *found) {
            *value = found;
            *source = memory_printf("%s (%s)", name, lookup->file[i].path);
            *file = i;
            return true;
        }
        free(found);
    }
    return false;
}

/* The value of a variable and where it stood, both to be freed; false where it is nowhere. `*file`
 * stays as it is where that is the environment. */
static bool look_up(const struct lookup *lookup, const char *name, char **value, char **source,
                    int *file)
{
    return look_up_real(name, value, source) || look_up_in_files(lookup, name, value, source, file);
}

static bool is_working_directory(const char *folder)
{
    struct stat here, there;

    return stat(".", &here) == 0 && stat(folder, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

static void open_file(struct lookup *lookup, const char *folder, struct faults *faults)
{
    if (!is_working_directory(folder) && lookup->files < FILES_MOST)
        env_file_read(&lookup->file[lookup->files++], folder, faults);
}

static bool holds_git(const char *folder)
{
    char *git = file_join(folder, ".git");
    bool holds = file_exists(git);

    free(git);
    return holds;
}

/* The nearest folder, from this one up, that holds .git; NULL: none does. */
static char *find_root(const char *folder)
{
    char *at = realpath(folder, NULL);

    while (at && !holds_git(at)) {
        char *above = strcmp(at, "/") == 0 ? NULL : file_folder(at);

        free(at);
        at = above;
    }
    return at;
}

/* Those above the config's folder, up to the one that holds .git: a checkout keeps one .env for
 * all that is in it, as the starter kit does. */
static void open_above(struct lookup *lookup, const char *folder, struct faults *faults)
{
    char *root = find_root(folder), *at = root ? realpath(folder, NULL) : NULL;

    while (at && strcmp(at, root) != 0) {
        char *above = file_folder(at);

        open_file(lookup, above, faults);
        free(at);
        at = above;
    }
    free(at);
    free(root);
}

static void open_files(struct lookup *lookup, const char *config_path, struct faults *faults)
{
    char *folder = file_folder(config_path);

    env_file_read(&lookup->file[lookup->files++], ".", faults);
    open_file(lookup, folder, faults);
    open_above(lookup, folder, faults);
    free(folder);
}

static void list_names(const struct environment_family *family, const char **names)
{
    size_t count = 0;

    if (family->key)
        names[count++] = family->key;
    for (const char *const *name = family->address; *name; name++)
        names[count++] = *name;
    for (const char *const *name = family->parts; *name; name++)
        names[count++] = *name;
}

/* A file that is not the working directory's has come with a config: alone, its address would get a
 * key that stands elsewhere, by a ${NAME} in it too. */
static void check_address_file(const struct lookup *lookup, int i, const char *const *names,
                               const struct endpoint *endpoint, struct faults *faults)
{
    const struct env_file *file = &lookup->file[i];

    if (i != lookup->key_file)
        faults_add(faults, file->path, 0,
                   "gives the address (%s) without the key (%s); put both into one file, or the "
                   "address into the environment or the working directory's .env",
                   endpoint->address_source, endpoint->key_source);
    for (; *names && i == lookup->key_file; names++) {
        if (env_file_borrows(file, *names))
            faults_add(faults, file->path, 0,
                       "gives the address (%s), and takes %s from the environment by ${…}; write "
                       "what it is, or put the address into the environment or the working "
                       "directory's .env",
                       endpoint->address_source, *names);
    }
}

static void check_address_files(const struct lookup *lookup,
                                const struct environment_family *family,
                                const struct endpoint *endpoint, struct faults *faults)
{
    const char *names[COUNT_MOST] = {NULL};

    list_names(family, names);
    for (int i = FILE_TRUSTED + 1; family->key && i < lookup->files; i++) {
        if (lookup->gives_address[i])
            check_address_file(lookup, i, names, endpoint, faults);
    }
}

/* Only the family that is asked counts: a slip in another's does no harm. */
static void check_files(const struct lookup *lookup, const struct environment_family *family,
                        struct faults *faults, struct faults *warnings)
{
    const char *names[COUNT_MOST] = {NULL};

    list_names(family, names);
    for (int i = 0; i < lookup->files; i++)
        env_file_check(&lookup->file[i], names, faults, warnings);
}

/* A key that others may read is theirs too. */
static void warn_of_readable(const struct lookup *lookup, const char *key, struct faults *warnings)
{
    for (int i = 0; key && i < lookup->files; i++) {
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

static void note_address(struct lookup *lookup, int file)
{
    if (file != FILE_NONE)
        lookup->gives_address[file] = true;
}

/* BASE_URL/BASE_URI/stream/PROJECT_ID/ENDPOINT_ID, where all four parts are given. */
static bool join_parts(struct lookup *lookup, const char *const *parts, struct endpoint *endpoint)
{
    char *value[4] = {0}, *source[4] = {0};
    bool all = true;

    for (int i = 0; i < 4; i++) {
        int file = FILE_NONE;

        all &= look_up(lookup, parts[i], &value[i], &source[i], &file);
        note_address(lookup, file);
    }
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

static bool find_address(struct lookup *lookup, enum llm_api api, struct endpoint *endpoint,
                         struct faults *warnings)
{
    const struct environment_family *family = &api_at(api)->environment;

    char **address = &endpoint->address;
    char **source = &endpoint->address_source;

    /* The real environment wins under any of the names. */
    for (int i = 0; i < 3 && family->address[i]; i++) {
        if (look_up_real(family->address[i], address, source))
            return true;
    }
    for (int i = 0; i < 3 && family->address[i]; i++) {
        int file = FILE_NONE;

        if (look_up_in_files(lookup, family->address[i], address, source, &file)) {
            note_address(lookup, file);
            return true;
        }
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

/* What stands in a query may be a secret. */
static void split_query(struct endpoint *endpoint)
{
    char *mark = strchr(endpoint->address, '?');

    if (!mark)
        return;
    if (mark[1])
        endpoint->query = memory_text(mark + 1);
    explicit_bzero(mark, strlen(mark));
}

static void check_query(const struct endpoint *endpoint, struct faults *faults)
{
    if (endpoint->query && strpbrk(endpoint->query, " \t\r\n\"<>\\^`{|}"))
        faults_add(faults, NULL, 0,
                   "%s: the address's query holds a character that must be written as %%XX",
                   endpoint->address_source);
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
        faults_add(faults, NULL, 0,
                   "%s: is not an address; write http://HOST:PORT/PATH or https://…",
                   endpoint->address_source);
    else if (!is_host(address[https ? 8 : 7]) || strpbrk(address, " \t\"<>\\^`{|}"))
        faults_add(faults, NULL, 0,
                   "%s: '%.200s' is not an address; write http://HOST:PORT/PATH or https://…",
                   endpoint->address_source, address);
}

/* Whether the host names its port: behind the bracket of an IPv6 address, or its only colon. */
static bool names_port(const char *host, size_t length)
{
    const char *bracket = memrchr(host, ']', length);
    const char *colon = memrchr(host, ':', length);

    return colon && (bracket ? colon > bracket : true);
}

/* HOST, HOST:PORT and :PORT become URLs, as Ollama's own clients read them. */
static void complete_host(struct endpoint *endpoint, const char *port)
{
    const char *host = endpoint->address;
    size_t length = strcspn(host, "/?#");
    bool named = names_port(host, length);
    char *url;

    if (strstr(host, "://"))
        return;
    url = memory_printf("http://%s%.*s%s%s%s", *host == ':' ? "127.0.0.1" : "", (int)length, host,
                        named ? "" : ":", named ? "" : port, host + length);
    free(endpoint->address);
    endpoint->address = url;
}

static void check_whole_address(struct endpoint *endpoint, const char *port, struct faults *faults)
{
    if (port)
        complete_host(endpoint, port);
    split_query(endpoint);
    check_query(endpoint, faults);
    check_address(endpoint, faults);
    endpoint->shown = address_show(endpoint->address, endpoint->query);
}

/* `shown` is NULL where the address has a fault, and may be the key itself. */
static void refuse_without_key(const struct environment_family *family, const char *shown,
                               struct faults *faults)
{
    faults_add(faults, NULL, 0,
               "the API key is missing%s%s: set %s in the environment or in .env; 'make demo' runs "
               "against a simulated bundle and needs none",
               shown ? " for " : "", shown ? shown : "", family->key);
}

static void read_address(struct lookup *lookup, const char *url, enum llm_api api,
                         struct endpoint *endpoint, struct faults *faults, struct faults *warnings)
{
    if (url) {
        endpoint->address = memory_text(url);
        endpoint->address_source = memory_text(environment_option);
    } else if (!find_address(lookup, api, endpoint, warnings)) {
        faults_add(faults, NULL, 0,
                   "the endpoint's address is missing: set %s in the environment or in .env",
                   api_at(api)->environment.address[0]);
        return;
    }
    check_whole_address(endpoint, api_at(api)->environment.port, faults);
}

/* False where there is none, nor need be. */
static bool read_key(struct lookup *lookup, const struct environment_family *family, bool needed,
                     struct endpoint *endpoint)
{
    if (family->key &&
        look_up(lookup, family->key, &endpoint->key, &endpoint->key_source, &lookup->key_file))
        return true;
    if (family->key && needed)
        return false;
    endpoint->key = memory_text("none");
    endpoint->key_source =
        family->key ? memory_printf("nowhere: %s is not set, and 'none' is sent", family->key)
                    : memory_text("nowhere: such an endpoint asks for none");
    endpoint->keyless = true;
    return true;
}

bool environment_read_at(const char *url, enum llm_api api, const char *config_path,
                         struct endpoint *endpoint, struct faults *faults, struct faults *warnings)
{
    const struct environment_family *family = &api_at(api)->environment;
    size_t before = faults->count;
    struct lookup lookup = {.key_file = FILE_NONE};

    open_files(&lookup, config_path, faults);
    check_files(&lookup, family, faults, warnings);
    read_address(&lookup, url, api, endpoint, faults, warnings);
    if (!read_key(&lookup, family, !url, endpoint))
        refuse_without_key(family, faults->count == before ? endpoint->shown : NULL, faults);
    else if (strpbrk(endpoint->key, "\r\n"))
        faults_add(faults, NULL, 0, "%s: the API key holds a line break", endpoint->key_source);
    else
        check_address_files(&lookup, family, endpoint, faults);
    warn_of_readable(&lookup, family->key, warnings);
    close_files(&lookup);
    return faults->count == before;
}

bool environment_read(enum llm_api api, const char *config_path, struct endpoint *endpoint,
                      struct faults *faults, struct faults *warnings)
{
    return environment_read_at(NULL, api, config_path, endpoint, faults, warnings);
}

char *endpoint_repeat(const struct endpoint *endpoint)
{
    if (strcmp(endpoint->address_source, environment_option) != 0)
        return memory_text("");
    return memory_printf(" %s %s", environment_option, endpoint->shown);
}

void endpoint_clear(struct endpoint *endpoint)
{
    if (endpoint->key)
        explicit_bzero(endpoint->key, strlen(endpoint->key));
    free(endpoint->key);
    free(endpoint->key_source);
    free(endpoint->address);
    if (endpoint->query)
        explicit_bzero(endpoint->query, strlen(endpoint->query));
    free(endpoint->query);
    free(endpoint->shown);
    free(endpoint->address_source);
    *endpoint = (struct endpoint){0};
}
