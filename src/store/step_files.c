#include "store/step_files.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/nul.h"
#include "core/spill.h"
#include "store/fingerprint.h"
#include "store/response.h"
#include "store/summary_file.h"

static const char texts_ending[] = "_response_texts.jsonl";

bool step_files_begin(struct step_files *files, const struct run *run, struct recorder *recorder,
                      size_t step, const char *name, bool keep_texts, struct error *error)
{
    *files = (struct step_files){
        .run = run, .recorder = recorder, .name = name, .keep_texts = keep_texts};
    for (int part = 0; part < STEP_PARTS; part++)
        files->recording[part].step = step;
    return journal_add_mark(&recorder->journal, step, "begins", name, error);
}

bool step_files_add(struct step_files *files, enum step_part part, const struct request *request,
                    const struct figures *figures, const struct request_texts *texts,
                    struct error *error)
{
    bool keeps_texts = files->keep_texts && part == STEP_LOAD && request->end == REQUEST_COMPLETED;

    return recorder_put(files->recorder, &files->recording[part], request, figures,
                        keeps_texts ? texts : NULL, error);
}

size_t step_files_written(const struct step_files *files, enum step_part part)
{
    return atomic_load(&files->recording[part].written);
}

/* The texts of a load's record as they stand in the journal; false with a sentence. */
static bool read_texts(struct step_files *files, size_t record, struct text *json,
                       struct error *error)
{
    struct recording *recording = &files->recording[STEP_LOAD];
    const struct journal_places *places = &recording->text_places;

    if (!recorder_drain(files->recorder, recording, error))
        return false;
    if (record >= places->count || places->place[record].length == 0)
        return true;
    return journal_read(&files->recorder->journal, places->place[record], json, error);
}

/* NULs in its texts are C0 80 (core/nul.h). */
static cJSON *read_object(const struct text *json)
{
    struct text copy = {0};
    bool hidden = json->length > 0 && nul_hide(json->bytes, json->length, &copy);
    const struct text *read = hidden ? &copy : json;
    cJSON *object = read->length > 0 ? cJSON_ParseWithLength(read->bytes, read->length) : NULL;

    text_clear(&copy);
    return object;
}

bool step_files_completion(struct step_files *files, size_t record, struct text *completion,
                           bool *kept, struct error *error)
{
    struct text json = {0};
    bool done = read_texts(files, record, &json, error);
    cJSON *object = read_object(&json);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "completion");

    *kept = cJSON_IsString(item);
    if (*kept)
        text_add_string(completion, item->valuestring);
    cJSON_Delete(object);
    text_clear(&json);
    return done;
}

/* A file being made of what the journal holds, request by request. */
struct copying {
    struct step_files *files;
    enum step_part part;
    const struct step *step;
    const struct outcome *outcomes;   /* of that part, in start order */
    const struct request_mark *marks; /* of each; NULL: there are none */
    FILE *out;
    struct text text;
};

/* Copies one request from the journal into the array; the load's first gets the switching time. */
static bool copy_request(struct copying *copying, size_t i, struct error *error)
{
    struct step_files *files = copying->files;
    const struct journal_places *places = &files->recording[copying->part].places;
    const struct switching *switching = &copying->step->switching;

    spill_pass(&copying->outcomes[i], i);
    text_reset(&copying->text);
    if (!journal_read(&files->recorder->journal, places->place[copying->outcomes[i].record],
                      &copying->text, error))
        return false;
    if (!response_set_tokens(&copying->text, &copying->outcomes[i].figures, error))
        return false;
    if (i == 0 && copying->part == STEP_LOAD &&
        !response_set_switching_time(&copying->text, switching->time_s, error))
        return false;
    if (copying->marks && !response_set_mark(&copying->text, &copying->marks[i], error))
        return false;
    fputs(i == 0 ? "\n" : ",\n", copying->out);
    fwrite(copying->text.bytes, 1, copying->text.length, copying->out);
    return true;
}

static bool copy_requests(struct copying *copying, struct error *error)
{
    size_t count = copying->files->recording[copying->part].places.count;
    bool done = true;

    fputc('[', copying->out);
    for (size_t i = 0; i < count && done; i++)
        done = copy_request(copying, i, error);
    fputs("\n]\n", copying->out);
    return done;
}

