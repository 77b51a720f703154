#include "report/terminal/closing.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/search_words.h"
#include "report/study_words.h"
#include "report/terminal/mixes_table.h"
#include "report/terminal/steps_table.h"
#include "report/terminal/study_table.h"
#include "report/terminal/terminal.h"
#include "report/terminal/turns_table.h"

/* Of one row the last sentence has it. */
static void say_search(FILE *out, const struct results *run)
{
    for (size_t i = 0; i < run->searched && run->searched > 1; i++) {
        struct text text = {0};

        search_words_row(run, &run->search[i], &text);
        terminal_say(out, "%s: %s", text.bytes, run->search[i].sentence);
        text_clear(&text);
    }
}

void closing_tables(FILE *out, const struct report *report)
{
    if (headline_kind_of(report) == HEADLINE_STUDY) {
        study_table_rows(out, report->study);
    } else {
        steps_table(out, report->run);
        if (report->run->searched == 0)
            study_words(out, report->study);
    }
    if (report->run->searched == 0) /* its visits are many, and each is a step on the way */
        mixes_table(out, report->run);
    turns_table(out, report->run);
    steps_notes(out, report->run);
    terminal_study_end(out, report->run);
    say_search(out, report->run);
}

void closing_of(FILE *out, const struct report *report, const char *base)
{
    static const enum colour colours[HEADLINE_TONES] = {[HEADLINE_GOOD] = COLOUR_GOOD,
                                                        [HEADLINE_NEUTRAL] = COLOUR_STRONG,
                                                        [HEADLINE_NOTE] = COLOUR_STRONG,
                                                        [HEADLINE_BAD] = COLOUR_BAD};
    char *page = base ? memory_printf("%s.html", base) : NULL;
    bool there = page && file_exists(page);
    struct headline headline;

    headline_make(report, &headline);
    terminal_note(out, colours[headline.tone], "%s.%s%s", headline.sentence, there ? " Open " : "",
                  there ? page : "");
    headline_clear(&headline);
    free(page);
}
