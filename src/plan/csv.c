#include "plan/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"

enum { CELL_MOST = 65536, CELLS_MOST = 1000, RECORDS_MOST = 1000000 };

struct reading {
    struct csv *csv;
    struct csv_record record; /* the one being read */
    int line;                 /* of the byte being read */
    char before;              /* the byte before it */
    int quote_line;           /* where the quote that is open began */
    bool quoted;
    const char *fault;
    int fault_line;
};

/* Keeps the first fault. */
static void fault_at(struct reading *reading, int line, const char *fault)
{
    if (!reading->fault) {
        reading->fault = fault;
        reading->fault_line = line;
    }
}

static void on_cell(void *bytes, size_t length, void *context)
{
    struct reading *reading = context;
    struct csv_record *record = &reading->record;

    if (length > CELL_MOST)
        fault_at(reading, record->line, "a cell of more than 64 KiB; a quote may not be closed");
    else if (record->cells == CELLS_MOST)
        fault_at(reading, record->line, "more than 1,000 cells in one line");
    if (reading->fault)
        return;
    record->cell = memory_grow(record->cell, record->cells, sizeof *record->cell);
    record->cell[record->cells++] = memory_bytes(bytes, length);
}

static void free_record(struct csv_record *record)
{
    for (size_t i = 0; i < record->cells; i++)
        free(record->cell[i]);
    free(record->cell);
    *record = (struct csv_record){0};
}

static bool is_blank(const struct csv_record *record)
{
    for (size_t i = 0; i < record->cells; i++) {
        if (record->cell[i][0] != '\0')
            return false;
    }
    return true;
}

static void on_record(int terminator, void *context)
{
    struct reading *reading = context;
    struct csv *csv = reading->csv;

    (void)terminator;
    if (is_blank(&reading->record)) {
        free_record(&reading->record);
        return;
    }
    if (csv->count == RECORDS_MOST) {
        fault_at(reading, reading->line, "more than 1,000,000 rows");
        return;
    }
    csv->record = memory_grow(csv->record, csv->count, sizeof *csv->record);
    csv->record[csv->count++] = reading->record;
    reading->record = (struct csv_record){0};
}

/* Feeds one byte, so that each record is known by the line of its first byte. */
static bool feed(struct csv_parser *parser, struct reading *reading, const char *byte)
{
    bool line_ends = *byte == '\n' || *byte == '\r';

    if (*byte == '\0')
        fault_at(reading, reading->line,
                 "a zero byte: this is not a text file; save it as CSV UTF-8");
    if (*byte == '"') {
        reading->quoted = !reading->quoted;
        reading->quote_line = reading->line;
    }
    if (!reading->record.line && !line_ends)
        reading->record.line = reading->line;
    if (csv_parse(parser, byte, 1, on_cell, on_record, reading) != 1)
        fault_at(reading, reading->line,
                 "a quote inside an unquoted cell, or text behind a closing quote");
    if (line_ends && reading->record.cells == 0 && !reading->quoted)
        reading->record.line = 0; /* a blank line, which libcsv does not report */
    reading->line += *byte == '\r' || (*byte == '\n' && reading->before != '\r');
    reading->before = *byte;
    return reading->fault == NULL;
}

static void finish(struct csv_parser *parser, struct reading *reading)
{
    if (reading->quoted)
        fault_at(reading, reading->quote_line, "a quote that is never closed");
    if (!reading->fault)
        csv_fini(parser, on_cell, on_record, reading);
}

/* By its mark, or by every other of its first bytes being zero, as in ASCII letters. */
static bool is_utf16(const char *bytes, size_t length)
{
    enum { LOOKED_AT = 32 };
    size_t pairs = (length < LOOKED_AT ? length : LOOKED_AT) / 2, zeros[2] = {0, 0};

    if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return true;
    for (size_t i = 0; i < 2 * pairs; i++)
        zeros[i % 2] += bytes[i] == '\0';
    return pairs > 0 && zeros[0] + zeros[1] == pairs && (zeros[0] == 0 || zeros[1] == 0);
}

const char csv_separators[] = ",;\t|";

/* How often a byte stands outside of quotes in the line that begins here. */
static size_t count_in_line(const char *bytes, const char *end, char wanted)
{
    size_t count = 0;
    bool quoted = false;

    for (; bytes < end && (quoted || (*bytes != '\n' && *bytes != '\r')); bytes++) {
        quoted ^= *bytes == '"';
        count += !quoted && *bytes == wanted;
    }
    return count;
}

/* By the first line that is not blank. */
static char guess_separator(const char *bytes, const char *end)
{
    char found = csv_separators[0];
    size_t most = 0;

    while (bytes < end && (*bytes == '\n' || *bytes == '\r'))
        bytes++;
    for (const char *one = csv_separators; *one; one++) {
        size_t count = count_in_line(bytes, end, *one);

        if (count > most) {
            most = count;
            found = *one;
        }
    }
    return found;
}

/* "sep=;", with or without quotes, as the whole first line: how long it is, and 0 where there is
 * none. What it names is no separator where it is none of ours. */
static size_t read_separator_line(const char *bytes, const char *end, char *separator)
{
    size_t quote = bytes < end && *bytes == '"';
    const char *at = bytes + quote;

    if (end - at < 5 || strncasecmp(at, "sep=", 4) != 0)
        return 0;
    *separator = at[4];
    at += 5 + quote;
    while (at < end && *at == *separator && *at != '\n')
        at++; /* a spreadsheet may fill the line up */
    return at >= end || *at == '\n' || *at == '\r' ? (size_t)((at < end ? at : end) - bytes) : 0;
}

static bool choose_separator(const char **bytes, const char *end, const char *name, struct csv *csv,
                             struct error *error)
{
    size_t line = read_separator_line(*bytes, end, &csv->separator);

    if (line == 0)
        csv->separator = guess_separator(*bytes, end);
    else if (!strchr(csv_separators, csv->separator) || !csv->separator)
        return error_set(error, "%s:1: names a separator that is not supported; use , ; | or a tab",
                         name);
    *bytes += line;
    return true;
}

bool csv_read(const char *bytes, size_t length, const char *name, struct csv *csv,
              struct error *error)
{
    struct reading reading = {.csv = csv, .line = 1};
    const char *end = bytes + length;
    struct csv_parser parser;

    if (is_utf16(bytes, length))
        return error_set(error, "%s: is UTF-16; save it as CSV UTF-8", name);
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        bytes += 3;
    if (!choose_separator(&bytes, end, name, csv, error))
        return false;
    if (csv_init(&parser, CSV_STRICT | CSV_APPEND_NULL) != 0)
        abort();
    csv_set_delim(&parser, (unsigned char)csv->separator);
    csv_set_blk_size(&parser, CELL_MOST); /* else a long cell is copied for each 128 bytes more */
    while (bytes < end && feed(&parser, &reading, bytes))
        bytes++;
    finish(&parser, &reading);
    csv_free(&parser);
    free_record(&reading.record);
    if (reading.fault)
        return error_set(error, "%s:%d: %s", name, reading.fault_line, reading.fault);
    return true;
}

void csv_clear(struct csv *csv)
{
    for (size_t i = 0; i < csv->count; i++)
        free_record(&csv->record[i]);
    free(csv->record);
    *csv = (struct csv){0};
}

#define WORD_OF(number)                   #number
#define VERSION_OF(major, minor, release) WORD_OF(major) "." WORD_OF(minor) "." WORD_OF(release)

const char *csv_library(void)
{
    return VERSION_OF(CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
}
