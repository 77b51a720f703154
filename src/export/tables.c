#include "export/tables.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "export/request_lines.h"
#include "export/step_lines.h"
#include "stats/study.h"

static bool write_steps(struct tabular *tabular, const struct results *run, struct error *error)
{
    (void)error;
    step_lines_write(tabular, run);
    return true;
}

static bool write_table(const struct results *run, const char *path, enum tabular_form form,
                        bool (*write)(struct tabular *, const struct results *, struct error *),
                        struct error *error)
{
    struct file_draft draft;
    struct tabular tabular;
    bool done;

    if (!file_draft_begin(&draft, path, error))
        return false;
    tabular_begin(&tabular, draft.out, form);
    done = write(&tabular, run, error);
    tabular_clear(&tabular);
    return file_draft_end(&draft, done, error);
}

static bool write_tables(const struct results *run, const char *folder, enum tabular_form form,
                         const char *ending, struct error *error)
{
    struct study study = {.looks = results_looks(run)};
    char *steps = memory_printf("%s/steps.%s", folder, ending);
    char *requests = memory_printf("%s/requests.%s", folder, ending);
    bool done;

    study_add(&study, run->step, run->count);
    study_conclude(&study);
    done = write_table(run, requests, form, request_lines_write, error) &&
           write_table(run, steps, form, write_steps, error);
    study_clear(&study);
    free(requests);
    free(steps);
    return done;
}

bool tables_write_csv(const struct results *run, const char *folder, struct error *error)
{
    return write_tables(run, folder, TABULAR_CSV, "csv", error);
}

bool tables_write_jsonl(const struct results *run, const char *folder, struct error *error)
{
    return write_tables(run, folder, TABULAR_JSON, "jsonl", error);
}
