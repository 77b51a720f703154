#include "prompt/tokenizer_place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

enum { NAME_MOST = 200, REVISION_MOST = 200, FILE_MOST_MB = 256 };

static const char name_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";

static const char *given_in_environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* `folder` below the folder that a variable of the environment names, or below `home`. */
static char *folder_below(const char *variable, const char *home, const char *folder)
{
    const char *given = given_in_environment(variable);
    char *above = file_expand_home(given ? given : home);
    char *path = file_join(above, folder);

    free(above);
    return path;
}

static char *hub_folder(void)
{
    const char *hub = given_in_environment("HF_HUB_CACHE");

    if (hub)
        return file_expand_home(hub);
    if (given_in_environment("HF_HOME"))
        return folder_below("HF_HOME", "", "hub");
    return folder_below("XDG_CACHE_HOME", "~/.cache", "huggingface/hub");
}

static bool is_regular(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

/* The tokenizer in a folder, or NULL. */
static char *file_in(const char *folder)
{
    static const char *const names[] = {"tokenizer.json", "tokenizer.model"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_join(folder, names[i]);

        if (is_regular(path))
            return path;
        free(path);
    }
    return NULL;
}

/* "org/name" or "name". */
static bool is_name(const char *given)
{
    const char *slash = strchr(given, '/');

    return *given && strlen(given) <= NAME_MOST && !given[strspn(given, name_letters)] &&
           given[0] != '/' && given[0] != '.' && !strstr(given, "..") &&
           (!slash || (slash[1] && !strchr(slash + 1, '/')));
}

/* "models--org--name", as the cache calls its folders. */
static char *cached_folder(const char *hub, const char *name)
{
    struct text folder = {0};
    char *path;

    text_add_string(&folder, "models--");
    for (; *name; name++)
        text_add(&folder, *name == '/' ? "--" : name, *name == '/' ? 2 : 1);
    path = file_join(hub, folder.bytes);
    text_clear(&folder);
    return path;
}

/* The revision that a folder of the cache has as its main one, or NULL. */
static char *main_revision(const char *folder)
{
    char *path = file_join(folder, "refs/main");
    struct text read = {0};
    struct error error;
    bool done = file_read_regular(path, REVISION_MOST, &read, &error) && read.length > 0;
    char *revision;

    free(path);
    if (done)
        read.bytes[strcspn(read.bytes, " \t\r\n")] = '\0';
    done = done && is_name(read.bytes) && !strchr(read.bytes, '/');
    revision = done ? memory_text(read.bytes) : NULL;
    text_clear(&read);
    return revision;
}

static char *find_cached(const char *hub, const char *name)
{
    char *folder = cached_folder(hub, name), *revision = main_revision(folder), *found = NULL;
    char *snapshot = revision ? memory_printf("%s/snapshots/%s", folder, revision) : NULL;

    if (snapshot)
        found = file_in(snapshot);
    free(snapshot);
    free(revision);
    free(folder);
    return found;
}

/* Published ones have up to 35 MB. Gives the path back, or frees it. */
static char *unless_too_large(char *path, struct error *error)
{
    struct stat about;

    if (stat(path, &about) == 0 && about.st_size <= (off_t)FILE_MOST_MB << 20)
        return path;
    error_set(error, "%.300s is too large for a tokenizer (at most %d MB)", path, FILE_MOST_MB);
    free(path);
    return NULL;
}

char *tokenizer_find(const char *given, struct error *error)
{
    char *found = is_regular(given) ? memory_text(given) : file_in(given), *hub;

    if (found)
        return unless_too_large(found, error);
    if (file_exists(given) || !is_name(given)) {
        error_set(error,
                  "'%.200s' is no tokenizer: name a tokenizer.json, a SentencePiece .model, a "
                  "folder with either, or a model in the Hugging Face cache",
                  given);
        return NULL;
    }
    hub = hub_folder();
    found = find_cached(hub, given);
    if (!found)
        error_set(error,
                  "'%.200s' is no file here, and the Hugging Face cache has no tokenizer of that "
                  "name (%.300s); nothing is downloaded: name a tokenizer.json or a SentencePiece "
                  ".model",
                  given, hub);
    free(hub);
    return found ? unless_too_large(found, error) : NULL;
}

char *tokenizer_python(struct error *error)
{
    const char *given = given_in_environment("COEBENCH_TOKENIZER");
    char *folder = given ? file_expand_home(given)
                         : folder_below("XDG_DATA_HOME", "~/.local/share", "coebench/tokenizer");
    char *python = file_join(folder, "bin/python");

    if (!file_exists(python)) {
        error_set(error,
                  "the libraries that count tokens are not in %.300s: 'make tokenizer' in the "
                  "source folder installs them; COEBENCH_TOKENIZER names another place",
                  folder);
        free(python);
        python = NULL;
    }
    free(folder);
    return python;
}
