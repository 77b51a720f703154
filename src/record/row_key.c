#include "record/row_key.h"

#include <stddef.h>

/* A blank parts the words of a key. */
static void add_name(struct text *text, const char *name)
{
    for (const char *at = name; at && *at; at++) {
        if ((unsigned char)*at <= ' ' || *at == '%' || *at == '\x7f')
            text_printf(text, "%%%02X", (unsigned char)*at);
        else
            text_add_char(text, *at);
    }
}

enum kind { INTEGER, NUMBER, NAME };

/* What is 0, or not there, is not asked for. */
struct part {
    const char *word;
    enum kind kind;
    size_t offset;
};

#define PART(word, kind, field)                                                                    \
    {                                                                                              \
        word, kind, offsetof(struct row, field)                                                    \
    }

/* In front of how an open loop's sends are spaced, and behind it. */
static const struct part load_parts[] = {
    PART("duration_s", NUMBER, duration_s),
    PART("warmup_requests", INTEGER, warmup_requests),
    PART("cooldown_requests", INTEGER, cooldown_requests),
    PART("concurrent", INTEGER, concurrent_requests),
    PART("qps", NUMBER, qps),
    {0},
};

static const struct part other_parts[] = {
    PART("burstiness", NUMBER, burstiness),
    PART("qps_end", NUMBER, qps_end),
    PART("max_in_flight", INTEGER, max_in_flight),
    PART("dataset", NAME, dataset),
    PART("stddev_input_tokens", NUMBER, stddev_input_tokens),
    PART("stddev_output_tokens", NUMBER, stddev_output_tokens),
    PART("mix", NAME, mix),
    PART("share", NUMBER, share),
    PART("mix_requests", INTEGER, mix_requests),
    PART("trace", NAME, trace),
    PART("trace_speed", NUMBER, trace_speed),
    PART("trace_from_s", NUMBER, trace_from_s),
    PART("trace_for_s", NUMBER, trace_for_s),
    PART("prefix_tokens", INTEGER, prefix_tokens),
    PART("turn_input_tokens", INTEGER, turn_input_tokens),
    PART("think_time_s", NUMBER, think_time_s),
    {0},
};

static void add_integer(struct text *text, const char *word, int64_t value)
{
    if (value != 0)
        text_printf(text, " %s=%lld", word, (long long)value);
}

static void add_number(struct text *text, const char *word, double value)
{
    if (value == 0)
        return;
    text_printf(text, " %s=", word);
    text_add_number(text, value);
}

static void add_part(struct text *text, const struct part *part, const struct row *row)
{
    const void *at = (const char *)row + part->offset;
    const char *name;

    switch (part->kind) {
    case INTEGER:
        add_integer(text, part->word, *(const int64_t *)at);
        break;
    case NUMBER:
        add_number(text, part->word, *(const double *)at);
        break;
    case NAME:
        name = *(const char *const *)at;
        if (name && *name) {
            text_printf(text, " %s=", part->word);
            add_name(text, name);
        }
        break;
    }
}

static void add_parts(struct text *text, const struct part *parts, const struct row *row)
{
    for (const struct part *part = parts; part->word; part++)
        add_part(text, part, row);
}

void row_key_add(const struct row *row, struct text *text)
{
    add_name(text, row->model_name);
    text_printf(text, " %lld/%lld", (long long)row->input_tokens, (long long)row->output_tokens);
    if (row->share == 0) /* how many a member draws is not asked for */
        add_integer(text, "n", row->num_requests);
    add_parts(text, load_parts, row);
    if (row->qps_distribution != ROW_CONSTANT)
        text_printf(text, " %s", row_distribution_names[row->qps_distribution]);
    if (row->qps_ramp != ROW_RAMP_LINEAR)
        text_printf(text, " ramp=%s", row_ramp_names[row->qps_ramp]);
    add_parts(text, other_parts, row);
    if (row_has_sessions(row))
        add_integer(text, "turns", row->turns);
    if (row->multimodal_img_size != ROW_NO_IMAGE)
        text_printf(text, " image=%s", row_image_names[row->multimodal_img_size]);
}

char *row_key(const struct row *row)
{
    struct text text = {0};

    row_key_add(row, &text);
    return text_take(&text);
}
