#include "job/chat_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wire/finish.h"

static const struct {
    enum metric metric;
    const char *key, *label, *unit; /* unit NULL: a time */
} table[CHAT_FIGURES] = {
    {METRIC_CLIENT_END_TO_END_LATENCY_S, "latency_s", "latency", NULL},
    {METRIC_CLIENT_TTFT_S, "ttft_s", "time to first token", NULL},
    {METRIC_CLIENT_OUTPUT_TOKEN_PER_S, "output_token_per_s", "throughput", "tokens/s"},
    {METRIC_NUMBER_INPUT_TOKENS, "input_tokens", "prompt", "tokens"},
    {METRIC_NUMBER_OUTPUT_TOKENS, "output_tokens", "response", "tokens"},
};

static void write_words(double value, const char *unit, char words[UNIT_TEXT])
{
    char number[UNIT_TEXT];

    if (!unit)
        unit_time(value, words);
    else if (isnan(value))
        snprintf(words, UNIT_TEXT, "–");
    else if (value == floor(value) && strcmp(unit, "tokens") == 0)
        unit_count((size_t)value, "token", NULL, words);
    else
        unit_quantity(unit_number(value, number), unit, words);
}

void chat_figures(const struct chat_response *response, struct chat_figure figure[CHAT_FIGURES])
{
    for (int i = 0; i < CHAT_FIGURES; i++) {
        figure[i].key = table[i].key;
        figure[i].label = table[i].label;
        figure[i].value = response->figures.value[table[i].metric];
        write_words(figure[i].value, table[i].unit, figure[i].words);
    }
}

void chat_add_switch(const struct chat_switch *switched, struct text *line)
{
    double extra_s = switched->extra_s;

    if (!switched->known)
        return;
    text_printf(line, "%sfirst answer after another model: %s%.2f s (against %zu other%s of it)",
                switched->earlier ? "this model's " : "", extra_s < 0 ? "−" : "+", fabs(extra_s),
                switched->against, switched->against == 1 ? "" : "s");
}

static bool ended_by_limit(const char *reason)
{
    return strcmp(reason, "length") == 0 || strcmp(reason, "max_tokens") == 0 ||
           strcmp(reason, "max_output_tokens") == 0;
}

void chat_add_end(const struct chat_response *response, int64_t output_tokens, struct text *line)
{
    if (response->stopped)
        text_add_string(line, "stopped");
    else if (ended_by_limit(response->finish_reason))
        text_printf(line, "ended by the limit of %" PRId64 " tokens", output_tokens);
    else if (finish_is_filtered(response->finish_reason))
        text_add_string(line, "cut by a filter of the endpoint");
    else if (response->in_one_piece)
        text_add_string(line, "came in one piece, not as a stream");
}

static void add_member(const char *name, const char *words, struct text *json)
{
    text_printf(json, ",\"%s\":", name);
    if (words && *words)
        text_add_json(json, words);
    else
        text_add_string(json, "null");
}

static void add_figures(const struct chat_response *response, struct text *json)
{
    struct chat_figure figure[CHAT_FIGURES];

    chat_figures(response, figure);
    text_add_string(json, "\"figures\":{");
    for (int i = 0; i < CHAT_FIGURES; i++) {
        text_printf(json, "%s\"%s\":", i > 0 ? "," : "", figure[i].key);
        text_add_number(json, figure[i].value);
    }
    text_add_string(json, "},\"words\":[");
    for (int i = 0; i < CHAT_FIGURES; i++) {
        text_printf(json, "%s[\"%s\",", i > 0 ? "," : "", figure[i].label);
        text_add_json(json, figure[i].words);
        text_add_char(json, ']');
    }
    text_add_char(json, ']');
}

void chat_add_json(const struct chat_response *response, int64_t output_tokens, struct text *json)
{
    struct text switched = {0}, end = {0};

    add_figures(response, json);
    text_add_string(json, ",\"switch_s\":");
    text_add_number(json, response->switched.known ? response->switched.extra_s : NAN);
    chat_add_switch(&response->switched, &switched);
    chat_add_end(response, output_tokens, &end);
    add_member("switch_words", switched.bytes, json);
    add_member("finish_reason", response->finish_reason, json);
    add_member("end", end.bytes, json);
    text_printf(json, ",\"stopped\":%s", response->stopped ? "true" : "false");
    add_member("failure", response->failure, json);
    text_clear(&switched);
    text_clear(&end);
}
