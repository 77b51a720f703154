#include "job/typed_inputs.h"

#include <inttypes.h>
#include <string.h>

#include "core/word.h"
#include "plan/rows.h"

static const char *const column_names[TYPED_COLUMNS] = {
    [TYPED_MODEL] = "model_name",
    [TYPED_INPUT_TOKENS] = "input_tokens",
    [TYPED_OUTPUT_TOKENS] = "output_tokens",
    [TYPED_REQUESTS] = "num_requests",
    [TYPED_CONCURRENCY] = "concurrent_requests",
    [TYPED_QPS] = "qps",
    [TYPED_DISTRIBUTION] = "qps_distribution",
    [TYPED_IMAGE] = "multimodal_img_size",
    [TYPED_STDDEV_INPUT_TOKENS] = "stddev_input_tokens",
    [TYPED_STDDEV_OUTPUT_TOKENS] = "stddev_output_tokens",
    [TYPED_DATASET] = "dataset",
    [TYPED_DURATION] = "duration_s",
    [TYPED_WARMUP_REQUESTS] = "warmup_requests",
    [TYPED_COOLDOWN_REQUESTS] = "cooldown_requests",
    [TYPED_BURSTINESS] = "burstiness",
    [TYPED_QPS_END] = "qps_end",
    [TYPED_QPS_RAMP] = "qps_ramp",
    [TYPED_MAX_IN_FLIGHT] = "max_in_flight",
    [TYPED_PREFIX_TOKENS] = "prefix_tokens",
    [TYPED_TURNS] = "turns",
    [TYPED_TURN_INPUT_TOKENS] = "turn_input_tokens",
    [TYPED_THINK_TIME] = "think_time_s",
    [TYPED_MIX] = "mix",
};

/* --- Rows ------------------------------------------------------------------------------------- */

static bool is_used(const struct typed_row *row, int column)
{
    return row->cell[column] || column <= TYPED_IMAGE;
}

/* What no reader of a CSV takes for anything else. */
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:";

static void add_cell(const char *cell, struct text *csv)
{
    if (!cell[strspn(cell, plain)]) {
        text_add_string(csv, cell);
        return;
    }
    text_add_char(csv, '"');
    for (; *cell; cell++) {
        if (*cell == '"')
            text_add_char(csv, '"');
        text_add_char(csv, *cell);
    }
    text_add_char(csv, '"');
}

void typed_row_add_header(const struct typed_row *row, struct text *csv)
{
    for (int i = 0; i < TYPED_COLUMNS; i++) {
        if (is_used(row, i))
            text_printf(csv, "%s%s", i > 0 ? "," : "", column_names[i]);
    }
    text_add_char(csv, '\n');
}

void typed_row_add(const struct typed_row *row, struct text *csv)
{
    for (int i = 0; i < TYPED_COLUMNS; i++) {
        if (!is_used(row, i))
            continue;
        if (i > 0)
            text_add_char(csv, ',');
        add_cell(row->cell[i] ? row->cell[i] : "", csv);
    }
    text_add_char(csv, '\n');
}

/* A row that is sound, but for that cell. */
static struct typed_row row_around(enum typed_column column, const char *cell)
{
    struct typed_row row = {{"m", "1", "1", "1", "1"}};

    if (column == TYPED_QPS || column == TYPED_DISTRIBUTION)
        row.cell[TYPED_CONCURRENCY] = NULL;
    if (column == TYPED_DISTRIBUTION)
        row.cell[TYPED_QPS] = "1";
    if (column == TYPED_PREFIX_TOKENS) /* which is a part of them, and is judged for itself */
        row.cell[TYPED_INPUT_TOKENS] = "16777216";
    row.cell[column] = cell;
    return row;
}

/* The sentence of the first fault, without the column's name before it. */
static bool refuse(enum typed_column column, const struct faults *faults, struct error *error)
{
    const char *name = column_names[column], *text = faults->text[0];
    size_t length = strlen(name);
    bool named = strncmp(text, name, length) == 0 && text[length] == ':';

    return error_set(error, "%s", named ? text + length + 2 : text);
}

/* What a row may leave out may be 0 there, and empty; who types it means to set it. */
static bool sets_nothing(enum typed_column column, const char *cell)
{
    static const enum typed_column columns[] = {
        TYPED_CONCURRENCY, TYPED_QPS,           TYPED_DURATION,      TYPED_BURSTINESS,
        TYPED_QPS_END,     TYPED_MAX_IN_FLIGHT, TYPED_PREFIX_TOKENS, TYPED_TURNS,
    };
    bool is_one = false;
    double number;

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        is_one |= columns[i] == column;
    return is_one && (!*cell || (word_number(cell, &number) && number == 0));
}

bool typed_cell_check(enum typed_column column, const char *cell, struct error *error)
{
    const struct typed_row row = row_around(column, cell);
    struct rows rows = {0};
    struct faults faults = {0}, warnings = {0};
    struct text csv = {0};
    bool sound;

    if (sets_nothing(column, cell))
        return error_set(error, "'%.60s' is not a number above 0", cell);
    typed_row_add_header(&row, &csv);
    typed_row_add(&row, &csv);
    sound = rows_parse(csv.bytes, csv.length, NULL, &rows, &faults, &warnings) ||
            refuse(column, &faults, error);
    faults_clear(&faults);
    faults_clear(&warnings);
    rows_clear(&rows);
    text_clear(&csv);
    return sound;
}

void typed_row_add_names(const struct typed_row *row, struct text *names)
{
    for (int i = TYPED_IMAGE + 1; i < TYPED_COLUMNS; i++) {
        if (row->cell[i])
            text_printf(names, ",%s", column_names[i]);
    }
}

void typed_row_add_cells(const struct typed_row *row, struct text *cells)
{
    for (int i = TYPED_IMAGE + 1; i < TYPED_COLUMNS; i++) {
        if (!row->cell[i])
            continue;
        text_add_char(cells, ',');
        add_cell(row->cell[i], cells);
    }
}

/* --- Config ----------------------------------------------------------------------------------- */

/* A JSON string is a YAML one. */
static void add_text(struct text *yaml, const char *key, const char *value)
{
    if (!value)
        return;
    text_printf(yaml, "%s: ", key);
    text_add_json(yaml, value);
    text_add_char(yaml, '\n');
}

static void add_plain(struct text *yaml, const char *key, const char *value)
{
    if (value)
        text_printf(yaml, "%s: %s\n", key, value);
}

void typed_config_add(const struct typed_config *config, struct text *yaml)
{
    add_plain(yaml, "llm_api", config->api);
    add_text(yaml, "model_configs_path", config->rows);
    add_text(yaml, "output_files_dir", config->results);
    add_text(yaml, "consolidated_results_dir", config->results);
    add_text(yaml, "run_name", config->run_name);
    if (config->passes > 0)
        text_printf(yaml, "passes: %" PRId64 "\n", config->passes);
    add_plain(yaml, "timeout", config->timeout);
    add_plain(yaml, "sampling_params", config->sampling_params);
    add_plain(yaml, "labels", config->labels);
}
