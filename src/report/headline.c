#include "report/headline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"
#include "core/unit.h"
#include "report/headline_parts.h"

const char *const headline_kind_words[HEADLINE_KINDS] = {
    [HEADLINE_STUDY] = "study",
    [HEADLINE_BATCH] = "batch",
    [HEADLINE_COMPARE] = "compare",
    [HEADLINE_FAILED] = "failed",
};

const char *const headline_section_ids[HEADLINE_SECTIONS] = {
    [HEADLINE_VERDICT] = "verdict",     [HEADLINE_SWITCHING] = "switching",
    [HEADLINE_RESIDENCY] = "residency", [HEADLINE_LOADING] = "loading",
    [HEADLINE_SEARCH] = "search",       [HEADLINE_MIX] = "mix",
    [HEADLINE_LATENCY] = "latency",     [HEADLINE_HEALTH] = "health",
    [HEADLINE_FAILURES] = "failures",   [HEADLINE_STEPS] = "steps",
    [HEADLINE_SETTINGS] = "settings",
};

const char *const headline_tone_words[HEADLINE_TONES] = {
    [HEADLINE_GOOD] = "good",
    [HEADLINE_NEUTRAL] = "neutral",
    [HEADLINE_NOTE] = "note",
    [HEADLINE_BAD] = "bad",
};

/* --- Parts ------------------------------------------------------------------------------------ */

struct headline_bar *headline_add_bar(struct headline *headline, const char *label,
                                      const char *words)
{
    struct headline_bar *bar;

    headline->bar = memory_grow(headline->bar, headline->bars, sizeof *headline->bar);
    bar = &headline->bar[headline->bars++];
    *bar = (struct headline_bar){.label = memory_text(label),
                                 .value = NAN,
                                 .low = NAN,
                                 .high = NAN,
                                 .words = memory_text(words)};
    return bar;
}

void headline_add_tile(struct headline *headline, const char *title, enum headline_section section,
                       enum headline_tone tone, struct text *text)
{
    if (text->length > 0 && text->bytes[0] >= 'a' && text->bytes[0] <= 'z')
        text->bytes[0] = (char)(text->bytes[0] - 'a' + 'A');
    headline_add_named_tile(headline, title, section, tone, text);
}

void headline_add_named_tile(struct headline *headline, const char *title,
                             enum headline_section section, enum headline_tone tone,
                             struct text *text)
{
    headline->tile = memory_grow(headline->tile, headline->tiles, sizeof *headline->tile);
    headline->tile[headline->tiles++] = (struct headline_tile){
        .title = title, .section = section, .tone = tone, .text = text_take(text)};
}

static bool holds(const struct headline_models *models, const char *name)
{
    for (size_t i = 0; i < models->count; i++) {
        if (strcmp(models->name[i], name) == 0)
            return true;
    }
    return false;
}

struct headline_models headline_models(const struct report *report)
{
    struct headline_models models = {0};

    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            const char *name = report->run[r].step[i].row.model_name;

            if (holds(&models, name))
                continue;
            models.name = memory_grow(models.name, models.count, sizeof *models.name);
            models.name[models.count++] = name;
        }
    }
    return models;
}

struct headline_counts headline_count(const struct report *report)
{
    struct headline_models models = headline_models(report);
    struct headline_counts counts = {.models = models.count};

    for (size_t r = 0; r < report->runs; r++) {
        const struct results *run = &report->run[r];

        counts.steps += run->count;
        counts.planned += run->planned > run->count ? run->planned : run->count;
        for (size_t i = 0; i < run->count; i++) {
            counts.started += run->step[i].started;
            counts.completed += run->step[i].completed;
            counts.failed += run->step[i].errors;
        }
    }
    free(models.name);
    return counts;
}

/* --- Tiles of any run ------------------------------------------------------------------------- */

struct health_counts {
    size_t valid, degraded, invalid;
    const char *reason; /* of the worst */
};

static struct health_counts count_health(const struct report *report)
{
    struct health_counts counts = {0};
    enum measurement_verdict worst = MEASUREMENT_VALID;

    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            const struct health *health = &report->run[r].step[i].health;

            counts.valid += health->verdict == MEASUREMENT_VALID;
            counts.degraded += health->verdict == MEASUREMENT_DEGRADED;
            counts.invalid += health->verdict == MEASUREMENT_INVALID;
            if (health->verdict > worst) {
                worst = health->verdict;
                counts.reason = health->reason;
            }
        }
    }
    return counts;
}

