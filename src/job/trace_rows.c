#include "job/trace_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/expand.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/unit.h"
#include "plan/loads.h"
#include "plan/mixes.h"
#include "traffic/census.h"
#include "traffic/trace_sessions.h"

/* Rows as they are made. */
struct expansion {
    struct preparation *preparation;
    struct bundle bundle; /* without experts where none is described */
    struct faults *faults;
    struct rows rows;
};

/* --- trace_models ----------------------------------------------------------------------------- */

static void read_mapping(struct preparation *preparation, struct faults *faults)
{
    const struct yaml *models = yaml_find(preparation->settings.document, "trace_models");

    if (!models || models->kind != YAML_MAPPING)
        return;
    preparation->trace_model = memory_new(models->count, sizeof *preparation->trace_model);
    for (size_t i = 0; i < models->count; i++) {
        if (models->value[i]->kind == YAML_SCALAR && *models->value[i]->scalar)
            preparation->trace_model[preparation->trace_models++] =
                (struct trace_mapping){models->key[i]->scalar, models->value[i]->scalar};
        else
            settings_fault(&preparation->settings, faults, "trace_models",
                           "'%.100s' leads to no model's name", models->key[i]->scalar);
    }
}

/* --- The mix ---------------------------------------------------------------------------------- */

static bool is_taken(const struct rows *rows, const char *mix)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].mix && strcmp(rows->row[i].mix, mix) == 0)
            return true;
    }
    return false;
}

/* By the file's name without its ending; a number behind it tells several apart. */
static char *name_mix(const struct expansion *expansion, const char *path)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    const char *dot = strrchr(file, '.');
    int length = dot && dot > file ? (int)(dot - file) : (int)strlen(file);
    char *stem = memory_printf("%.*s", length < 60 ? length : 60, file);
    const char *base = mixes_may_name(stem) ? stem : "trace";
    char *name = memory_text(base);

    for (int number = 2;
         is_taken(&expansion->preparation->rows, name) || is_taken(&expansion->rows, name);
         number++) {
        free(name);
        name = memory_printf("%s-%d", base, number);
    }
    free(stem);
    return name;
}

/* --- Members ---------------------------------------------------------------------------------- */

/* What a member has in all. */
struct tally {
    size_t requests, too_long;
    size_t sessions, turns_most, apart; /* as struct trace_sessions has them */
    double input_tokens, output_tokens, last_s;
    bool reuses;
};

struct trace_asked trace_rows_asked(const struct preparation *preparation, const struct row *row)
{
    return (struct trace_asked){
        .path = row->trace,
        .window = {row->trace_speed, row->trace_from_s, row->trace_for_s},
        .mapping = preparation->trace_model,
        .mappings = preparation->trace_models,
        .model = row->model_name,
        .context = row->trace_context,
    };
}

static void add_to_tally(void *context, const struct trace_request *request)
{
    struct tally *tally = context;

    tally->requests++;
    tally->input_tokens += (double)request->input_tokens;
    tally->output_tokens += (double)request->output_tokens;
    tally->last_s = request->at_s;
    tally->reuses |= request->blocks > 0;
}

/* By reading what will be sent: a member's last moment, its sessions, and what its model cannot
 * take, no census of the whole tells. */
static bool tally(const struct preparation *preparation, const struct row *row, struct tally *tally,
                  struct error *error)
{
    struct trace_asked asked = trace_rows_asked(preparation, row);
    const struct trace_sessions_hearer hearer = {add_to_tally, tally};
    struct trace_sessions sessions;
    bool done;

    *tally = (struct tally){0};
    done = trace_sessions_read(&sessions, &asked, &hearer, &tally->too_long, error);
    tally->sessions = sessions.sessions;
    tally->turns_most = sessions.turns_most;
    tally->apart = sessions.apart;
    trace_sessions_clear(&sessions);
    return done;
}

/* Of sessions, as they begin. Six digits are enough for people, and for a file's name. */
static double rate_of(const struct tally *tally)
{
    double rate = tally->sessions > 1 && tally->last_s > 0
                      ? (double)(tally->sessions - 1) / tally->last_s
                      : 1;
    char text[32];

    snprintf(text, sizeof text, "%.6g", fmin(fmax(rate, 1e-6), 1e6));
    return strtod(text, NULL);
}

/* Lines tell their whole prompts, so that these hold no more than they say. */
static void fill_row(struct row *row, const struct tally *tally)
{
    row->num_requests = (int64_t)tally->sessions;
    row->input_tokens = llround(tally->input_tokens / (double)tally->requests);
    row->output_tokens = llround(tally->output_tokens / (double)tally->requests);
    row->qps = rate_of(tally);
    row->trace_reuses = tally->reuses;
    if (tally->turns_most < 2)
        return;
    row->turns = (int64_t)tally->turns_most;
    row->turns_mean = (double)tally->requests / (double)tally->sessions;
}

static void warn_of_apart(const struct expansion *expansion, const struct row *row,
                          const struct tally *tally)
{
    if (tally->apart > 0)
        faults_add(
            &expansion->preparation->warnings, expansion->preparation->settings.model_configs_path,
            row->line,
            "trace: %zu later line%s of sessions to '%s' %s fewer input tokens than the line "
            "before has in all; %s for the response before, and %s no history",
            tally->apart, tally->apart == 1 ? "" : "s", row->model_name,
            tally->apart == 1 ? "has" : "have", tally->apart == 1 ? "it waits" : "they wait",
            tally->apart == 1 ? "holds" : "hold");
}

