#include "job/learned.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "wire/dialect.h"

/* Where an address serves several dialects, each has a template of its own, or none. */
static char *name_endpoint(const char *base_url, const struct dialect *dialect)
{
    if (!dialect || dialect->fits)
        return memory_text(base_url);
    return memory_printf("%s as %s", base_url, dialect->name);
}

bool learned_open(struct learned *learned, const struct settings *settings, const char *base_url,
                  const struct dialect *dialect, struct error *error)
{
    *learned = (struct learned){.base_url = name_endpoint(base_url, dialect),
                                .folder = settings->output_files_dir,
                                .path = file_join(settings->output_files_dir, ".calibration.json")};
    pthread_mutex_init(&learned->lock, NULL);
    if (calibrations_read(learned->path, &learned->known, error))
        return true;
    calibrations_clear(&learned->known);
    return false;
}

bool learned_take(struct learned *learned, struct error *error)
{
    struct calibrations known = {0};
    bool done = calibrations_read(learned->path, &known, error);

    if (done) {
        pthread_mutex_lock(&learned->lock);
        calibrations_clear(&learned->known);
        learned->known = known;
        pthread_mutex_unlock(&learned->lock);
    } else {
        calibrations_clear(&known);
    }
    return done;
}

void learned_join_endpoint(struct learned *learned,
                           bool (*same_model)(const void *context, const char *a, const char *b),
                           const char *(*endpoint_says)(const void *context), const void *context)
{
    learned->same_model = same_model;
    learned->endpoint_says = endpoint_says;
    learned->context = context;
}

/* Whether anything is known of that address, and what the endpoint says makes a difference. */
static bool knows_address(const struct learned *learned)
{
    for (size_t i = 0; i < learned->known.count; i++) {
        if (strcmp(learned->known.calibration[i].base_url, learned->base_url) == 0)
            return true;
    }
    return false;
}

static const char *says(const struct learned *learned)
{
    return learned->endpoint_says ? learned->endpoint_says(learned->context) : NULL;
}

/* By the model's other name; NULL: it has none that is known. */
static const struct counting *find_joined(const struct learned *learned, const char *endpoint_says,
                                          const char *model, const char *kind)
{
    for (size_t i = 0; learned->same_model && i < learned->known.count; i++) {
        const struct calibration *one = &learned->known.calibration[i];

        if (strcmp(one->base_url, learned->base_url) == 0 && strcmp(one->kind, kind) == 0 &&
            (!endpoint_says || strcmp(one->endpoint_says, endpoint_says) == 0) &&
            listed_names_alike(one->model, model) &&
            learned->same_model(learned->context, one->model, model))
            return &one->counting;
    }
    return NULL;
}

static const struct counting *find(const struct learned *learned, const char *model,
                                   const char *kind)
{
    const char *endpoint_says = says(learned);
    const struct counting *found =
        calibrations_find(&learned->known, learned->base_url, endpoint_says, model, kind);

    return found ? found : find_joined(learned, endpoint_says, model, kind);
}

struct counting learned_counting(struct learned *learned, const char *model, const char *kind)
{
    const struct counting *found = NULL;
    struct counting counting = {0};

    pthread_mutex_lock(&learned->lock);
    if (knows_address(learned))
        found = find(learned, model, kind);
    if (found)
        counting = *found;
    pthread_mutex_unlock(&learned->lock);
    return counting;
}

bool learned_keep(struct learned *learned, const char *model, const char *kind,
                  const struct counting *counting, struct error *error)
{
    const char *endpoint_says;
    bool done;

    pthread_mutex_lock(&learned->lock);
    endpoint_says = says(learned);
    calibrations_put(&learned->known, learned->base_url, endpoint_says ? endpoint_says : "", model,
                     kind, counting);
    done = learned->reported || (file_make_folders(learned->folder, error) &&
                                 calibrations_write(&learned->known, learned->path, error));
    learned->reported |= !done;
    pthread_mutex_unlock(&learned->lock);
    return done;
}

void learned_clear(struct learned *learned)
{
    calibrations_clear(&learned->known);
    free(learned->path);
    if (learned->base_url)
        pthread_mutex_destroy(&learned->lock);
    free(learned->base_url);
    *learned = (struct learned){0};
}
