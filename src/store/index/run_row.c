#include "store/index/run_row.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "record/health.h"
#include "record/row_key.h"

const char run_state_running[] = "running";
const char run_state_cut_off[] = "cut off";
const char run_state_done[] = "done";

#define RUN(name, kind, field, help)                                                               \
    {                                                                                              \
        name, kind, offsetof(struct run_row, field), NULL, help                                    \
    }

const struct column run_columns[] = {
    RUN("path", COLUMN_TEXT, path, "of its directory, below the indexed folder"),
    RUN("name", COLUMN_TEXT, name, "of its directory"),
    RUN("kind", COLUMN_TEXT, kind, "coebench, or kit: without a manifest"),
    RUN("state", COLUMN_TEXT, state, "done, running, cut off, interrupted, ended early, not ready"),
    RUN("started_utc", COLUMN_TEXT, started_utc, "2026-11-29T03:40:04.786544Z"),
    RUN("ended_utc", COLUMN_TEXT, ended_utc, "NULL while it has not ended"),
    RUN("coebench_version", COLUMN_TEXT, coebench_version, "that began it"),
    RUN("definitions", COLUMN_TEXT, definitions, "of its figures: 1, 2, or 1 and 2"),
    RUN("llm_api", COLUMN_TEXT, llm_api, "as the config has it"),
    RUN("endpoint", COLUMN_TEXT, endpoint, "its address"),
    RUN("dialect", COLUMN_TEXT, dialect, "that it was spoken to in"),
    RUN("visit_order", COLUMN_TEXT, order, "the setting order"),
    RUN("seed", COLUMN_TEXT, seed, "as a text: it may have more digits than a number keeps"),
    RUN("host", COLUMN_TEXT, host, "the machine that sent the load"),
    RUN("search", COLUMN_FLAG, searched, "1: its steps search the highest load"),
    RUN("study_end", COLUMN_TEXT, study_end, "how a study with stop_when ended, a sentence"),
    RUN("workbook", COLUMN_TEXT, workbook, "of its reports, the name without an ending"),
    RUN("row_set", COLUMN_TEXT, row_set,
        "the same for runs of the same rows, warm-up rows apart; NULL: no step"),
    RUN("steps_planned", COLUMN_SIZE, planned, ""),
    RUN("steps", COLUMN_SIZE, steps, "that have ended, and are in the table step"),
    RUN("steps_lost", COLUMN_SIZE, lost, "that a broken file has cost"),
    RUN("num_requests_started", COLUMN_SIZE, started, "over all steps"),
    RUN("num_completed_requests", COLUMN_SIZE, completed, "over all steps"),
    RUN("number_errors", COLUMN_SIZE, errors, "over all steps"),
    RUN("measurement_verdict", COLUMN_TEXT, measurement_verdict,
        "the worst of its steps: valid, degraded, invalid: client-limited"),
    {0},
};

void run_id(const char *path, char id[RUN_ID + 1])
{
    char hex[65];

    file_sha256(path, strlen(path), hex);
    memcpy(id, hex, RUN_ID);
    id[RUN_ID] = '\0';
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The digest of the rows' keys, each once, as they sort; NULL where there is no row. */
static char *set_of(const struct results *results)
{
    char **key = memory_new(results->count, sizeof *key), *set = NULL, id[RUN_ID + 1];
    struct text text = {0};
    size_t keys = 0;

    for (size_t i = 0; i < results->count; i++) {
        if (!results->step[i].row.warmup)
            key[keys++] = row_key(&results->step[i].row);
    }
    if (keys > 0)
        qsort(key, keys, sizeof *key, by_text);
    for (size_t i = 0; i < keys; i++) {
        if (i == 0 || strcmp(key[i - 1], key[i]) != 0)
            text_printf(&text, "%s\n", key[i]);
    }
    if (keys > 0) {
        run_id(text.bytes, id);
        set = memory_text(id);
    }
    for (size_t i = 0; i < keys; i++)
        free(key[i]);
    free(key);
    text_clear(&text);
    return set;
}

static void sum_up(struct run_row *row, const struct results *results)
{
    row->verdict = -1;
    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        row->started += step->started;
        row->completed += step->completed;
        row->errors += step->errors;
        if ((int)step->health.verdict > row->verdict)
            row->verdict = (int)step->health.verdict;
    }
    row->measurement_verdict = row->verdict < 0 ? NULL : measurement_verdict_words[row->verdict];
}

/* A run that says that it is running, and that no program writes to, was cut off. */
static const char *state_of(const char *status, bool locked)
{
    if (locked)
        return run_state_running;
    if (!status)
        return run_state_done;
    return strcmp(status, run_state_running) == 0 ? run_state_cut_off : status;
}

static bool has_ended(const char *state)
{
    return strcmp(state, run_state_running) != 0 && strcmp(state, run_state_cut_off) != 0;
}

static void fill_facts(struct run_row *row, const struct manifest_content *manifest)
{
    row->started_utc = manifest_find(manifest, "started_utc");
    if (has_ended(row->state))
        row->ended_utc = manifest_find(manifest, "status_since_utc");
    row->coebench_version = manifest_find(manifest, "coebench_version");
    row->definitions = manifest_find(manifest, "definitions");
    row->llm_api = manifest_find(manifest, "settings.llm_api");
    row->endpoint = manifest_find(manifest, "endpoint.address");
    row->dialect = manifest_find(manifest, "endpoint.dialect");
    row->order = manifest_find(manifest, "settings.order");
    row->seed = manifest_find(manifest, "settings.seed");
    row->host = manifest_find(manifest, "host.name");
    row->workbook = manifest_find(manifest, "reports");
}

void run_row_fill(struct run_row *row, const char *path, const struct results *results, bool locked)
{
    const struct manifest_content *manifest = &results->manifest;
    bool ours = manifest->facts > 0;

    *row = (struct run_row){.path = path,
                            .name = results->name,
                            .kind = ours ? "coebench" : "kit",
                            .state = state_of(manifest_find(manifest, "status"), locked),
                            .study_end = results_study_end(results),
                            .row_set = set_of(results),
                            .planned = results->planned,
                            .steps = results->count,
                            .lost = results->losses,
                            .searched = results->searched > 0};
    fill_facts(row, manifest);
    sum_up(row, results);
}

void run_row_clear(struct run_row *row)
{
    free(row->row_set);
    *row = (struct run_row){0};
}