static void tile_health(const struct report *report, struct headline *headline)
{
    struct health_counts counts = count_health(report);
    size_t all = counts.valid + counts.degraded + counts.invalid;
    size_t off = counts.invalid > 0 ? counts.invalid : counts.degraded;
    struct text text = {0};
    char steps[UNIT_TEXT];

    unit_count(all, "step", NULL, steps);
    if (off == 0)
        text_printf(&text, "The client kept up in %s%s", all == 1 ? "" : "all ",
                    all == 1 ? "its step" : steps);
    else
        text_printf(&text, "%zu of %s %s %s: %s", off, steps, off == 1 ? "is" : "are",
                    counts.invalid > 0 ? "invalid" : "degraded", counts.reason);
    headline_add_tile(headline, "Measurement", HEADLINE_HEALTH,
                      counts.invalid > 0    ? HEADLINE_BAD
                      : counts.degraded > 0 ? HEADLINE_NOTE
                                            : HEADLINE_GOOD,
                      &text);
}

static void tile_failures(const struct report *report, struct headline *headline)
{
    struct headline_counts counts = headline_count(report);
    struct text text = {0};

    headline_add_failures(report, NULL, &text);
    headline_add_tile(headline, "Failures", HEADLINE_FAILURES,
                      counts.completed == 0 ? HEADLINE_BAD
                      : counts.failed > 0   ? HEADLINE_NOTE
                                            : HEADLINE_GOOD,
                      &text);
}

static void tile_unfinished(const struct report *report, struct headline *headline)
{
    struct headline_counts counts = headline_count(report);
    struct text text = {0};
    char steps[UNIT_TEXT];

    if (counts.steps == counts.planned)
        return;
    text_printf(&text, "%zu of %s %s not run", counts.planned - counts.steps,
                unit_count(counts.planned, "step", NULL, steps),
                counts.planned - counts.steps == 1 ? "was" : "were");
    headline_add_tile(headline, "Steps", HEADLINE_STEPS, HEADLINE_NOTE, &text);
}

void headline_run_tiles(const struct report *report, struct headline *headline)
{
    if (headline->kind != HEADLINE_FAILED)
        tile_health(report, headline);
    tile_failures(report, headline);
    tile_unfinished(report, headline);
}

/* --- The title -------------------------------------------------------------------------------- */

/* "127.0.0.1:8080/v1" of "http://127.0.0.1:8080/v1". */
static const char *without_scheme(const char *address)
{
    const char *host = strstr(address, "://");

    return host ? host + 3 : address;
}

static const char *fact_of(const struct results *run, const char *key)
{
    const char *value = manifest_find(&run->manifest, key);

    return value ? value : "";
}

/* What all runs say; else how many things they say, with `noun`. */
static char *common_fact(const struct report *report, const char *key, const char *noun)
{
    const char *first = fact_of(&report->run[0], key);
    size_t others = 0;

    for (size_t i = 1; i < report->runs; i++) {
        bool known = false;

        for (size_t k = 0; k < i && !known; k++)
            known = strcmp(fact_of(&report->run[k], key), fact_of(&report->run[i], key)) == 0;
        others += !known;
    }
    return others > 0 ? memory_printf("%zu %s", others + 1, noun)
                      : memory_text(without_scheme(first));
}

/* The labels of a run, "release 1.4" where that is one of them. */
static void add_labels(const struct results *run, struct text *text)
{
    static const char labels[] = "settings.labels.";
    const char *release = manifest_find(&run->manifest, "settings.labels.release");

    if (release) {
        text_printf(text, "release %s", release);
        return;
    }
    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];

        if (strncmp(fact->key, labels, sizeof labels - 1) == 0)
            text_printf(text, "%s%s %s", text->length > 0 ? ", " : "",
                        fact->key + sizeof labels - 1, fact->value);
    }
}

static char *release_of(const struct report *report)
{
    struct text first = {0};
    bool same = true;

    add_labels(&report->run[0], &first);
    for (size_t i = 1; i < report->runs; i++) {
        struct text other = {0};

        add_labels(&report->run[i], &other);
        same = same && strcmp(first.bytes ? first.bytes : "", other.bytes ? other.bytes : "") == 0;
        text_clear(&other);
    }
    if (!same) {
        text_reset(&first);
        text_add_string(&first, "several releases");
    }
    return text_take(&first);
}

enum { DAY = sizeof "YYYY-MM-DD" };

/* Of the start; of the starter kit's runs, of the first step's end. "" where it is not known. */
static void day_of(const struct results *run, char day[DAY])
{
    const char *started = manifest_find(&run->manifest, "started_utc");
    time_t end = run->count > 0 ? (time_t)run->step[0].timestamp_s : 0;
    struct tm parts;

    day[0] = '\0';
    if (started && strlen(started) >= DAY - 1)
        memcpy(day, started, DAY - 1), day[DAY - 1] = '\0';
    else if (end > 0 && gmtime_r(&end, &parts))
        strftime(day, DAY, "%Y-%m-%d", &parts);
}

