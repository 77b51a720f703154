#include "plan/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"
#include "plan/mixes.h"
#include "plan/row_columns.h"
#include "plan/sessions.h"

enum { FILE_MOST = 64 << 20 };

static const char *column_name(const void *table, size_t i)
{
    return ((const struct row_column *)table)[i].name;
}

/* Where each column stands in the file; −1: it does not. */
struct header {
    int at[ROW_COLUMNS];
    size_t cells;
    char separator;
};

/* In any letter case, and with blanks or dashes for underscores. */
static bool is_name(const char *cell, const char *name)
{
    static const char between[] = " \t_-";

    cell += strspn(cell, " \t");
    for (; *name; name++) {
        size_t length = *name == '_' ? strspn(cell, between) : 1;

        if (length == 0 || (*name != '_' && tolower((unsigned char)*cell) != *name))
            return false;
        cell += length;
    }
    return cell[strspn(cell, " \t")] == '\0';
}

static size_t find_column(const char *name)
{
    size_t i = 0;

    while (i < ROW_COLUMNS && !is_name(name, row_columns[i].name))
        i++;
    return i;
}

static void read_header_cell(const char *name, const struct csv_record *record, int position,
                             struct header *header, const char *file, struct faults *faults,
                             struct faults *warnings)
{
    size_t column = find_column(name);

