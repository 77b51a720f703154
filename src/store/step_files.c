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

enum { WRITE_AT_ONCE = 1 << 18 };

bool step_files_begin(struct step_files *files, const struct run *run, struct recorder *recorder,
                      size_t step, const char *name, struct error *error)
{
    *files =
        (struct step_files){.run = run, .recorder = recorder, .recording.step = step, .name = name};
    return journal_add_mark(&recorder->journal, step, "begins", name, error);
}

bool step_files_add(struct step_files *files, const struct request *request,
                    const struct figures *figures, struct error *error)
{
    return recorder_put(files->recorder, &files->recording, request, figures, error);
}

size_t step_files_written(const struct step_files *files)
{
    return atomic_load(&files->recording.written);
}

/* Copies one request from the journal into the array; the first of them gets the switching time. */
static bool copy_request(struct step_files *files, size_t index, bool first,
                         const struct step *step, struct text *object, FILE *out,
                         struct error *error)
{
    text_reset(object);
    if (!journal_read(&files->recorder->journal, files->recording.place[index], object, error))
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
    struct text object = {0};
    bool done = true;

    setvbuf(out, NULL, _IOFBF, WRITE_AT_ONCE);
    fputc('[', out);
    for (size_t i = 0; i < files->recording.count && done; i++)
        done = copy_request(files, outcomes[i].index, i == 0, step, &object, out, error);
    fputs("\n]\n", out);
    text_clear(&object);
    return done;
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

/* Ends the step in the journal and puts all of it on the disk. */
static bool end_recording(struct step_files *files, enum step_end end, struct error *error)
{
    struct journal *journal = &files->recorder->journal;

    return recorder_drain(files->recorder, &files->recording, error) &&
           journal_add_mark(journal, files->recording.step, "ends", step_end_words[end], error) &&
           journal_sync(journal, error);
}

bool step_files_end(struct step_files *files, const struct step *step,
                    const struct outcome *outcomes, const char *sampling_params,
                    struct error *error)
{
    return end_recording(files, step->end, error) &&
           write_responses(files, step, outcomes, error) &&
           write_summary(files, step, sampling_params, error);
}

void step_files_clear(struct step_files *files)
{
    struct error error; /* told already: whoever failed ends here too */

    if (files->recorder)
        recorder_drain(files->recorder, &files->recording, &error);
    recording_clear(&files->recording);
    *files = (struct step_files){0};
}
