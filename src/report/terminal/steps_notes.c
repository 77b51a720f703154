#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/flags.h"
#include "report/terminal/steps_table.h"
#include "report/terminal/terminal.h"

enum { NAMED = 5 }; /* steps that are listed by their numbers */

/* --- Notes that differ in their figures alone ------------------------------------------------- */

struct note {
    char *kind; /* what they have in common, without figures */
    char *text; /* of the first step */
    bool same;  /* all steps' texts are */
    size_t *step;
    size_t steps;
};

struct notes {
    struct note *note;
    size_t count;
};

/* Digits and points become one sign, so that texts with other figures are alike. */
static char *kind_of(const char *text)
{
    char *kind = memory_text(text), *to = kind;

    for (const char *from = text; *from;) {
        size_t figures = strspn(from, "0123456789.");

        if (figures > 0 && isdigit((unsigned char)*from)) {
            *to++ = '#';
            from += figures;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return kind;
}

static struct note *find(struct notes *notes, const char *of, const char *text)
{
    char *kind = kind_of(of);

    for (size_t i = 0; i < notes->count; i++) {
        if (strcmp(notes->note[i].kind, kind) == 0) {
            free(kind);
            return &notes->note[i];
        }
    }
    notes->note = memory_grow(notes->note, notes->count, sizeof *notes->note);
    notes->note[notes->count] =
        (struct note){.kind = kind, .text = memory_text(text), .same = true};
    return &notes->note[notes->count++];
}

/* `of` is what the texts of one note have in common, figures apart. */
static void take(struct notes *notes, const struct step *step, const char *of, const char *text)
{
    struct note *note = find(notes, of, text);

    note->same = note->same && strcmp(note->text, text) == 0;
    note->step = memory_grow(note->step, note->steps, sizeof *note->step);
    note->step[note->steps++] = step->index + 1;
}

static void clear(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->note[i].kind);
        free(notes->note[i].text);
        free(notes->note[i].step);
    }
    free(notes->note);
    *notes = (struct notes){0};
}

/* What a line of the table is: a row, as long as each is visited once. */
static const char *line_word(const struct results *results)
{
    return results->repeats ? "step" : "row";
}

/* "row 3", "rows 3, 4 and 5", "29 of 61 steps (3, 4, 5, 8, 9 …)". */
static void add_steps(const struct note *note, const struct results *results, struct text *text)
{
    const char *word = line_word(results);

    if (note->steps == 1)
        text_printf(text, "%s %zu", word, note->step[0]);
    else if (note->steps > NAMED)
        text_printf(text, "%zu of %zu %ss (", note->steps, results->count, word);
    else
        text_printf(text, "%ss ", word);
    for (size_t i = 0; i < note->steps && i < NAMED && note->steps > 1; i++)
        text_printf(text, "%s%zu",
                    i == 0                                         ? ""
                    : i == note->steps - 1 && note->steps <= NAMED ? " and "
                                                                   : ", ",
                    note->step[i]);
    if (note->steps > NAMED)
        text_add_string(text, " …)");
}

/* `verb` stands before a text that has none: "is" and "are". */
static void print_notes(FILE *out, const struct results *results, struct notes *notes, bool verb)
{
    struct text text = {0};

    for (size_t i = 0; i < notes->count; i++) {
        const struct note *note = &notes->note[i];

        text_reset(&text);
        add_steps(note, results, &text);
        text_add_string(&text, !verb ? ": " : note->steps > 1 ? " are " : " is ");
        text_add_string(&text, note->text);
        if (!note->same)
            text_printf(&text, " (%s %zu)", line_word(results), note->step[0]);
        terminal_note(out, COLOUR_NONE, "%s", text.bytes);
    }
    text_clear(&text);
    clear(notes);
}

/* --- What is noted ---------------------------------------------------------------------------- */

static void print_troubles(FILE *out, const struct results *results)
{
    struct notes notes = {0};
    struct text text = {0};

    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];
        bool none;

        if (step->errors == 0 && step->end == STEP_DONE && !step->follows_cut_short)
            continue;
        none = step->end == STEP_DONE && step->completed == 0;
        text_reset(&text);
        text_add_string(&text, terminal_end(step));
        if (step->follows_cut_short)
            text_add_string(&text, ", ran after a row that was cut short (the server may still "
                                   "have been busy)");
        for (size_t k = 0; k < step->error_kinds; k++)
            text_printf(&text, "%s %s × %zu",
                        k      ? ","
                        : none ? ":"
                               : ", failed:",
                        step->error[k].code, step->error[k].count);
        take(&notes, step, text.bytes, text.bytes);
    }
    print_notes(out, results, &notes, false);
    text_clear(&text);
}

/* Rows whose figures are not, or not only, the endpoint's: a line for each verdict, since all of
 * them are in the reports. */
static void print_health(FILE *out, const struct results *results)
{
    struct notes notes = {0};

    for (size_t i = 0; i < results->count; i++) {
        const struct health *health = &results->step[i].health;
        char *text;

        if (health->verdict == MEASUREMENT_VALID)
            continue;
        text = memory_printf("%s: %s", measurement_verdict_words[health->verdict], health->reason);
        take(&notes, &results->step[i], measurement_verdict_words[health->verdict], text);
        free(text);
    }
    print_notes(out, results, &notes, true);
}

/* Rows of which the server got, or gave, something else than was asked. */
static void print_flags(FILE *out, const struct results *results)
{
    struct notes notes = {0};
    struct text clauses = {0};
    bool off = false;

    for (size_t i = 0; i < results->count; i++) {
        text_reset(&clauses);
        flags_add_requests(&results->step[i], &clauses);
        if (clauses.length > 0)
            take(&notes, &results->step[i], clauses.bytes, clauses.bytes);
        off |= results->step[i].fidelity.prompts_off > 0;
    }
    print_notes(out, results, &notes, false);
    if (off)
        terminal_note(out, COLOUR_NONE,
                      "coebench calibrate learns before a run how long prompts have to be.");
    text_clear(&clauses);
}

void steps_notes(FILE *out, const struct results *results)
{
    size_t left = results->planned > results->count ? results->planned - results->count : 0;

    print_troubles(out, results);
    print_flags(out, results);
    print_health(out, results);
    if (left > 0)
        terminal_note(out, COLOUR_NONE, "%zu of %zu step%s %s not run: the run was stopped", left,
                      results->planned, results->planned == 1 ? "" : "s",
                      left == 1 ? "was" : "were");
}
