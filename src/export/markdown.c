#include "export/markdown.h"

#include <stdlib.h>

#include "core/file.h"
#include "report/report_markdown.h"

bool markdown_write(const struct results *run, const char *folder, struct error *error)
{
    char *path = file_join(folder, "report.md");
    struct study study = {.looks = results_looks(run)};
    struct report report = {.run = run, .runs = 1, .study = &study};
    struct text text = {0};
    bool done;

    study_add(&study, run->step, run->count);
    study_conclude(&study);
    report_add_markdown(&report, &text);
    done = file_write(path, text.bytes, text.length, error);
    text_clear(&text);
    study_clear(&study);
    free(path);
    return done;
}
