#include "command/learned.h"

#include <stdlib.h>

#include "core/file.h"

bool learned_open(struct learned *learned, const struct settings *settings, const char *base_url,
                  struct error *error)
{
    *learned = (struct learned){.base_url = base_url,
                                .folder = settings->output_files_dir,
                                .path = file_join(settings->output_files_dir, ".calibration.json")};
    pthread_mutex_init(&learned->lock, NULL);
    if (calibrations_read(learned->path, &learned->known, error))
        return true;
    calibrations_clear(&learned->known);
    return false;
}

struct counting learned_counting(struct learned *learned, const char *model, const char *kind)
{
    const struct counting *found;
    struct counting counting = {0};

    pthread_mutex_lock(&learned->lock);
    found = calibrations_find(&learned->known, learned->base_url, model, kind);
    if (found)
        counting = *found;
    pthread_mutex_unlock(&learned->lock);
    return counting;
}

bool learned_keep(struct learned *learned, const char *model, const char *kind,
                  const struct counting *counting, struct error *error)
{
    bool done;

    pthread_mutex_lock(&learned->lock);
    calibrations_put(&learned->known, learned->base_url, model, kind, counting);
    done = learned->told || (file_make_folders(learned->folder, error) &&
                             calibrations_write(&learned->known, learned->path, error));
    learned->told |= !done;
    pthread_mutex_unlock(&learned->lock);
    return done;
}

void learned_clear(struct learned *learned)
{
    calibrations_clear(&learned->known);
    free(learned->path);
    if (learned->base_url)
        pthread_mutex_destroy(&learned->lock);
    *learned = (struct learned){0};
}