/* Copies the texts of a request, where they were kept. */
static bool copy_text(struct copying *copying, size_t i, struct error *error)
{
    const struct journal_places *places = &copying->files->recording[copying->part].text_places;
    size_t record = copying->outcomes[i].record;

    if (record >= places->count || places->place[record].length == 0)
        return true;
    text_reset(&copying->text);
    if (!journal_read(&copying->files->recorder->journal, places->place[record], &copying->text,
                      error))
        return false;
    text_add_char(&copying->text, '\n');
    fwrite(copying->text.bytes, 1, copying->text.length, copying->out);
    return true;
}

static bool copy_texts(struct copying *copying, struct error *error)
{
    size_t count = copying->files->recording[copying->part].places.count;
    bool done = true;

    for (size_t i = 0; i < count && done; i++)
        done = copy_text(copying, i, error);
    return done;
}

static bool write_copies(struct copying *copying, const char *ending,
                         bool (*copy)(struct copying *copying, struct error *error),
                         struct error *error)
{
    char *path = run_path(copying->files->run, copying->files->name, ending);
    struct file_draft draft;
    bool done = file_draft_begin(&draft, path, error);

    if (done) {
        copying->out = draft.out;
        done = copy(copying, error);
        done = file_draft_end(&draft, done, error);
    }
    text_clear(&copying->text);
    free(path);
    return done;
}

static bool write_parts(struct step_files *files, const struct step *step,
                        const struct outcome *const outcomes[STEP_PARTS],
                        const struct request_mark *const marks[STEP_PARTS], struct error *error)
{
    static const struct request_mark *const none[STEP_PARTS];
    const struct request_mark *const *marked = marks ? marks : none;
    struct copying load = {files, STEP_LOAD, step, outcomes[STEP_LOAD], marked[STEP_LOAD],
                           NULL,  {0}};
    struct copying probe = {files, STEP_PROBE, step, outcomes[STEP_PROBE], marked[STEP_PROBE],
                            NULL,  {0}};
    struct copying phases = {files, STEP_PHASES, step, outcomes[STEP_PHASES], marked[STEP_PHASES],
                             NULL,  {0}};

    return write_copies(&load, "_individual_responses.json", copy_requests, error) &&
           (!files->keep_texts || write_copies(&load, texts_ending, copy_texts, error)) &&
           (step->probe_started == 0 ||
            write_copies(&probe, "_probe.json", copy_requests, error)) &&
           (step->phase_started == 0 ||
            write_copies(&phases, "_phases.json", copy_requests, error));
}

static bool write_summary(struct step_files *files, const struct step *step,
                          const char *sampling_params, struct error *error)
{
    char *path = summary_file_path(files->run->folder, files->name);
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

    bool done = true;

    for (int part = 0; part < STEP_PARTS && done; part++)
        done = recorder_drain(files->recorder, &files->recording[part], error);
    return done &&
           journal_add_mark(journal, files->recording[STEP_LOAD].step, "ends", step_end_words[end],
                            error) &&
           journal_sync(journal, error);
}

/* What cannot be looked at has no fingerprint, and is read by who resumes the run. */
static bool add_fingerprint(struct step_files *files, const struct step *step, struct error *error)
{
    const bool parts[STEP_PARTS] = {
        [STEP_PROBE] = step->probe_started > 0, [STEP_PHASES] = step->phase_started > 0};
    struct journal_place place;
    struct text json = {0};
    bool done = !fingerprint_add(files->run, files->name, parts, &json) ||
                journal_add_object(&files->recorder->journal, step->index, "fingerprint", &json,
                                   &place, error);

    text_clear(&json);
    return done;
}

bool step_files_end(struct step_files *files, const struct step *step,
                    const struct outcome *const outcomes[STEP_PARTS],
                    const struct request_mark *const marks[STEP_PARTS], const char *sampling_params,
                    struct error *error)
{
    return end_recording(files, step->end, error) &&
           write_parts(files, step, outcomes, marks, error) &&
           write_summary(files, step, sampling_params, error) &&
           add_fingerprint(files, step, error);
}

void step_files_clear(struct step_files *files)
{
    struct error error; /* reported already: whoever failed ends here too */

    for (int part = 0; part < STEP_PARTS; part++) {
        if (files->recorder)
            recorder_drain(files->recorder, &files->recording[part], &error);
        recording_clear(&files->recording[part]);
    }
    *files = (struct step_files){0};
}
