#include "store/frequency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Of digits: scanf's own numbers may have a sign, or be no number at all. */
enum { COUNT_ROOM = 19 };

void frequency_add_errors(const struct step *step, struct text *text)
{
    text_add_char(text, '{');
    for (size_t i = 0; i < step->error_kinds; i++) {
        const struct error_count *error = &step->error[i];
        const char *quote = error->is_status ? "" : "'";

        text_printf(text, "%s%s%s%s: %zu", i ? ", " : "", quote, error->code, quote, error->count);
    }
    text_add_char(text, '}');
}

void frequency_read_errors(const char *text, struct step *step)
{
    struct error_count one;
    char count[COUNT_ROOM];
    int used;

    text += strspn(text, "{ ");
    for (;;) {
        one = (struct error_count){.is_status = *text != '\''};
        if (sscanf(text, one.is_status ? "%23[0-9]: %18[0-9]%n" : "'%23[a-z_]': %18[0-9]%n",
                   one.code, count, &used) != 2)
            return;
        one.count = strtoul(count, NULL, 10);
        step->error = memory_grow(step->error, step->error_kinds, sizeof *step->error);
        step->error[step->error_kinds++] = one;
        text += used;
        text += strspn(text, ", ");
    }
}

void frequency_add_batches(const struct step *step, struct text *text)
{
    text_add_char(text, '{');
    for (size_t i = 0; i < step->batches; i++)
        text_printf(text, "%s%.0f: %zu", i ? ", " : "", step->batch[i].size,
                    step->batch[i].requests);
    text_add_char(text, '}');
}

void frequency_read_batches(const char *text, struct step *step)
{
    char size[COUNT_ROOM], requests[COUNT_ROOM];
    int used;

    text += strspn(text, "{ ");
    while (sscanf(text, "%18[0-9.]: %18[0-9]%n", size, requests, &used) == 2) {
        struct batch_count one = {strtod(size, NULL), strtoul(requests, NULL, 10)};

        step->batch = memory_grow(step->batch, step->batches, sizeof *step->batch);
        step->batch[step->batches++] = one;
        text += used;
        text += strspn(text, ", ");
    }
}

static int by_size(const void *a, const void *b)
{
    const struct frequency_switch *x = a, *y = b;

    return (x->size > y->size) - (x->size < y->size);
}

void frequency_add_switches(struct frequency_switch *by_batch, size_t count, struct text *text)
{
    if (count > 0)
        qsort(by_batch, count, sizeof *by_batch, by_size);
    text_add_char(text, '{');
    for (size_t i = 0; i < count; i++) {
        text_printf(text, "%s%.0f: ", i ? ", " : "", by_batch[i].size);
        if (isnan(by_batch[i].took_s))
            text_add_string(text, "None");
        else
            text_printf(text, "%.4f", by_batch[i].took_s);
    }
    text_add_char(text, '}');
}

void frequency_add_step_switches(const struct step *step, struct text *text)
{
    const struct switch_evidence *evidence = &step->evidence;
    struct frequency_switch by_batch[1 + SWITCH_INSIDE_MOST];
    size_t count = 0;

    if (evidence->batch_size > 0 && step->estimate.verdict != SWITCH_NOT_MEASURABLE)
        by_batch[count++] = (struct frequency_switch){
            evidence->batch_size,
            step->estimate.verdict == SWITCH_DETECTED ? step->estimate.value_s : NAN};
    for (size_t i = 0; i < evidence->insides; i++) {
        const struct switch_inside *inside = &evidence->inside[i];

        by_batch[count++] = (struct frequency_switch){
            inside->batch_size,
            inside->found ? inside->side.exposed_s - inside->side.steady_s : NAN};
    }
    frequency_add_switches(by_batch, count, text);
}