    if (column < ROW_COLUMNS && header->at[column] >= 0) {
        faults_add(faults, file, record->line, "column '%s' appears twice; keep one",
                   row_columns[column].name);
    } else if (column < ROW_COLUMNS) {
        header->at[column] = position;
    } else if (*name) {
        const char *near = word_nearest(name, row_columns, ROW_COLUMNS, column_name);

        faults_add(warnings, file, record->line, "column '%.60s' is unknown and ignored%s%s%s",
                   name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
}

/* A separator in a cell that is not the file's; 0: there is none. */
static char other_separator(const char *cell, char separator)
{
    for (const char *one = csv_separators; *one; one++) {
        if (*one != separator && strchr(cell, *one))
            return *one;
    }
    return '\0';
}

static const char *separator_words(char separator)
{
    return separator == ',' ? "','" : separator == ';' ? "';'" : separator == '|' ? "'|'" : "tabs";
}

/* Whether each cell of the header is one. */
static bool is_separated(const struct csv_record *record, char separator, const char *file,
                         struct faults *faults)
{
    for (size_t i = 0; i < record->cells; i++) {
        char other = other_separator(record->cell[i], separator);

        if (!other)
            continue;
        faults_add(faults, file, record->line,
                   "the columns are separated by %s, and '%.60s' by %s; use one of them",
                   separator_words(separator), record->cell[i], separator_words(other));
        return false;
    }
    return true;
}

/* Whether no cell is the name of a column: rows from the first line on. */
static bool knows_none(const struct csv_record *record)
{
    for (size_t cell = 0; cell < record->cells; cell++) {
        for (size_t i = 0; i < ROW_COLUMNS; i++) {
            if (is_name(record->cell[cell], row_columns[i].name))
                return false;
        }
    }
    return true;
}

static bool has_column(const struct header *header, const char *name)
{
    return header->at[find_column(name)] >= 0;
}

static bool read_header(const struct csv *csv, const char *file, bool from_dataset,
                        struct header *header, struct faults *faults, struct faults *warnings)
{
    const struct csv_record *record = &csv->record[0];
    size_t before = faults->count;
    struct row_known known;

    for (size_t i = 0; i < ROW_COLUMNS; i++)
        header->at[i] = -1;
    if (!is_separated(record, csv->separator, file, faults))
        return false;
    header->separator = csv->separator;
    if (knows_none(record)) {
        faults_add(faults, file, record->line,
                   "the header line is missing; begin with model_name,input_tokens,output_tokens,"
                   "num_requests,concurrent_requests");
        return false;
    }
    header->cells = record->cells;
    for (size_t i = 0; i < record->cells; i++)
        read_header_cell(record->cell[i], record, (int)i, header, file, faults, warnings);
    known = (struct row_known){from_dataset || has_column(header, "dataset"),
                               has_column(header, "duration_s"), has_column(header, "share"),
                               has_column(header, "trace")};
    for (size_t i = 0; i < ROW_COLUMNS; i++) {
        if (row_columns[i].required && header->at[i] < 0 &&
            !row_column_may_be_left_out(&row_columns[i], &known))
            faults_add(faults, file, record->line,
                       "column '%s' is missing from the header; its names are model_name, "
                       "input_tokens, output_tokens, num_requests",
                       row_columns[i].name);
    }
    return faults->count == before;
}

/* The words by which spreadsheets and pandas write an empty cell. */
static const char *emptied(const char *cell)
{
    static const char *const words[] = {"NA",  "N/A",  "NaN",  "null",     "None",
                                        "#NA", "#N/A", "<NA>", "#N/A N/A", "-NaN"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (word_same(cell, words[i]))
            return "";
    }
    return cell;
}

static void check_extra_cells(const struct csv_record *record, const struct header *header,
                              const char *file, struct faults *faults)
{
    for (size_t i = header->cells; i < record->cells; i++) {
        if (record->cell[i][0]) {
            faults_add(faults, file, record->line,
                       "has %zu cells where the header has %zu; quote a cell that holds a comma",
                       record->cells, header->cells);
            return;
        }
    }
}

/* "0,5" and "1,000" may be meant as numbers; which, only who wrote them knows. */
static bool is_number_with_comma(const char *cell, char other)
{
    return other == ',' && *cell && cell[strspn(cell, "0123456789,")] == '\0';
}

/* Whether no cell of the row is separated otherwise than the header; one fault, since nothing of
 * such a row can be told apart. Names of models and paths may hold anything where the row is whole.
 */
static bool is_like_header(const struct csv_record *record, const struct header *header,
                           const char *file, struct faults *faults)
{
    for (size_t i = 0; i < record->cells; i++) {
        const char *cell = record->cell[i];
        char other = other_separator(cell, header->separator);
        bool text = (int)i == header->at[find_column("model_name")] ||
                    (int)i == header->at[find_column("dataset")] ||
                    (int)i == header->at[find_column("trace")] ||
                    (int)i == header->at[find_column("mix")];

        if (!other || (text && record->cells > 1))
            continue;
        if (is_number_with_comma(cell, other))
            faults_add(faults, file, record->line,
                       "'%.60s': write a decimal point, and nothing between thousands", cell);
        else
            faults_add(faults, file, record->line,
                       "'%.60s' holds %s, and cells are separated by %s, as in the header", cell,
                       separator_words(other), separator_words(header->separator));
        return false;
    }
    return true;
}

/* Columns that shape an open loop, in a row that is none. */
static void check_pacing(const struct row_reading *reading, struct faults *warnings)
{
    const struct row *row = reading->row;
    const struct {
        const char *name;
        bool set;
    } columns[] = {{"qps_distribution", row->qps_distribution != ROW_CONSTANT && !row->burstiness},
                   {"burstiness", row->burstiness > 0},
                   {"qps_end", row->qps_end > 0},
                   {"max_in_flight", row->max_in_flight > 0}};

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (columns[i].set)
            faults_add(warnings, reading->file, row->line, "%s is not used without qps",
                       columns[i].name);
    }
}

/* What a trace has, or cannot be sent with. */
static void check_trace(const struct row_reading *reading)
{
    struct row *row = reading->row;
    const struct {
        const char *name;
        bool set;
    } columns[] = {{"input_tokens", row->input_tokens > 0},
                   {"output_tokens", row->output_tokens > 0},
                   {"stddev_input_tokens", row->stddev_input_tokens > 0},
                   {"stddev_output_tokens", row->stddev_output_tokens > 0},
                   {"num_requests", row->num_requests > 0},
                   {"duration_s", row->duration_s > 0},
                   {"concurrent_requests", row->concurrent_requests > 0},
                   {"qps", row->qps > 0},
                   {"burstiness", row->burstiness > 0},
                   {"qps_distribution", row->qps_distribution != ROW_CONSTANT && !row->burstiness},
                   {"qps_end", row->qps_end > 0},
                   {"warmup_requests", row->warmup_requests > 0},
                   {"cooldown_requests", row->cooldown_requests > 0},
                   {"share", row->share > 0},
                   {"dataset", row->dataset != NULL}};

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (columns[i].set)
            faults_add(reading->faults, reading->file, row->line,
                       "%s: leave it empty in a row with a trace, which says itself what is sent "
                       "and when",
                       columns[i].name);
    }
    if (strcmp(row->model_name, "*") != 0)
        faults_add(reading->faults, reading->file, row->line,
                   "model_name: '%.60s' is not \"*\", for all models that a trace names; the "
                   "config's trace_models says which models of the endpoint they are",
                   row->model_name);
    row->qps_distribution = ROW_TRACE;
}

