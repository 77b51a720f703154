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

static const char texts_ending[] = "_response_texts.jsonl";

static bool begin_texts(struct step_files *files, struct error *error)
{
    char *path = run_path(files->run, files->name, texts_ending);
    bool done = journal_open_unnamed(&files->texts, path, error);

    files->recording.texts = &files->texts;
    free(path);
    return done;
}

bool step_files_begin(struct step_files *files, const struct run *run, struct recorder *recorder,
                      size_t step, const char *name, bool keep_texts, struct error *error)
{
    *files =
        (struct step_files){.run = run, .recorder = recorder, .recording.step = step, .name = name};
    return journal_add_mark(&recorder->journal, step, "begins", name, error) &&
           (!keep_texts || begin_texts(files, error));
}

bool step_files_add(struct step_files *files, const struct request *request,
                    const struct figures *figures, const struct said *said, struct error *error)
{
    return recorder_put(files->recorder, &files->recording, request, figures,
                        request->end == REQUEST_COMPLETED ? said : NULL, error);
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
    if (!journal_read(&files->recorder->journal, files->recording.places.place[index], object,
                      error))
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

    fputc('[', out);
    for (size_t i = 0; i < files->recording.places.count && done; i++)
        done = copy_request(files, outcomes[i].index, i == 0, step, &object, out, error);
    fputs("\n]\n", out);
    text_clear(&object);
    return done;
}

/* Copies what was said in a request, where it was kept. */
static bool copy_text(struct step_files *files, size_t index, struct text *line, FILE *out,
                      struct error *error)
{
    const struct journal_places *places = &files->recording.text_places;

    if (index >= places->count || places->place[index].length == 0)
        return true;
    text_reset(line);
    if (!journal_read(&files->texts, places->place[index], line, error))
        return false;
    fwrite(line->bytes, 1, line->length, out);
    return true;
}

static bool copy_texts(struct step_files *files, const struct step *step,
                       const struct outcome *outcomes, FILE *out, struct error *error)
{
    struct text line = {0};
    bool done = true;

    (void)step;
    for (size_t i = 0; i < files->recording.places.count && done; i++)
        done = copy_text(files, outcomes[i].index, &line, out, error);
    text_clear(&line);
    return done;
}

/* Writes a file from what the journal or the texts hold, request by request. */
static bool
write_copies(struct step_files *files, const char *ending,
             bool (*copy)(struct step_files *files, const struct step *step,
                          const struct outcome *outcomes, FILE *out, struct error *error),
             const struct step *step, const struct outcome *outcomes, struct error *error)
{
    char *path = run_path(files->run, files->name, ending);
    char *temporary = file_temporary(path);
    FILE *out = fopen(temporary, "we");
    bool done;

    if (out)
        setvbuf(out, NULL, _IOFBF, WRITE_AT_ONCE);
    done = out && copy(files, step, outcomes, out, error);
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
           write_copies(files, "_individual_responses.json", copy_requests, step, outcomes,
                        error) &&
           (!files->recording.texts ||
            write_copies(files, texts_ending, copy_texts, step, outcomes, error)) &&
           write_summary(files, step, sampling_params, error);
}

void step_files_clear(struct step_files *files)
{
    struct error error; /* told already: whoever failed ends here too */

    if (files->recorder)
        recorder_drain(files->recorder, &files->recording, &error);
    recording_clear(&files->recording);
    journal_close(&files->texts);
    *files = (struct step_files){0};
}
