#include "store/step_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/response.h"
#include "store/summary_file.h"

bool step_files_begin(struct step_files *files, const struct run *run, struct journal *journal,
                      size_t step, const char *name, struct error *error)
{
    *files = (struct step_files){.run = run, .journal = journal, .step = step, .name = name};
    return journal_add_mark(journal, step, "begins", name, error);
}

static void remember(struct step_files *files, size_t index, struct journal_place place)
{
    while (index >= files->room) {
        size_t room = files->room ? 2 * files->room : 64;

        files->place = memory_resize(files->place, room, sizeof *files->place);
        memset(files->place + files->room, 0, (room - files->room) * sizeof *files->place);
        files->room = room;
    }
    files->place[index] = place;
    if (index >= files->count)
        files->count = index + 1;
}

bool step_files_add(struct step_files *files, const struct request *request,
                    const struct figures *figures, struct error *error)
{
    struct journal_place place;

    text_reset(&files->line);
    response_add_json(request, figures, &files->line);
    if (!journal_add_request(files->journal, files->step, &files->line, &place, error))
        return false;
    remember(files, request->index, place);
    return true;
}

/* Copies one request from the journal into the array; the first of them gets the switching time. */
static bool copy_request(struct step_files *files, size_t index, bool first,
                         const struct step *step, FILE *out, struct error *error)
{
    struct text *object = &files->line;

    text_reset(object);
    if (!journal_read(files->journal, files->place[index], object, error))
        return false;
    if (first && step->switching.verdict == SWITCHING_FOUND &&
        !response_set_switching_time(object, step->switching.time_s, error))
        return false;
    fputs(first ? "\n" : ",\n", out);
    fwrite(object->bytes, 1, object->length, out);
    return true;
}

static bool copy_requests(struct step_files *files, const struct step *step,
                          const struct outcome *outcomes, FILE *out, struct error *error)
{
    fputc('[', out);
    for (size_t i = 0; i < files->count; i++) {
        if (!copy_request(files, outcomes[i].index, i == 0, step, out, error))
            return false;
    }
    fputs("\n]\n", out);
    return true;
}

static bool write_responses(struct step_files *files, const struct step *step,
                            const struct outcome *outcomes, struct error *error)
{
    char *path = run_path(files->run, files->name, "_individual_responses.json");
    char *temporary = file_temporary(path);
    FILE *out = fopen(temporary, "we");
    bool done = out && copy_requests(files, step, outcomes, out, error);

    if (out && (ferror(out) | fclose(out)) && done) {
        done = error_set(error, "%s: cannot be written: %s", path, strerror(errno));
    } else if (!out) {
        error_set(error, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (done)
        done = file_settle(temporary, path, error);
    else
        unlink(temporary);
    free(temporary);
    free(path);
    return done;
}

static bool write_summary(struct step_files *files, const struct step *step,
                          const char *sampling_params, struct error *error)
{
    char *path = run_path(files->run, files->name, "_summary.json");
    struct text json = {0};
    bool done;

    summary_file_add_json(step, sampling_params, &json);
    done = file_write(path, json.bytes, json.length, error);
    text_clear(&json);
    free(path);
    return done;
}

bool step_files_end(struct step_files *files, const struct step *step,
                    const struct outcome *outcomes, const char *sampling_params,
                    struct error *error)
{
    return journal_add_mark(files->journal, files->step, "ends", step_end_words[step->end],
                            error) &&
           journal_sync(files->journal, error) && write_responses(files, step, outcomes, error) &&
           write_summary(files, step, sampling_params, error);
}

void step_files_clear(struct step_files *files)
{
    free(files->place);
    text_clear(&files->line);
    *files = (struct step_files){0};
}
