#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "report/rank_figures.h"
#include "report/workbook/sheets.h"

/* What of a manifest comes first, and under which words; all the rest follows by its own. */
static const struct {
    const char *key, *words;
} known[] = {
    {"run_name", "run"},
    {"started_utc", "started (UTC)"},
    {"status", "status"},
    {"status_since_utc", "status since (UTC)"},
    {"study_end.sentence", "stop_when"},
    {"command_line", "command line"},
    {"coebench_version", "coebench"},
    {"definitions", "definitions of the figures"},
    {"http_library", "HTTP library"},
    {"endpoint.address", "endpoint"},
    {"endpoint.address_source", "address from"},
    {"endpoint.key_source", "key from"},
    {"endpoint.dialect", "dialect"},
    {"remote_addresses.used", "addresses used"},
    {"host.name", "host"},
    {"host.system", "system"},
    {"host.kernel", "kernel"},
    {"host.machine", "machine"},
    {"host.cpu", "CPU"},
    {"host.cpus", "cores"},
    {"ranks.count", "ranks"},
    {"ranks.hosts", "hosts of the ranks"},
    {"config.path", "config"},
    {"config.sha256", "config SHA-256"},
    {"model_configs.path", "rows"},
    {"model_configs.sha256", "rows SHA-256"},
    {"bundle.path", "bundle"},
    {"bundle.sha256", "bundle SHA-256"},
    {"settings.seed", "seed"},
};

enum { KNOWN = sizeof known / sizeof *known };

static bool is_known(const char *key)
{
    for (size_t i = 0; i < KNOWN; i++) {
        if (strcmp(known[i].key, key) == 0)
            return true;
    }
    return false;
}

static void write_fact(struct sheet *sheet, const char *words, const char *value)
{
    sheet_text(sheet, words);
    sheet_text(sheet, value);
    sheet_next(sheet);
}

/* Those whose key begins so. */
static void write_others(struct sheet *sheet, const struct manifest_content *manifest,
                         const char *prefix)
{
    for (size_t i = 0; i < manifest->facts; i++) {
        const char *key = manifest->fact[i].key;

        if (strncmp(key, prefix, strlen(prefix)) == 0 && !is_known(key))
            write_fact(sheet, key + strlen(prefix), manifest->fact[i].value);
    }
}

static void write_rank(struct sheet *sheet, size_t at, const struct rank_figures *rank)
{
    const struct health *worst = &rank->worst.health;

    sheet->fill = rank->steps[MEASUREMENT_INVALID]    ? FILL_BAD
                  : rank->steps[MEASUREMENT_DEGRADED] ? FILL_DOUBT
                                                      : FILL_NONE;
    sheet->style = STYLE_WHOLE;
    sheet_number(sheet, (double)at);
    sheet_text(sheet, rank->host);
    sheet_number(sheet, (double)rank->requests);
    sheet->style = STYLE_SHARE;
    sheet_number(sheet, rank->share);
    sheet->style = STYLE_WHOLE;
    for (int i = 0; i < 3; i++)
        sheet_number(sheet, (double)rank->steps[i]);
    sheet->style = STYLE_PLAIN;
    sheet_number(sheet, worst->clock_uncertainty_s);
    sheet->style = STYLE_SECONDS;
    sheet_number(sheet, worst->read_lateness_p99_s);
    sheet_number(sheet, worst->loop_stall_max_s);
    sheet_number(sheet, rank->worst.journal_wait_s);
    sheet->style = STYLE_SHARE;
    sheet_number(sheet, worst->loop_cpu_share_max);
    sheet->style = STYLE_RATE;
    sheet_number(sheet, worst->resident_mb);
    sheet_next(sheet);
}

static void write_ranks(struct sheet *sheet, const struct results *run)
{
    static const char *const heads[] = {"rank",
                                        "host",
                                        "requests",
                                        "share",
                                        "steps valid",
                                        "degraded",
                                        "invalid",
                                        "clock uncertainty, s",
                                        "read lateness p99, s",
                                        "loop stall, s",
                                        "wait for rank 0, s",
                                        "event loop CPU",
                                        "memory, MB"};
    size_t ranks;
    struct rank_figures *figures = rank_figures_of(run, &ranks);

    if (ranks > 0) {
        sheet_say(sheet, "ranks: what each sent, and the worst of any step");
        for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
            sheet_head(sheet, heads[i]);
        sheet_next(sheet);
    }
    for (size_t i = 0; i < ranks; i++)
        write_rank(sheet, i, &figures[i]);
    free(figures);
}

static void write_run(struct sheet *sheet, const struct results *run)
{
    const struct manifest_content *manifest = &run->manifest;

    sheet_title(sheet, run->name);
    for (size_t i = 0; i < KNOWN; i++) {
        const char *value = manifest_find(manifest, known[i].key);

        if (value)
            write_fact(sheet, known[i].words, value);
    }
    write_ranks(sheet, run);
    sheet_say(sheet, "labels");
    write_others(sheet, manifest, "settings.labels.");
    sheet_say(sheet, "settings, without secrets");
    for (size_t i = 0; i < manifest->facts; i++) {
        const char *key = manifest->fact[i].key;

        if (strncmp(key, "settings.", 9) == 0 && strncmp(key, "settings.labels.", 16) != 0 &&
            !is_known(key))
            write_fact(sheet, key + 9, manifest->fact[i].value);
    }
    sheet_next(sheet);
}

void sheet_environment(const struct book *book, const struct report *report)
{
    struct sheet sheet = sheet_blank(book, "Environment");

    sheet_width(&sheet, 0, 28);
    sheet_width(&sheet, 1, 100);
    for (size_t i = 0; i < report->runs; i++)
        write_run(&sheet, &report->run[i]);
}
