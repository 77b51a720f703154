#include "store/fingerprint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "core/memory.h"
#include "store/responses.h"

#define SUMMARY "summary"

static bool add_file(const char *path, const char *key, struct text *json)
{
    struct stat about;

    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    text_printf(json, "\"%s\":[%lld,%lld]", key, (long long)about.st_size,
                about.st_ctim.tv_sec * CLOCK_NS_PER_S + about.st_ctim.tv_nsec);
    return true;
}

static bool add_member(const struct run *run, const char *name, const char *key, struct text *json)
{
    char *ending = memory_printf("_%s.json", key), *path = run_path(run, name, ending);
    bool done = add_file(path, key, json);

    free(path);
    free(ending);
    return done;
}

bool fingerprint_add(const struct run *run, const char *name, const bool parts[STEP_PARTS],
                     struct text *json)
{
    bool done;

    text_add_char(json, '{');
    done = add_member(run, name, SUMMARY, json);
    for (int part = 0; part < STEP_PARTS && done; part++) {
        if (part != STEP_LOAD && !parts[part])
            continue;
        text_add_char(json, ',');
        done = add_member(run, name, responses_ending((enum step_part)part), json);
    }
    text_add_char(json, '}');
    return done;
}

/* Which parts a fingerprint has. */
static void find_parts(const char *fingerprint, bool parts[STEP_PARTS])
{
    for (int part = 0; part < STEP_PARTS; part++) {
        char *key = memory_printf("\"%s\":", responses_ending((enum step_part)part));

        parts[part] = strstr(fingerprint, key) != NULL;
        free(key);
    }
}

bool fingerprint_holds(const struct run *run, const char *name, const char *fingerprint)
{
    struct text now = {0};
    bool parts[STEP_PARTS], holds;

    if (!fingerprint)
        return false;
    find_parts(fingerprint, parts);
    holds = fingerprint_add(run, name, parts, &now) && strcmp(now.bytes, fingerprint) == 0;
    text_clear(&now);
    return holds;
}