static void check_load(struct row_reading *reading, struct faults *warnings)
{
    struct row *row = reading->row;

    if (row->trace) {
        check_trace(reading);
        return;
    }
    if (row->share > 0 && !row->concurrent_requests && !(row->qps > 0))
        return; /* the first row of its mix has it (plan/mixes.h) */
    if (row->concurrent_requests && row->qps > 0) {
        faults_add(warnings, reading->file, row->line,
                   "both concurrent_requests and qps are set; concurrent_requests is used");
        row_forget_pacing(row);
    } else if (!row->concurrent_requests && !(row->qps > 0)) {
        faults_add(reading->faults, reading->file, row->line,
                   "neither concurrent_requests nor qps is set; give one of them");
    } else if (row->concurrent_requests) {
        check_pacing(reading, warnings);
        row_forget_pacing(row);
    }
}

static const char *cell_of(const struct csv_record *record, const struct header *header,
                           size_t column)
{
    int at = header->at[column];

    return at >= 0 && (size_t)at < record->cells ? emptied(record->cell[at]) : "";
}

static void read_row(const struct csv_record *record, const struct header *header,
                     bool from_dataset, const char *file, struct row *row, struct faults *faults,
                     struct faults *warnings)
{
    struct row_reading reading = {file, record, row, faults, warnings, from_dataset};
    size_t before = faults->count;

    row->line = record->line;
    if (!is_like_header(record, header, file, faults)) {
        row->model_name = memory_text("");
        return;
    }
    check_extra_cells(record, header, file, faults);
    if (*cell_of(record, header, find_column("dataset")))
        reading.from_dataset = true;
    for (size_t i = 0; i < ROW_COLUMNS; i++)
        row_columns[i].read(&reading, &row_columns[i], cell_of(record, header, i));
    if (faults->count == before)
        check_load(&reading, warnings);
    if (faults->count == before)
        sessions_check_row(&reading);
}

bool rows_parse(const char *bytes, size_t length, const char *name, struct rows *rows,
                struct faults *faults, struct faults *warnings)
{
    size_t before = faults->count;
    struct csv csv = {0};
    struct header header;
    struct error error;

    if (!csv_read(bytes, length, name, &csv, &error)) {
        faults_add(faults, NULL, 0, "%s", error.text);
    } else if (csv.count == 0) {
        faults_add(faults, name, 0, "holds no rows; write a header line and a line for each row");
    } else if (read_header(&csv, name, rows->from_dataset, &header, faults, warnings)) {
        if (csv.count == 1)
            faults_add(faults, name, 0,
                       "holds no rows; write a line for each row below the header");
        rows->count = csv.count - 1;
        rows->row = memory_new(rows->count, sizeof *rows->row);
        for (size_t i = 0; i < rows->count; i++)
            read_row(&csv.record[i + 1], &header, rows->from_dataset, name, &rows->row[i], faults,
                     warnings);
        if (faults->count == before)
            mixes_check(rows, name, faults);
        if (faults->count == before)
            mixes_share_out(rows);
    }
    csv_clear(&csv);
    return faults->count == before;
}

bool rows_read(const char *path, struct rows *rows, struct faults *faults, struct faults *warnings)
{
    struct text text = {0};
    struct error error;
    bool done = false;

    if (file_read(path, FILE_MOST, &text, &error))
        done = rows_parse(text.bytes ? text.bytes : "", text.length, path, rows, faults, warnings);
    else
        faults_add(faults, NULL, 0, "%s", error.text);
    text_clear(&text);
    return done;
}

bool rows_first_of_model(const struct rows *rows, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(rows->row[i].model_name, rows->row[index].model_name) == 0)
            return false;
    }
    return true;
}

void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        row_clear(&rows->row[i]);
    free(rows->row);
    *rows = (struct rows){0};
}
