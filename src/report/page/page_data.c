#include "report/page/page_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/text.h"
#include "report/column.h"
#include "report/column_label.h"
#include "report/detail.h"
#include "report/flags.h"
#include "report/page/page_headline.h"
#include "report/page/page_mixes.h"
#include "report/page/page_qualification.h"
#include "report/page/page_ranks.h"
#include "report/page/page_requests.h"
#include "report/page/page_rows.h"
#include "report/page/page_search.h"
#include "report/page/page_study.h"
#include "report/page/page_turns.h"
#include "report/page/writer.h"

enum { NAME = 512 };

/* --- What ran --------------------------------------------------------------------------------- */

static void add_pair(struct writer *writer, const char *name, const char *value)
{
    writer_open(writer, NULL, '[');
    writer_add_text(writer, NULL, name);
    writer_add_text(writer, NULL, value);
    writer_close(writer, ']');
}

/* Which of these a fact belongs to, by how its key begins. */
static const char *group_of(const char *key)
{
    static const char *const groups[] = {"settings.labels.", "settings."};

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strncmp(key, groups[i], strlen(groups[i])) == 0)
            return groups[i];
    }
    return "";
}

/* The facts of a group, without its prefix. */
static void add_facts(struct writer *writer, const char *key, const struct results *run,
                      const char *prefix)
{
    writer_open(writer, key, '[');
    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];

        if (strcmp(group_of(fact->key), prefix) == 0)
            add_pair(writer, fact->key + strlen(prefix), fact->value);
    }
    writer_close(writer, ']');
}

