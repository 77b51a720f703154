#include "plan/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"
#include "plan/csv.h"
#include "plan/mixes.h"

enum { FILE_MOST = 64 << 20 };

/* What a person reads when a number is out of range is these limits; they are far above any node.
 */
static const double tokens_most = 16777216, requests_most = 1e9, concurrency_most = 1e6,
                    qps_most = 1e6, seconds_most = 31536000;

/* One record being read into one row. */
struct reading {
    const char *file;
    const struct csv_record *record;
    struct row *row;
    struct faults *faults;
    bool from_dataset; /* its prompts come from one */
};

struct column {
    const char *name;
    bool required;
    void (*read)(const struct reading *reading, const struct column *column, const char *cell);
    size_t offset;
    const double *most;
};

static void fault(const struct reading *reading, const struct column *column, const char *cell,
                  const char *wanted)
{
    if (*cell)
        faults_add(reading->faults, reading->file, reading->record->line, "%s: '%.60s' is not %s",
                   column->name, cell, wanted);
    else
        faults_add(reading->faults, reading->file, reading->record->line,
                   "%s: is empty; it needs %s", column->name, wanted);
}

/* Whether a data set says it where the row does not, or a duration is enough. */
static bool may_be_left_out(const struct column *column, bool from_dataset, bool timed)
{
    if (column->offset == offsetof(struct row, num_requests))
        return from_dataset || timed;
    return column->offset == offsetof(struct row, input_tokens) && from_dataset;
}

/* A whole number ≥ 1; 0 counts as not set where the column may be left out, as in the kit. */
static void read_count(const struct reading *reading, const struct column *column, const char *cell)
{
    int64_t *target = (int64_t *)((char *)reading->row + column->offset);
    bool integer = word_integer(cell, target);
    bool needed = column->required &&
                  !may_be_left_out(column, reading->from_dataset, reading->row->duration_s > 0);

    if (!needed && (!*cell || (integer && *target == 0))) {
        *target = 0;
    } else if (!integer || *target < 1 || (double)*target > *column->most) {
        char *wanted = memory_printf("a whole number from 1 to %.0f", *column->most);

        fault(reading, column, cell, wanted);
        free(wanted);
    }
}

static void read_model(const struct reading *reading, const struct column *column, const char *cell)
{
    const char *at = cell;

    while (*at && text_utf8_length(at))
        at += text_utf8_length(at);
    if (!*cell)
        fault(reading, column, cell, "the model's name as the endpoint gives it");
    else if (*at)
        faults_add(reading->faults, reading->file, reading->record->line,
                   "%s: is not UTF-8; save the file with that encoding", column->name);
    reading->row->model_name = memory_text(cell);
}

static void read_qps(const struct reading *reading, const struct column *column, const char *cell)
{
    double *qps = &reading->row->qps;

    *qps = 0;
    if (*cell && (!word_number(cell, qps) || *qps < 0 || *qps > qps_most))
        fault(reading, column, cell, "a number of requests per second above 0, up to 1000000");
}

/* The index of a cell among `names`, or −1 and a fault that lists them. */
static int read_name(const struct reading *reading, const struct column *column, const char *cell,
                     const char *const *names, const char *wanted)
{
    for (int i = 0; names[i]; i++) {
        if (word_same(cell, names[i]))
            return i;
    }
    fault(reading, column, cell, wanted);
    return -1;
}

static void read_distribution(const struct reading *reading, const struct column *column,
                              const char *cell)
{
    int index = *cell ? read_name(reading, column, cell, row_distribution_names,
                                  "one of constant, uniform, exponential")
                      : ROW_CONSTANT;

    if (index >= 0)
        reading->row->qps_distribution = (enum row_distribution)index;
}

static void read_dataset(const struct reading *reading, const struct column *column,
                         const char *cell)
{
    (void)column;
    free(reading->row->dataset);
    reading->row->dataset = *cell ? memory_text(cell) : NULL;
}

static void read_mix(const struct reading *reading, const struct column *column, const char *cell)
{
    free(reading->row->mix);
    reading->row->mix = *cell ? memory_text(cell) : NULL;
    if (*cell && !mixes_may_name(cell))
        fault(reading, column, cell, mixes_name_wanted);
}

static void read_spread(const struct reading *reading, const struct column *column,
                        const char *cell)
{
    double *spread = (double *)((char *)reading->row + column->offset);

    *spread = 0;
    if (*cell && (!word_number(cell, spread) || *spread < 0 || *spread > *column->most))
        fault(reading, column, cell, "a number of tokens, 0 or more");
}

static void read_seconds(const struct reading *reading, const struct column *column,
                         const char *cell)
{
    double *seconds = (double *)((char *)reading->row + column->offset);

    *seconds = 0;
    if (*cell && (!word_number(cell, seconds) || *seconds < 0 || *seconds > *column->most))
        fault(reading, column, cell, "a number of seconds above 0, up to 31536000");
}

static void read_image(const struct reading *reading, const struct column *column, const char *cell)
{
    int index = read_name(reading, column, cell, row_image_names,
                          "one of small, medium, large, or empty for no image");

    if (index >= 0)
        reading->row->multimodal_img_size = (enum row_image)index;
}

