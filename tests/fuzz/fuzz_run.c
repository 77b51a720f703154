/* Anything at all, as a file that a run keeps and reads back: the first byte picks which. */
#include <cjson/cJSON.h>
#include <math.h>
#include <sys/stat.h>

#include "input.h"
#include "prompt/calibration.h"
#include "store/attempts.h"
#include "store/manifest_content.h"
#include "store/manifest_match.h"
#include "store/responses.h"
#include "store/summary_file.h"

/* --- Manifest --------------------------------------------------------------------------------- */

static void check_manifest(const struct manifest_content *content)
{
    for (size_t i = 0; i < content->steps; i++)
        require(content->step[i] && !strchr(content->step[i], '/'));
    for (size_t i = 0; i < content->facts; i++) {
        require(content->fact[i].key && content->fact[i].value);
        require(manifest_find(content, content->fact[i].key));
    }
    for (size_t i = 0; i < content->overrides; i++)
        require(content->override[i].option && content->override[i].assignment);
}

/* Whether a run with this manifest may be gone on with, by one that asks for little. */
static void match_manifest(void)
{
    static const char asked[] =
        "{\"endpoint\":{\"address\":\"http://a/v1\",\"dialect\":\"openai\"},"
        "\"settings\":{\"timeout\":600,\"probe\":{\"steady\":1}},\"inputs\":[{\"path\":\"p\","
        "\"sha256\":\"0\"}],\"model_configs\":{\"path\":\"rows.csv\"},"
        "\"rows\":[{\"line\":2,\"model_name\":\"m\"}],\"visits\":[2,2]}";
    struct error error = {""};
    struct faults faults = {0};
    cJSON *then = manifest_parse(".", &error), *now = cJSON_Parse(asked);

    require_sentence(then, &error);
    if (then)
        manifest_match(then, now, &faults);
    for (size_t i = 0; i < faults.count; i++)
        require(faults.text[i][0]);
    faults_clear(&faults);
    cJSON_Delete(then);
    cJSON_Delete(now);
}

static void read_manifest(const uint8_t *bytes, size_t length)
{
    struct manifest_content content;
    struct error error = {""};
    bool taken;

    input_write("manifest.json", bytes, length);
    taken = manifest_read(".", &content, &error);
    require_sentence(taken, &error);
    check_manifest(&content);
    manifest_content_clear(&content);
    match_manifest();
}

/* --- Summary ---------------------------------------------------------------------------------- */

static void check_step(const struct step *step)
{
    require(step->name && step->row.model_name);
    require(step->row.qps >= 0 && isfinite(step->row.qps));
    require(step->row.qps_distribution <= ROW_GAMMA);
    require(step->row.multimodal_img_size <= ROW_LARGE);
    require(step->row.line >= 0 && step->timestamp_s >= 0 && step->predecessor >= -1);
    require(step->end <= STEP_INTERRUPTED && step->health.verdict <= MEASUREMENT_INVALID);
    require(step->switching.verdict <= SWITCHING_BURST);
    for (size_t i = 0; i < step->error_kinds; i++)
        require(step->error[i].code[0]);
    for (size_t i = 0; i < step->batches; i++)
        require(isfinite(step->batch[i].size));
}

/* Writes what was read and reads that: twice the same. */
static void check_again(const struct step *step)
{
    struct text once = {0}, twice = {0};
    struct step again = {0};
    struct error error = {""};

    summary_file_add_json(step, "{}", &once);
    input_write("again_summary.json", once.bytes, once.length);
    require(summary_file_read("again_summary.json", &again, &error));
    summary_file_add_json(&again, "{}", &twice);
    require(strcmp(once.bytes, twice.bytes) == 0);
    text_clear(&once);
    text_clear(&twice);
    step_clear(&again);
}

static void read_summary(const uint8_t *bytes, size_t length)
{
    struct step step = {0};
    struct error error = {""};
    bool taken;

    input_write("a_summary.json", bytes, length);
    taken = summary_file_read("a_summary.json", &step, &error);
    require_sentence(taken, &error);
    if (taken) {
        check_step(&step);
        check_again(&step);
    }
    step_clear(&step);
}

/* --- Responses -------------------------------------------------------------------------------- */

static void check_response(const struct response *response)
{
    const struct outcome *outcome = &response->outcome;

    require(response->message);
    require(outcome->end < REQUEST_ENDS && outcome->attempt >= 1);
    for (int i = 0; i < METRIC_COUNT; i++)
        require(!isinf(outcome->figures.value[i]));
}

