#include "traffic/trace_parser.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <string.h>

#include "core/python_words.h"
#include "core/word.h"
#include "traffic/trace_csv.h"

enum { SHOWN = 40 }; /* bytes of a cell in a sentence */

static const char formats_wanted[] =
    "a trace's lines are JSON with timestamp, input_length and output_length (Mooncake) or at_s, "
    "model, input_tokens and output_tokens (coebench), or CSV that begins with "
    "TIMESTAMP,ContextTokens,GeneratedTokens (Azure) or Timestamp,…,Model,Request tokens,Response "
    "tokens (BurstGPT)";

/* --- JSON ------------------------------------------------------------------------------------- */

/* The line's object, to be deleted; NULL with a sentence. */
static cJSON *parse_object(const char *path, const struct trace_text *text, struct error *error)
{
    struct text copy = {0};
    bool hidden = python_words_hide(text->line.bytes, text->line.length, &copy);
    cJSON *object = cJSON_ParseWithOpts(hidden ? copy.bytes : text->line.bytes, NULL, true);

    text_clear(&copy);
    if (object && cJSON_IsObject(object))
        return object;
    cJSON_Delete(object);
    error_set(error, "%s:%zu: is no JSON object; a trace has one on each line", path, text->number);
    return NULL;
}

static bool has_fields(const struct trace_format *format, const cJSON *object)
{
    for (const struct trace_field *field = format->field; field->name; field++) {
        if (field->needed && !cJSON_GetObjectItemCaseSensitive(object, field->name))
            return false;
    }
    return true;
}

static void tell_json(struct trace_parser *parser, const cJSON *object)
{
    for (const struct trace_format *format = trace_formats; format->name; format++) {
        if (!parser->format && format->json && has_fields(format, object))
            parser->format = format;
    }
}

static bool fault(const struct trace_parser *parser, size_t line, const struct trace_field *field,
                  const struct trace_value *value, const char *wanted, struct error *error)
{
    bool cell = value && !value->json && value->text && *value->text;

    return error_set(error, "%s:%zu: %s: %s%.*s%s %s", parser->path, line, field->name,
                     cell ? "'" : "", SHOWN, cell ? value->text : "",
                     cell          ? "' is not"
                     : !value      ? "is missing; it needs"
                     : value->json ? "is not"
                                   : "is empty; it needs",
                     wanted);
}

static bool read_json(struct trace_parser *parser, const cJSON *object, struct trace_line *line,
                      struct error *error)
{
    for (const struct trace_field *field = parser->format->field; field->name; field++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field->name);
        const struct trace_value value = {cJSON_IsString(item) ? item->valuestring : NULL, item};
        const char *wanted;

        if (!field->needed && (!item || cJSON_IsNull(item)))
            continue;
        wanted = item ? trace_field_read(field, &value, line) : "a value on each line";
        if (wanted)
            return fault(parser, line->number, field, item ? &value : NULL, wanted, error);
    }
    return true;
}

/* --- CSV -------------------------------------------------------------------------------------- */

static size_t find_column(const struct trace_csv *csv, const char *name)
{
    for (size_t i = 0; i < trace_csv_cells(csv); i++) {
        if (word_same(trace_csv_cell(csv, i), name))
            return i;
    }
    return SIZE_MAX;
}

static bool has_columns(struct trace_parser *parser, const struct trace_format *format)
{
    bool all = true;
    size_t i = 0;

    for (const struct trace_field *field = format->field; field->name; field++, i++) {
        parser->at[i] = find_column(parser->csv, field->name);
        all = all && (parser->at[i] != SIZE_MAX || !field->needed);
    }
    return all;
}

static void tell_csv(struct trace_parser *parser)
{
    for (const struct trace_format *format = trace_formats; format->name; format++) {
        if (!format->json && has_columns(parser, format)) {
            parser->format = format;
            parser->columns = trace_csv_cells(parser->csv);
            return;
        }
    }
}

static bool split(struct trace_parser *parser, const struct trace_text *text, struct error *error)
{
    return trace_csv_split(parser->csv, text->line.bytes, text->line.length) ||
           error_set(error, "%s:%zu: a quote stands inside a cell, or is not closed on its line",
                     parser->path, text->number);
}

/* Trailing commas are met in practice. */
static bool check_width(const struct trace_parser *parser, size_t line, struct error *error)
{
    for (size_t i = parser->columns; i < trace_csv_cells(parser->csv); i++) {
        if (*trace_csv_cell(parser->csv, i))
            return error_set(error, "%s:%zu: has %zu cells where the header has %zu", parser->path,
                             line, trace_csv_cells(parser->csv), parser->columns);
    }
    return true;
}

static bool read_cells(struct trace_parser *parser, struct trace_line *line, struct error *error)
{
    const struct trace_field *field = parser->format->field;

    if (!check_width(parser, line->number, error))
        return false;
    for (size_t i = 0; field[i].name; i++) {
        bool there = parser->at[i] < trace_csv_cells(parser->csv);
        const struct trace_value value = {there ? trace_csv_cell(parser->csv, parser->at[i]) : "",
                                          NULL};
        const char *wanted;

        if (!field[i].needed && !*value.text)
            continue;
        wanted = trace_field_read(&field[i], &value, line);
        if (wanted)
            return fault(parser, line->number, &field[i], &value, wanted, error);
    }
    return true;
}

/* --- Either ----------------------------------------------------------------------------------- */

bool trace_parser_begin(struct trace_parser *parser, const char *path,
                        const struct trace_text *first, struct error *error)
{
    const char *begin = first->line.bytes + strspn(first->line.bytes, " \t");

    *parser = (struct trace_parser){.csv = trace_csv_new(), .path = path};
    if (*begin == '{') {
        cJSON *object = parse_object(path, first, error);

        if (!object)
            return false;
        tell_json(parser, object);
        cJSON_Delete(object);
    } else {
        if (!split(parser, first, error))
            return false;
        tell_csv(parser);
    }
    return parser->format || error_set(error, "%s:%zu: no trace that is known begins so; %s", path,
                                       first->number, formats_wanted);
}

bool trace_parser_read(struct trace_parser *parser, const struct trace_text *text,
                       struct trace_line *line, struct error *error)
{
    cJSON *object;
    bool done;

    trace_line_reset(line, text->number);
    if (!parser->format->json)
        return split(parser, text, error) && read_cells(parser, line, error);
    object = parse_object(parser->path, text, error);
    done = object && read_json(parser, object, line, error);
    cJSON_Delete(object);
    return done;
}

void trace_parser_clear(struct trace_parser *parser)
{
    trace_csv_free(parser->csv);
    *parser = (struct trace_parser){0};
}
