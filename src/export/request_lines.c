#include "export/request_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "export/response_start.h"
#include "export/step_lines.h"
#include "store/responses.h"

/* "load" for a row's own, "probe", "warmup", "cooldown". */
static const char *part_of(enum step_part part, const struct outcome *outcome)
{
    if (part == STEP_PROBE)
        return "probe";
    return outcome->phase == REQUEST_COUNTED ? "load" : request_phase_words[outcome->phase];
}

static double status_of(const struct outcome *outcome)
{
    return outcome->http_status > 0 ? outcome->http_status : NAN;
}

static void write_request(struct tabular *tabular, const struct response *response,
                          const char *started_utc)
{
    const struct outcome *outcome = &response->outcome;

    tabular_number(tabular, "request_index", (double)outcome->index);
    tabular_number(tabular, "attempt", outcome->attempt);
    tabular_text(tabular, "start_timestamp_utc", started_utc);
    tabular_text(tabular, "error_code", response->code);
    tabular_text(tabular, "error_msg", response->message);
    tabular_number(tabular, "http_status", status_of(outcome));
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        tabular_number(tabular, metric_table[metric].key, outcome->figures.value[metric]);
    tabular_end(tabular);
}

static bool write_part(struct tabular *tabular, const struct results *run, const struct step *step,
                       enum step_part part, struct error *error)
{
    struct response_reader *reader = response_reader_open(run->folder, step->name, part, error);
    struct response response;

    if (!reader)
        return false;
    error->text[0] = '\0';
    while (response_reader_next(reader, &response, error)) {
        char *started_utc = response_start(reader);

        step_lines_add_place(tabular, run, step);
        tabular_text(tabular, "model", step->row.model_name);
        tabular_text(tabular, "part", part_of(part, &response.outcome));
        write_request(tabular, &response, started_utc);
        free(started_utc);
    }
    response_reader_close(reader);
    return error->text[0] == '\0';
}

/* Of the names alone is anything used. */
static void write_heading(struct tabular *tabular, const struct results *run)
{
    struct response blank = {.message = ""};

    step_lines_add_place(tabular, run, &run->step[0]);
    tabular_text(tabular, "model", "");
    tabular_text(tabular, "part", "");
    write_request(tabular, &blank, "");
}

bool request_lines_write(struct tabular *tabular, const struct results *run, struct error *error)
{
    static const enum step_part parts[] = {STEP_PROBE, STEP_PHASES, STEP_LOAD};

    if (tabular->heading && run->count > 0)
        write_heading(tabular, run);
    for (size_t i = 0; i < run->count; i++) {
        for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
            if (responses_are_there(run->folder, run->step[i].name, parts[part]) &&
                !write_part(tabular, run, &run->step[i], parts[part], error))
                return false;
        }
    }
    return true;
}