static void warn_of_long(const struct expansion *expansion, const struct row *row,
                         const struct tally *tally)
{
    if (tally->too_long > 0)
        faults_add(&expansion->preparation->warnings,
                   expansion->preparation->settings.model_configs_path, row->line,
                   "trace: %zu line%s left out, of more tokens than the %" PRId64
                   " that the bundle file has for '%s'",
                   tally->too_long, tally->too_long == 1 ? " is" : "s are", row->trace_context,
                   row->model_name);
}

static void add_member(struct expansion *expansion, const struct row *from, const char *mix,
                       const char *model)
{
    struct row row = row_copy(from);
    struct tally sum;
    struct error error;

    free(row.model_name);
    free(row.mix);
    row.model_name = memory_text(model);
    row.mix = memory_text(mix);
    row.trace_context = loads_context(&expansion->bundle, model);
    if (!tally(expansion->preparation, &row, &sum, &error))
        faults_add(expansion->faults, NULL, 0, "%s", error.text);
    else
        warn_of_long(expansion, &row, &sum);
    warn_of_apart(expansion, &row, &sum);
    if (sum.requests == 0) {
        row_clear(&row);
        return;
    }
    fill_row(&row, &sum);
    expansion->rows.row =
        memory_grow(expansion->rows.row, expansion->rows.count, sizeof *expansion->rows.row);
    expansion->rows.row[expansion->rows.count++] = row;
}

/* --- A row ------------------------------------------------------------------------------------ */

/* The file as it was found. */
static bool find_file(struct expansion *expansion, struct row *row)
{
    char *missing, *expanded = expand_by_environment(row->trace, &missing);
    const char *rows_path = expansion->preparation->settings.model_configs_path;
    bool found;

    if (!expanded) {
        faults_add(expansion->faults, rows_path, row->line,
                   "trace: '%.200s' names ${%s}, which is not set", row->trace, missing);
        free(missing);
        return false;
    }
    free(row->trace);
    row->trace = file_find(expanded, expansion->preparation->config_path);
    free(expanded);
    found = file_exists(row->trace);
    if (!found)
        faults_add(expansion->faults, rows_path, row->line,
                   "trace: there is no file '%s', neither in the working directory nor beside the "
                   "config",
                   row->trace);
    return found;
}

static void warn_of_window(struct expansion *expansion, const struct row *row,
                           const struct census *census)
{
    struct preparation *preparation = expansion->preparation;
    const struct settings *settings = &preparation->settings;
    size_t out = census->left_out.failed + census->left_out.empty;

    if (out > 0)
        faults_add(&preparation->warnings, settings->model_configs_path, row->line,
                   "trace: %zu line%s left out: %zu without output tokens, such as requests that "
                   "failed there, %zu without input",
                   out, out == 1 ? " is" : "s are", census->left_out.failed,
                   census->left_out.empty);
    if (census->last_s >= settings->timeout_s)
        faults_add(&preparation->warnings, settings->model_configs_path, row->line,
                   "trace: its last request leaves after %.6g s, and timeout (%g s) cuts it off "
                   "before; raise timeout, or take less of it (trace_for_s, trace_speed)",
                   census->last_s, settings->timeout_s);
}

static void expand_members(struct expansion *expansion, const struct row *row,
                           const struct census *census)
{
    const struct preparation *preparation = expansion->preparation;
    struct trace_members members = {0};
    size_t before = expansion->rows.count;

    if (trace_members_find(&members, preparation->trace_model, preparation->trace_models, census,
                           row->trace, expansion->faults)) {
        char *mix = row->mix ? memory_text(row->mix) : name_mix(expansion, row->trace);

        for (size_t i = 0; i < members.count; i++)
            add_member(expansion, row, mix, members.model[i]);
        free(mix);
        if (expansion->rows.count == before && expansion->faults->count == 0)
            faults_add(expansion->faults, preparation->settings.model_configs_path, row->line,
                       "trace: no request is left to send: its models take none of them");
    }
    trace_members_clear(&members);
}

static void expand_row(struct expansion *expansion, struct row *row)
{
    const struct trace_window window = {row->trace_speed, row->trace_from_s, row->trace_for_s};
    struct census census = {0};
    struct error error;

    if (!find_file(expansion, row))
        return;
    if (!census_take(&census, row->trace, &window, &error)) {
        faults_add(expansion->faults, NULL, 0, "%s", error.text);
    } else {
        warn_of_window(expansion, row, &census);
        expand_members(expansion, row, &census);
    }
    census_clear(&census);
}

static bool has_traces(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].trace)
            return true;
    }
    return false;
}

static void keep(struct expansion *expansion, struct row *row)
{
    expansion->rows.row =
        memory_grow(expansion->rows.row, expansion->rows.count, sizeof *expansion->rows.row);
    expansion->rows.row[expansion->rows.count++] = *row;
    *row = (struct row){0};
}

bool trace_rows_expand(struct preparation *preparation, struct faults *faults)
{
    struct expansion expansion = {.preparation = preparation, .faults = faults};
    struct faults ignored = {0}; /* it is read once more, by who needs it */
    size_t before = faults->count;

    if (!has_traces(&preparation->rows))
        return true;
    read_mapping(preparation, faults);
    if (preparation->settings.bundle)
        bundle_read(preparation->settings.bundle, &expansion.bundle, &ignored);
    expansion.rows.from_dataset = preparation->rows.from_dataset;
    for (size_t i = 0; i < preparation->rows.count; i++) {
        struct row *row = &preparation->rows.row[i];

        if (row->trace)
            expand_row(&expansion, row);
        else
            keep(&expansion, row);
    }
    rows_clear(&preparation->rows);
    preparation->rows = expansion.rows;
    bundle_clear(&expansion.bundle);
    faults_clear(&ignored);
    return faults->count == before;
}
