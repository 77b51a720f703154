#include "report/page/page_mixes.h"

#include "core/text.h"

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

static void add_member(struct writer *writer, const struct mix_member *member)
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
    writer_open(writer, "members", '[');
    for (size_t i = 0; i < mix->members; i++)
        add_member(writer, &mix->member[i]);
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