/* 1 and 0 are written too, by spreadsheets. */
static void read_warmup(const struct reading *reading, const struct column *column,
                        const char *cell)
{
    bool *warmup = &reading->row->warmup;
    double number;

    *warmup = false;
    if (word_number(cell, &number) && (number == 0 || number == 1))
        *warmup = number == 1;
    else if (*cell && !word_truth(cell, warmup))
        fault(reading, column, cell, "true or false");
}

#define COUNT(field, needed, limit)                                                                \
    {                                                                                              \
#field, needed, read_count, offsetof(struct row, field), &(limit)                          \
    }
static const struct column columns[] = {
    {"model_name", true, read_model, 0, NULL},
    COUNT(input_tokens, true, tokens_most),
    COUNT(output_tokens, true, tokens_most),
    {"duration_s", false, read_seconds, offsetof(struct row, duration_s), &seconds_most},
    COUNT(num_requests, true, requests_most), /* behind duration_s, with which it may be empty */
    COUNT(concurrent_requests, false, concurrency_most),
    {"qps", false, read_qps, 0, NULL},
    {"qps_distribution", false, read_distribution, 0, NULL},
    {"multimodal_img_size", false, read_image, 0, NULL},
    {"stddev_input_tokens", false, read_spread, offsetof(struct row, stddev_input_tokens),
     &tokens_most},
    {"stddev_output_tokens", false, read_spread, offsetof(struct row, stddev_output_tokens),
     &tokens_most},
    {"dataset", false, read_dataset, 0, NULL},
    {"warmup", false, read_warmup, 0, NULL},
    COUNT(warmup_requests, false, requests_most),
    COUNT(cooldown_requests, false, requests_most),
    {"mix", false, read_mix, 0, NULL},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *column_name(const void *table, size_t i)
{
    return ((const struct column *)table)[i].name;
}

/* Where each column stands in the file; −1: it does not. */
struct header {
    int at[COLUMNS];
    size_t cells;
    char separator;
};

/* In any letter case, and with blanks for underscores. */
static bool is_name(const char *cell, const char *name)
{
    cell += strspn(cell, " \t");
    for (; *name; cell++, name++) {
        if (tolower((unsigned char)*cell) != *name && !(*name == '_' && *cell == ' '))
            return false;
    }
    return cell[strspn(cell, " \t")] == '\0';
}

static size_t find_column(const char *name)
{
    size_t i = 0;

    while (i < COLUMNS && !is_name(name, columns[i].name))
        i++;
    return i;
}

static void read_header_cell(const char *name, const struct csv_record *record, int position,
                             struct header *header, const char *file, struct faults *faults,
                             struct faults *warnings)
{
    size_t column = find_column(name);

    if (column < COLUMNS && header->at[column] >= 0) {
        faults_add(faults, file, record->line, "column '%s' appears twice; keep one",
                   columns[column].name);
    } else if (column < COLUMNS) {
        header->at[column] = position;
    } else if (*name) {
        const char *near = word_nearest(name, columns, COLUMNS, column_name);

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
        for (size_t i = 0; i < COLUMNS; i++) {
            if (is_name(record->cell[cell], columns[i].name))
                return false;
        }
    }
    return true;
}

static bool read_header(const struct csv *csv, const char *file, bool from_dataset,
                        struct header *header, struct faults *faults, struct faults *warnings)
{
    const struct csv_record *record = &csv->record[0];
    size_t before = faults->count;

    for (size_t i = 0; i < COLUMNS; i++)
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
    from_dataset = from_dataset || header->at[find_column("dataset")] >= 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].required && header->at[i] < 0 &&
            !may_be_left_out(&columns[i], from_dataset, header->at[find_column("duration_s")] >= 0))
            faults_add(faults, file, record->line,
                       "column '%s' is missing from the header; its names are model_name, "
                       "input_tokens, output_tokens, num_requests",
                       columns[i].name);
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

static void check_load(struct reading *reading, struct faults *warnings)
{
    struct row *row = reading->row;

    if (row->concurrent_requests && row->qps > 0) {
        faults_add(warnings, reading->file, row->line,
                   "both concurrent_requests and qps are set; concurrent_requests is used");
        row->qps = 0;
    } else if (!row->concurrent_requests && !(row->qps > 0)) {
        faults_add(reading->faults, reading->file, row->line,
                   "neither concurrent_requests nor qps is set; give one of them");
    } else if (row->concurrent_requests && row->qps_distribution != ROW_CONSTANT) {
        faults_add(warnings, reading->file, row->line, "qps_distribution is not used without qps");
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
    struct reading reading = {file, record, row, faults, from_dataset};
    size_t before = faults->count;

    row->line = record->line;
    if (!is_like_header(record, header, file, faults)) {
        row->model_name = memory_text("");
        return;
    }
    check_extra_cells(record, header, file, faults);
    if (*cell_of(record, header, find_column("dataset")))
        reading.from_dataset = true;
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i].read(&reading, &columns[i], cell_of(record, header, i));
    if (faults->count == before)
        check_load(&reading, warnings);
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
