#include "store/frequency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Of digits: scanf's own numbers may have a sign, or be no number at all. */
enum { COUNT_ROOM = 19 };

/* As Python's repr() prints a text. */
static void add_repr(const char *code, struct text *text)
{
    char quote = strchr(code, '\'') && !strchr(code, '"') ? '"' : '\'';

    text_add_char(text, quote);
    for (; *code; code++) {
        if (*code == quote || *code == '\\')
            text_add_char(text, '\\');
        text_add_char(text, *code);
    }
    text_add_char(text, quote);
}

void frequency_add_errors(const struct step *step, struct text *text)
{
    text_add_char(text, '{');
    for (size_t i = 0; i < step->error_kinds; i++) {
        const struct error_count *error = &step->error[i];

        text_add_string(text, i ? ", " : "");
        if (error->is_status)
            text_add_string(text, error->code);
        else
            add_repr(error->code, text);
        text_printf(text, ": %zu", error->count);
    }
    text_add_char(text, '}');
}

/* What stands between quotes, cut to fit; NULL where they are not closed. A line's end is a blank.
 */
static const char *read_quoted(const char *text, char code[ERROR_CODE])
{
    char quote = *text++;
    size_t length = 0;

    for (; *text && *text != quote; text++) {
        char byte = *text;

        if (byte == '\\' && text[1]) {
            byte = *++text;
            byte = strchr("nrt", byte) ? ' ' : byte;
        }
        if (length + 1 < ERROR_CODE)
            code[length++] = byte;
    }
    code[length] = '\0';
    return *text == quote ? text + 1 : NULL;
}

/* Digits, maybe as "np.int64(3)" or "429.0"; NULL where there are none, or more than `most`. */
static const char *read_digits(const char *text, size_t most, char *digits)
{
    bool wrapped = strncmp(text, "np.int64(", 9) == 0 || strncmp(text, "np.float64(", 11) == 0;
    size_t length;

    text = wrapped ? strchr(text, '(') + 1 : text;
    length = strspn(text, "0123456789");
    if (length == 0 || length > most)
        return NULL;
    memcpy(digits, text, length);
    digits[length] = '\0';
    text += length;
    text += strncmp(text, ".0", 2) == 0 && !strchr("0123456789", text[2]) ? 2 : 0;
    if (wrapped)
        return *text == ')' ? text + 1 : NULL;
    return text;
}

/* One "code: count"; where it ends, NULL where there is none. */
static const char *read_error(const char *text, struct error_count *one)
{
    char count[COUNT_ROOM];

    *one = (struct error_count){.is_status = *text != '\'' && *text != '"'};
    text = one->is_status ? read_digits(text, COUNT_ROOM, one->code) : read_quoted(text, one->code);
    if (!text || *text != ':')
        return NULL;
    text += 1 + strspn(text + 1, " ");
    text = read_digits(text, COUNT_ROOM - 1, count);
    if (text)
        one->count = strtoul(count, NULL, 10);
    return text;
}

void frequency_read_errors(const char *text, struct step *step)
{
    struct error_count one;

    text += strspn(text, "{ ");
    while ((text = read_error(text, &one))) {
        text += strspn(text, ", ");
        if (!*one.code)
            continue; /* of another's file: it names nothing */
        step->error = memory_grow(step->error, step->error_kinds, sizeof *step->error);
        step->error[step->error_kinds++] = one;
    }
}

/* As Python prints it inside single quotes. */
static void add_word(const char *word, struct text *text)
{
    for (; *word; word++) {
        if (*word == '\'' || *word == '\\')
            text_add_char(text, '\\');
        text_add_char(text, *word);
    }
}

void frequency_add_reasons(const struct step *step, struct text *text)
{
    text_add_char(text, '{');
    for (size_t i = 0; i < step->finish.kinds; i++) {
        text_add_string(text, i ? ", '" : "'");
        add_word(step->finish.reason[i].reason, text);
        text_printf(text, "': %zu", step->finish.reason[i].count);
    }
    text_add_char(text, '}');
}

/* From behind a word's opening quote to behind its closing one; NULL where it has none. What is
 * longer than `word` is cut. */
static const char *read_word(const char *text, char *word, size_t size)
{
    size_t length = 0;

    for (; *text && *text != '\''; text++) {
        if (*text == '\\' && text[1])
            text++;
        if (length + 1 < size)
            word[length++] = *text;
    }
    word[length] = '\0';
    return *text ? text + 1 : NULL;
}

void frequency_read_reasons(const char *text, struct step *step)
{
    struct finish_counts *finish = &step->finish;
    struct reason_count one;
    char count[COUNT_ROOM];
    int used;

    text += strspn(text, "{ ");
    while (*text == '\'' && (text = read_word(text + 1, one.reason, sizeof one.reason)) &&
           sscanf(text, ": %18[0-9]%n", count, &used) == 1) {
        one.count = strtoul(count, NULL, 10);
        finish->reason = memory_grow(finish->reason, finish->kinds, sizeof *finish->reason);
        finish->reason[finish->kinds++] = one;
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
    const struct switch_measurement *measurement = &step->measurement;
    struct frequency_switch by_batch[1 + SWITCH_INSIDE_MOST];
    size_t count = 0;

    if (measurement->batch_size > 0 && step->estimate.verdict != SWITCH_NOT_MEASURABLE)
        by_batch[count++] = (struct frequency_switch){
            measurement->batch_size,
            step->estimate.verdict == SWITCH_DETECTED ? step->estimate.value_s : NAN};
    for (size_t i = 0; i < measurement->insides; i++) {
        const struct switch_inside *inside = &measurement->inside[i];

        by_batch[count++] = (struct frequency_switch){
            inside->batch_size,
            inside->found ? inside->side.exposed_s - inside->side.steady_s : NAN};
    }
    frequency_add_switches(by_batch, count, text);
}
