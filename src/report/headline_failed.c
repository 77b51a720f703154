#include "report/headline_parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/unit.h"
#include "report/failure_words.h"

/* --- Failures by kind, over steps ------------------------------------------------------------- */

struct kinds {
    struct error_count *kind; /* most frequent first; owned; the codes are copies */
    size_t count;
};

static void take_error(struct kinds *kinds, const struct error_count *error)
{
    for (size_t i = 0; i < kinds->count; i++) {
        if (strcmp(kinds->kind[i].code, error->code) == 0) {
            kinds->kind[i].count += error->count;
            return;
        }
    }
    kinds->kind = memory_grow(kinds->kind, kinds->count, sizeof *kinds->kind);
    kinds->kind[kinds->count++] = *error;
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct error_count *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->code, y->code);
}

static struct kinds kinds_of(const struct report *report, const char *model)
{
    struct kinds kinds = {0};

    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            const struct step *step = &report->run[r].step[i];

            for (size_t k = 0; k < step->error_kinds; k++) {
                if (!model || strcmp(step->row.model_name, model) == 0)
                    take_error(&kinds, &step->error[k]);
            }
        }
    }
    if (kinds.count > 0)
        qsort(kinds.kind, kinds.count, sizeof *kinds.kind, most_frequent_first);
    return kinds;
}

static void count_of(const struct report *report, const char *model, size_t *started,
                     size_t *failed)
{
    *started = *failed = 0;
    for (size_t r = 0; r < report->runs; r++) {
        for (size_t i = 0; i < report->run[r].count; i++) {
            const struct step *step = &report->run[r].step[i];

            if (model && strcmp(step->row.model_name, model) != 0)
                continue;
            *started += step->started;
            *failed += step->errors;
        }
    }
}

void headline_add_failures(const struct report *report, const char *model, struct text *text)
{
    enum { NAMED = 3 };
    struct kinds kinds = kinds_of(report, model);
    size_t started, failed;
    char requests[UNIT_TEXT];

    count_of(report, model, &started, &failed);
    unit_count(started, "request", NULL, requests);
    if (failed == 0)
        text_printf(text, "none of %s failed", requests);
    else
        text_printf(text, "%zu of %s failed", failed, requests);
    for (size_t i = 0; i < kinds.count && i < NAMED; i++)
        text_printf(text, "%s%s × %zu", i ? ", " : " (", kinds.kind[i].code, kinds.kind[i].count);
    if (kinds.count > NAMED)
        text_printf(text, " and more");
    if (kinds.count > 0)
        text_add_char(text, ')');
    free(kinds.kind);
}

/* --- A run of which nothing completed --------------------------------------------------------- */

static void add_reason(const struct report *report, const struct error_count *kind, size_t started,
                       struct text *text)
{
    const struct manifest_content *manifest = &report->run[0].manifest;
    const struct failure_facts facts = {.address = manifest_find(manifest, "endpoint.address"),
                                        .key_source =
                                            manifest_find(manifest, "endpoint.key_source"),
                                        .example = kind->example};
    char requests[UNIT_TEXT];

    failure_words_add(kind->code, &facts, text);
    text_printf(text, " (%zu of %s)", kind->count, unit_count(started, "request", NULL, requests));
}

static void add_picture(const struct kinds *kinds, struct headline *headline)
{
    headline->bar_title = "Why requests failed";
    headline->bar_axis = "Requests";
    headline->bar_unit = "";
    headline->bar_note = "Bar: requests that failed so.";
    for (size_t i = 0; i < kinds->count; i++) {
        char words[UNIT_TEXT];
        struct headline_bar *bar =
            headline_add_bar(headline, kinds->kind[i].code,
                             unit_count(kinds->kind[i].count, "request", NULL, words));

        bar->value = (double)kinds->kind[i].count;
    }
}

void headline_failed(const struct report *report, struct headline *headline)
{
    struct kinds kinds = kinds_of(report, NULL);
    struct headline_counts counts = headline_count(report);
    struct text text = {0};

    if (kinds.count > 0)
        add_reason(report, &kinds.kind[0], counts.started, &text);
    else
        text_printf(&text, counts.started > 0 ? "No request completed"
                                              : "No request of the load was sent");
    headline->tone = HEADLINE_BAD;
    headline->sentence = text_take(&text);
    headline->look = memory_text("Look at what the endpoint replied");
    if (kinds.count > 1)
        add_picture(&kinds, headline);
    free(kinds.kind);
}
