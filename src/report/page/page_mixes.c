#include "report/page/page_mixes.h"

#include <math.h>

#include "core/text.h"
#include "report/mix_words.h"

static void add_ttft(struct writer *writer, const char *source, const char *after,
                     const struct mix_ttft *ttft)
{
    struct text key = {0};

    text_printf(&key, "%s_after_%s", source, after);
    writer_open(writer, key.bytes, '{');
    writer_add_number(writer, "count", ttft->count);
    writer_add_number(writer, "p50_s", ttft->p50_s);
    writer_add_number(writer, "p95_s", ttft->p95_s);
    writer_add_number(writer, "mean_s", ttft->mean_s);
    writer_close(writer, '}');
    text_clear(&key);
}

/* A value, its interval, and what a study predicts. */
static void add_range(struct writer *writer, const char *key, const struct mix_range *range,
                      double predicted)
{
    writer_open(writer, key, '{');
    writer_add_number(writer, "value", range->value);
    writer_add_number(writer, "low", range->low);
    writer_add_number(writer, "high", isinf(range->high) ? NAN : range->high);
    writer_add_number(writer, "predicted", predicted);
    writer_close(writer, '}');
}

static void add_costs(struct writer *writer, const struct mix_member_switching *costs)
{
    add_range(writer, "paid_share", &costs->switch_paid_share, costs->predicted.switch_paid_share);
    add_range(writer, "s_per_call", &costs->switch_s_per_call, costs->predicted.switch_s_per_call);
    add_range(writer, "time_share", &costs->switch_time_share, costs->predicted.switch_time_share);
    add_range(writer, "difference_s", &costs->difference_s, NAN);
    add_range(writer, "switch_s", &costs->switch_s, NAN);
}

static void add_sentence(struct writer *writer, const struct mix *mix,
                         void (*add)(const struct mix *mix, struct text *text))
{
    struct text text = {0};

    add(mix, &text);
    if (text.length > 0)
        writer_add_text(writer, NULL, text.bytes);
    text_clear(&text);
}

static void add_sentences(struct writer *writer, const struct mix *mix)
{
    writer_open(writer, "sentences", '[');
    add_sentence(writer, mix, mix_words_add_measured);
    add_sentence(writer, mix, mix_words_add_predicted);
    add_sentence(writer, mix, mix_words_add_remarks);
    writer_close(writer, ']');
}

static void add_member(struct writer *writer, const struct mix_member *member,
                       const struct mix_member_switching *costs)
{
    writer_open(writer, NULL, '{');
    writer_add_number(writer, "step", (double)member->step + 1);
    writer_add_text(writer, "model", member->model);
    writer_add_number(writer, "calls", member->calls);
    writer_add_number(writer, "share", member->share);
    writer_add_number(writer, "offered_per_s", member->offered_per_s);
    writer_add_number(writer, "achieved_per_s", member->achieved_per_s);
    writer_add_number(writer, "utilisation", member->utilisation);
    for (int source = 0; source < SWITCH_SOURCES; source++) {
        for (int after = 0; after < MIX_AFTERS; after++)
            add_ttft(writer, switch_source_words[source], mix_after_words[after],
                     &member->ttft[source][after]);
    }
    add_costs(writer, costs);
    writer_close(writer, '}');
}

static void add_mix(struct writer *writer, const struct results *run, const struct mix *mix)
{
    writer_open(writer, NULL, '{');
    writer_add_text(writer, "run", run->name);
    writer_add_text(writer, "name", mix->name);
    writer_add_number(writer, "pass", (double)mix->pass);
    writer_add_number(writer, "window_s", mix->window_s);
    writer_add_number(writer, "calls", mix->calls);
    writer_add_number(writer, "offered_per_s", mix->offered_per_s);
    writer_add_number(writer, "achieved_per_s", mix->achieved_per_s);
    writer_add_number(writer, "utilisation", mix->utilisation);
    writer_add_number(writer, "served_share", mix->served_share);
    writer_add_truth(writer, "switching_measured", mix->switching.reason == MIX_MEASURED);
    writer_add_truth(writer, "predicted", mix->study && mix->switching.lack == MIX_LACKS_NOTHING);
    add_sentences(writer, mix);
    writer_open(writer, "members", '[');
    for (size_t i = 0; i < mix->members; i++)
        add_member(writer, &mix->member[i], &mix->switching.member[i]);
    writer_close(writer, ']');
    writer_close(writer, '}');
}

void page_mixes_add(struct writer *writer, const struct report *report)
{
    writer_open(writer, "mixes", '[');
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].mixes; k++)
            add_mix(writer, &report->run[i], &report->run[i].mix[k]);
    }
    writer_close(writer, ']');
}