static char *date_of(const struct report *report)
{
    char least[DAY] = "", most[DAY] = "", day[DAY];

    for (size_t i = 0; i < report->runs; i++) {
        day_of(&report->run[i], day);
        if (!*day)
            continue;
        if (!*least || strcmp(day, least) < 0)
            memcpy(least, day, DAY);
        if (strcmp(day, most) > 0)
            memcpy(most, day, DAY);
    }
    return strcmp(least, most) == 0 ? memory_text(least) : memory_printf("%s to %s", least, most);
}

static char *measured_of(const struct report *report, enum headline_kind kind)
{
    static const char *const words[HEADLINE_KINDS] = {[HEADLINE_STUDY] = "Switching study",
                                                      [HEADLINE_BATCH] = "Benchmark",
                                                      [HEADLINE_COMPARE] = "Release comparison",
                                                      [HEADLINE_FAILED] = "Failed run"};
    struct headline_counts counts = headline_count(report);
    char models[UNIT_TEXT], runs[UNIT_TEXT];

    unit_count(counts.models, "model", NULL, models);
    return memory_printf("%s of %s%s%s",
                         kind == HEADLINE_BATCH && headline_searches(report) ? "Search"
                                                                             : words[kind],
                         models, report->runs > 1 ? " in " : "",
                         report->runs > 1 ? unit_count(report->runs, "run", NULL, runs) : "");
}

static void join_title(struct headline *headline)
{
    const char *parts[] = {headline->measured, headline->endpoint, headline->release,
                           headline->date};
    struct text title = {0};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (*parts[i])
            text_printf(&title, "%s%s", title.length > 0 ? " · " : "", parts[i]);
    }
    headline->title = text_take(&title);
}

static void make_title(const struct report *report, struct headline *headline)
{
    headline->measured = measured_of(report, headline->kind);
    headline->endpoint = common_fact(report, "endpoint.address", "endpoints");
    headline->release = release_of(report);
    headline->date = date_of(report);
    join_title(headline);
}

/* --- All of it -------------------------------------------------------------------------------- */

/* Rows that were visited again or probed were to show what switching costs; passes over mixes are
 * no study of switches, whatever ran alone beside them. */
static bool is_study(const struct report *report)
{
    bool asked = false;

    for (size_t r = 0; r < report->runs; r++) {
        asked |= report->run[r].repeats && report->run[r].mixes == 0;
        for (size_t i = 0; i < report->run[r].count; i++)
            asked |= report->run[r].step[i].probe_started > 0;
    }
    return asked && study_measured(report->study);
}

enum headline_kind headline_kind_of(const struct report *report)
{
    if (report->qualification)
        return HEADLINE_COMPARE;
    if (headline_count(report).completed == 0)
        return HEADLINE_FAILED;
    return is_study(report) ? HEADLINE_STUDY : HEADLINE_BATCH;
}

void headline_make(const struct report *report, struct headline *headline)
{
    *headline = (struct headline){.kind = headline_kind_of(report)};
    make_title(report, headline);
    switch (headline->kind) {
    case HEADLINE_COMPARE:
        headline_compare(report->qualification, headline);
        return;
    case HEADLINE_FAILED:
        headline_failed(report, headline);
        break;
    case HEADLINE_STUDY:
        headline_study(report, headline);
        headline_study_tiles(report, headline);
        break;
    default:
        headline_batch(report, headline);
        headline_search(report, headline);
        break;
    }
    headline_run_tiles(report, headline);
}

void headline_of_qualification(const struct qualification *qualification, struct headline *headline)
{
    time_t started = (time_t)qualification->started_s;
    char day[DAY] = "";
    struct tm parts;

    if (started > 0 && gmtime_r(&started, &parts))
        strftime(day, DAY, "%Y-%m-%d", &parts);
    *headline = (struct headline){.kind = HEADLINE_COMPARE,
                                  .measured = memory_text("Release comparison"),
                                  .endpoint = memory_text(""),
                                  .release = memory_text(""),
                                  .date = memory_text(day)};
    join_title(headline);
    headline_compare(qualification, headline);
}

void headline_clear(struct headline *headline)
{
    for (size_t i = 0; i < headline->bars; i++) {
        free(headline->bar[i].label);
        free(headline->bar[i].words);
    }
    for (size_t i = 0; i < headline->tiles; i++)
        free(headline->tile[i].text);
    free(headline->bar);
    free(headline->tile);
    free(headline->sentence);
    free(headline->title);
    free(headline->measured);
    free(headline->endpoint);
    free(headline->release);
    free(headline->date);
    free(headline->look);
    *headline = (struct headline){0};
}