static void read_responses(const uint8_t *bytes, size_t length)
{
    struct response_reader *reader;
    struct responses all = {0};
    struct response response;
    struct error error = {""}, fault = {""};
    size_t count = 0;

    input_write("a_individual_responses.json", bytes, length);
    reader = response_reader_open(".", "a", STEP_LOAD, &error);
    require(reader);
    while (response_reader_next(reader, &response, &error)) {
        check_response(&response);
        count++;
    }
    require(responses_read(".", "a", STEP_LOAD, SIZE_MAX, &all, &fault) == !error.text[0]);
    require(all.count == count && strcmp(error.text, fault.text) == 0);
    responses_clear(&all);
    response_reader_close(reader);
}

/* --- Journal ---------------------------------------------------------------------------------- */

static void check_attempts(const struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++) {
        const struct attempt *attempt = &attempts->attempt[i];

        require(attempt->name && !strchr(attempt->name, '/'));
        require(attempt->number >= 1);
        require(attempt->number <= attempts_at(attempts, attempt->step));
    }
}

/* Whatever their names, which may be too long for a file. */
static void set_aside(const struct run *run, const struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++) {
        struct error error = {""};
        bool done = attempts_set_aside(run, &attempts->attempt[i], &error);

        require_sentence(done, &error);
    }
}

static void read_journal(const uint8_t *bytes, size_t length)
{
    static char name[] = "run", folder[] = "run", workbook[] = "run.xlsx";
    const struct run run = {name, folder, workbook};
    struct attempts attempts;
    struct error error = {""};

    require(mkdir(folder, 0777) == 0);
    input_write("run/journal.jsonl", bytes, length);
    input_write("run/a_summary.json", "{}", 2); /* an attempt of that name was summed up */
    require(attempts_read(&run, &attempts, &error));
    check_attempts(&attempts);
    set_aside(&run, &attempts);
    attempts_clear(&attempts);
    file_remove_folder(folder);
    require(!file_exists(folder));
}

/* --- Calibration ------------------------------------------------------------------------------ */

static void check_counting(const struct counting *known)
{
    struct counting counting = *known;

    require(isfinite(counting_overhead(&counting)) && counting_per_word(&counting) > 0);
    require(counting_words(&counting, 1000, false) >= 1);
    require(counting_words(&counting, 1000, true) >= 1);
    counting_learn(&counting, 100, 120);
    require(!counting.remembered && counting.samples >= 1);
    require(isfinite(counting_overhead(&counting)));
}

static void check_calibrations(struct calibrations *known)
{
    for (size_t i = 0; i < known->count; i++) {
        struct calibration *one = &known->calibration[i];

        require(one->base_url && one->endpoint_says && one->model && one->kind && one->learned_at);
        require(calibrations_find(known, one->base_url, one->endpoint_says, one->model,
                                  one->kind) == &one->counting);
        check_counting(&one->counting);
        one->counting.remembered = false; /* so that it is written */
    }
}

/* What is no UTF-8 is written as U+FFFD, and may then be the name of another. */
static bool have_names(const struct calibrations *known)
{
    bool have = true;

    for (size_t i = 0; i < known->count; i++)
        have &= input_is_utf8(known->calibration[i].base_url) &&
                input_is_utf8(known->calibration[i].endpoint_says) &&
                input_is_utf8(known->calibration[i].model) &&
                input_is_utf8(known->calibration[i].kind);
    return have;
}

static void read_calibration(const uint8_t *bytes, size_t length)
{
    struct calibrations known = {0}, again = {0};
    struct error error = {""};
    bool taken;

    input_write("calibration.json", bytes, length);
    taken = calibrations_read("calibration.json", &known, &error);
    require_sentence(taken, &error);
    check_calibrations(&known);
    require(calibrations_write(&known, "calibration.json", &error));
    require(calibrations_read("calibration.json", &again, &error));
    require(again.count == known.count || !have_names(&known));
    calibrations_clear(&known);
    calibrations_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const reads[])(const uint8_t *bytes, size_t length) = {
        read_manifest, read_summary, read_responses, read_journal, read_calibration};
    enum { READS = sizeof reads / sizeof *reads };

    if (length < 1)
        return 0;
    input_enter();
    reads[input_kind(bytes, READS)](bytes + 1, length - 1);
    return 0;
}