static void add_runs(struct writer *writer, const struct report *report)
{
    writer_open(writer, "runs", '[');
    for (size_t i = 0; i < report->runs; i++) {
        writer_open(writer, NULL, '{');
        writer_add_text(writer, "name", report->run[i].name);
        writer_add_text(writer, "folder", report->run[i].folder);
        add_facts(writer, "facts", &report->run[i], "");
        add_facts(writer, "labels", &report->run[i], "settings.labels.");
        add_facts(writer, "settings", &report->run[i], "settings.");
        page_ranks_add(writer, &report->run[i]);
        page_rows_add_tokens(writer, &report->detail->tokens[i]);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

static void add_notes(struct writer *writer, const struct report *report)
{
    const struct detail *detail = report->detail;
    struct text note = {0};

    writer_open(writer, "notes", '[');
    for (size_t i = 0; i < report->runs; i++) {
        const struct results *run = &report->run[i];

        text_reset(&note);
        text_printf(&note, "%s is not finished: %zu of %zu steps are here.", run->name, run->count,
                    run->planned);
        if (run->count < run->planned)
            writer_add_text(writer, NULL, note.bytes);
        if (results_study_end(run))
            writer_add_text(writer, NULL, results_study_end(run));
    }
    if (report->definitions)
        writer_add_text(writer, NULL, report->definitions);
    text_reset(&note);
    text_printf(&note, "Of %zu requests, %zu are drawn here; figures are of all of them.",
                detail->requests, detail->in_page);
    if (detail->in_page < detail->requests)
        writer_add_text(writer, NULL, note.bytes);
    if (detail->unread)
        writer_add_text(writer, NULL, detail->why);
    writer_close(writer, ']');
    text_clear(&note);
}

/* --- Steps ------------------------------------------------------------------------------------ */

/* Which columns any step fills. */
static bool *filled_columns(const struct detail *detail)
{
    bool *filled = memory_new(column_count(), sizeof *filled);

    for (size_t column = 0; column < column_count(); column++) {
        for (size_t i = 0; i < detail->steps && !filled[column]; i++)
            filled[column] = column_cell(column, detail->step[i].step).kind != CELL_EMPTY;
    }
    return filled;
}

static void add_columns(struct writer *writer, const bool *filled)
{
    char name[NAME], label[NAME];

    writer_open(writer, "columns", '[');
    for (size_t column = 0; column < column_count(); column++) {
        if (!filled[column])
            continue;
        column_name(column, name, sizeof name);
        writer_open(writer, NULL, '{');
        writer_add_text(writer, "key", name);
        writer_add_text(writer, "label", column_label(name, label, sizeof label));
        writer_add_truth(writer, "told", column_is_told(column));
        writer_add_text(writer, "unit", column_unit(column));
        writer_add_text(writer, "help", column_help(column));
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

static void add_cells(struct writer *writer, const bool *filled, const struct step *step)
{
    writer_open(writer, "cells", '[');
    for (size_t column = 0; column < column_count(); column++) {
        struct cell cell = column_cell(column, step);

        if (!filled[column])
            continue;
        if (cell.kind == CELL_TEXT)
            writer_add_text(writer, NULL, cell.text);
        else
            writer_add_number(writer, NULL, cell.kind == CELL_NUMBER ? cell.number : NAN);
    }
    writer_close(writer, ']');
}

static void add_flags(struct writer *writer, const struct step *step)
{
    struct text clauses = {0};

    writer_open(writer, "flags", '[');
    flags_add(step, &clauses);
    if (clauses.length > 0)
        writer_add_text(writer, NULL, clauses.bytes);
    if (step->end != STEP_DONE)
        writer_add_text(writer, NULL,
                        step->end == STEP_TIMED_OUT ? "the row's timeout ended it"
                        : step->end == STEP_STOPPED ? "it was stopped early, since all failed"
                                                    : "it was stopped early");
    if (step->started > 0 && step->completed == 0)
        writer_add_text(writer, NULL, "no request completed");
    if (step->follows_cut_short)
        writer_add_text(writer, NULL,
                        "the step before was cut short, so the server may have been busy");
    writer_close(writer, ']');
    text_clear(&clauses);
}

static void add_errors(struct writer *writer, const struct step_detail *about)
{
    const struct step *step = about->step;

    writer_open(writer, "errors", '[');
    for (size_t i = 0; i < step->error_kinds; i++) {
        writer_open(writer, NULL, '[');
        writer_add_text(writer, NULL, step->error[i].code);
        writer_add_number(writer, NULL, (double)step->error[i].count);
        writer_add_text(writer, NULL, about->example[i]);
        writer_close(writer, ']');
    }
    writer_close(writer, ']');
}

/* The number of the step's row among the page's; NAN: it is a warm-up, and in no table of rows. */
static double row_number(const struct detail *detail, const struct study *study, size_t visit,
                         const struct step *step)
{
    size_t mixed = step->row.mix ? pools_find_mixed(&detail->pools, &step->row) : SIZE_MAX;

    if (visit < study->visits && study->visit[visit].step == step)
        return (double)study->visit[visit].row + 1;
    return mixed == SIZE_MAX ? NAN : (double)mixed + 1;
}

/* Warm-ups are no visits, and those of mixes are not the study's; the others stand in it in the
 * same order. */
static void add_steps(struct writer *writer, const struct report *report, const bool *filled)
{
    const struct detail *detail = report->detail;
    const struct study *study = report->study;
    size_t visit = 0;

    writer_open(writer, "steps", '[');
    for (size_t i = 0; i < detail->steps; i++) {
        const struct step_detail *about = &detail->step[i];
        const struct step *step = about->step;
        bool visits = visit < study->visits && study->visit[visit].step == step;

        writer_open(writer, NULL, '{');
        writer_add_number(writer, "run", (double)about->run);
        writer_add_number(writer, "row", row_number(detail, study, visit, step));
        writer_add_text(writer, "name", step->name);
        page_study_add_row(writer, "label", &step->row);
        writer_add_text(writer, "model", step->row.model_name);
        writer_add_number(writer, "pass", step->pass > 0 ? (double)step->pass : NAN);
        writer_add_truth(writer, "warmup", step->row.warmup);
        writer_add_number(writer, "began_s", about->began_s);
        writer_add_number(writer, "wall_s", step->wall_s);
        writer_add_text(writer, "verdict", measurement_verdict_words[step->health.verdict]);
        writer_add_text(writer, "reason", step->health.reason);
        add_flags(writer, step);
        add_errors(writer, about);
        writer_add_number(writer, "started", (double)step->started);
        writer_add_number(writer, "completed", (double)step->completed);
        add_cells(writer, filled, step);
        page_requests_add_batches(writer, about);
        page_requests_add(writer, about);
        if (visits)
            page_study_add_switch(writer, &study->visit[visit++]);
        else
            writer_add_null(writer, "switch");
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

/* --- All of it ---------------------------------------------------------------------------------
 */

void page_write_data(FILE *out, const struct report *report)
{
    struct writer writer = {.out = out};
    bool *filled = filled_columns(report->detail);
    char moment[CLOCK_TEXT];

    clock_format_utc(clock_wall_ns(), moment);
    writer_open(&writer, NULL, '{');
    writer_add_text(&writer, "title", report->run[0].name);
    writer_add_text(&writer, "made_by", "coebench " COEBENCH_VERSION);
    writer_add_text(&writer, "made_at", moment);
    page_headline_add(&writer, report);
    add_notes(&writer, report);
    add_runs(&writer, report);
    add_columns(&writer, filled);
    add_steps(&writer, report, filled);
    page_rows_add(&writer, &report->detail->pools);
    page_study_add(&writer, report->study);
    page_search_add(&writer, report);
    page_mixes_add(&writer, report);
    page_turns_add(&writer, report);
    page_qualification_add(&writer, report->qualification);
    writer_close(&writer, '}');
    free(filled);
}
