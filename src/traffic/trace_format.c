#include "traffic/trace_format.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/word.h"
#include "traffic/trace_moment.h"

enum { MODEL_MOST = 256 };

static const double tokens_most = 16777216, seconds_most = 9e9, whole_most = 9007199254740992;

const struct trace_format trace_formats[] = {
    {"Mooncake",
     true,
     true,
     {{"timestamp", TRACE_MILLISECONDS, true},
      {"input_length", TRACE_INPUT, true},
      {"output_length", TRACE_OUTPUT, true},
      {"hash_ids", TRACE_BLOCKS, false}}},
    {"coebench",
     true,
     false,
     {{"at_s", TRACE_SECONDS, true},
      {"model", TRACE_MODEL, true},
      {"input_tokens", TRACE_INPUT, true},
      {"output_tokens", TRACE_OUTPUT, true},
      {"session", TRACE_SESSION, false},
      {"turn", TRACE_TURN, false}}},
    {"Azure",
     false,
     true,
     {{"TIMESTAMP", TRACE_DATE_TIME, true},
      {"ContextTokens", TRACE_INPUT, true},
      {"GeneratedTokens", TRACE_OUTPUT, true}}},
    {"BurstGPT",
     false,
     true,
     {{"Timestamp", TRACE_SECONDS, true},
      {"Model", TRACE_MODEL, true},
      {"Request tokens", TRACE_INPUT, true},
      {"Response tokens", TRACE_OUTPUT, true},
      {"Session ID", TRACE_SESSION, false}}},
    {0},
};

/* --- Values ----------------------------------------------------------------------------------- */

static bool number_of(const struct trace_value *value, double *number)
{
    if (value->json && cJSON_IsNumber(value->json)) {
        *number = value->json->valuedouble;
        return isfinite(*number);
    }
    return !value->json && value->text && word_number(value->text, number);
}

static bool whole_of(const struct trace_value *value, double most, int64_t *whole)
{
    double number;

    if (!number_of(value, &number) || number != floor(number) || number < 0 || number > most)
        return false;
    *whole = (int64_t)number;
    return true;
}

static const char *read_stamp(const struct trace_value *value, double per_second, int64_t *ns)
{
    double number;

    if (!number_of(value, &number) || number < 0 || number / per_second > seconds_most)
        return per_second > 1 ? "a number of milliseconds, 0 or more"
                              : "a number of seconds, 0 or more";
    *ns = (int64_t)llround(number * (1e9 / per_second));
    return NULL;
}

static const char *read_seconds(const struct trace_value *value, struct trace_line *line)
{
    return read_stamp(value, 1, &line->at_ns);
}

static const char *read_milliseconds(const struct trace_value *value, struct trace_line *line)
{
    return read_stamp(value, 1e3, &line->at_ns);
}

static const char *read_date_time(const struct trace_value *value, struct trace_line *line)
{
    return value->text && trace_moment_read(value->text, &line->at_ns)
               ? NULL
               : "a date and time, such as 2023-11-16 18:15:46.6805900";
}

static const char *read_model(const struct trace_value *value, struct trace_line *line)
{
    if (!value->text || !*value->text)
        return "a model's name";
    text_add_string(&line->model, value->text);
    return line->model.length <= MODEL_MOST ? NULL : "a model's name of at most 256 bytes";
}

static const char tokens_wanted[] = "a whole number of tokens from 0 to 16777216";

static const char *read_input(const struct trace_value *value, struct trace_line *line)
{
    return whole_of(value, tokens_most, &line->input_tokens) ? NULL : tokens_wanted;
}

static const char *read_output(const struct trace_value *value, struct trace_line *line)
{
    return whole_of(value, tokens_most, &line->output_tokens) ? NULL : tokens_wanted;
}

static const char *read_turn(const struct trace_value *value, struct trace_line *line)
{
    return whole_of(value, whole_most, &line->turn) && line->turn > 0 ? NULL
                                                                      : "a whole number from 1 on";
}

/* FNV-1a (Fowler, Noll, Vo), with the highest bit set, which no number has. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash | UINT64_C(1) << 63;
}

static const char *read_session(const struct trace_value *value, struct trace_line *line)
{
    int64_t number;

    if (whole_of(value, whole_most, &number))
        line->session = (uint64_t)number;
    else if (value->text && *value->text)
        line->session = hash_of(value->text);
    else
        return "a session's number or name";
    line->has_session = true;
    return NULL;
}

static const char *read_blocks(const struct trace_value *value, struct trace_line *line)
{
    const cJSON *item;

    if (!cJSON_IsArray(value->json))
        return "a list of block numbers";
    cJSON_ArrayForEach(item, value->json)
    {
        const struct trace_value one = {.json = item};
        int64_t id;

        if (!whole_of(&one, 0x1p63 - 1024, &id))
            return "a list of block numbers, each whole and 0 or more";
        if (line->blocks == line->blocks_room) {
            line->blocks_room = line->blocks_room ? 2 * line->blocks_room : 16;
            line->block = memory_resize(line->block, line->blocks_room, sizeof *line->block);
        }
        line->block[line->blocks++] = (uint64_t)id;
    }
    return NULL;
}

const char *trace_field_read(const struct trace_field *field, const struct trace_value *value,
                             struct trace_line *line)
{
    static const char *(*const readers[])(const struct trace_value *, struct trace_line *) = {
        [TRACE_SECONDS] = read_seconds,     [TRACE_MILLISECONDS] = read_milliseconds,
        [TRACE_DATE_TIME] = read_date_time, [TRACE_MODEL] = read_model,
        [TRACE_INPUT] = read_input,         [TRACE_OUTPUT] = read_output,
        [TRACE_SESSION] = read_session,     [TRACE_TURN] = read_turn,
        [TRACE_BLOCKS] = read_blocks,
    };

    return readers[field->kind](value, line);
}

/* --- A line ----------------------------------------------------------------------------------- */

void trace_line_reset(struct trace_line *line, size_t number)
{
    struct trace_line empty = {.number = number,
                               .model = line->model,
                               .block = line->block,
                               .blocks_room = line->blocks_room};

    text_reset(&empty.model);
    *line = empty;
}

void trace_line_clear(struct trace_line *line)
{
    text_clear(&line->model);
    free(line->block);
    *line = (struct trace_line){0};
}
