#include "report/reports.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/staging.h"
#include "report/detail.h"
#include "report/page/page.h"
#include "report/workbook/workbook.h"

static const char workbook_ending[] = ".xlsx", page_ending[] = ".html",
                  csv_ending[] = "_requests.csv";
static const char *const endings[] = {workbook_ending, page_ending, csv_ending};

enum { ENDINGS = sizeof endings / sizeof *endings };

/* --- Making them ------------------------------------------------------------------------------ */

/* One set of them on its way. */
struct making {
    const struct runs *runs;
    const struct reports_asked *asked;
    struct staging staging;
    char *stem;  /* which has a number where the asked one is taken */
    char **name; /* of those made */
    size_t names;
    char *unread; /* why a step's requests are not in them; NULL: they all are */
};

static char *with_ending(const char *base, const char *ending)
{
    return memory_printf("%s%s", base, ending);
}

static bool is_there(const struct making *making, const char *ending)
{
    char *name = with_ending(making->stem, ending);
    char *path = file_join(making->asked->folder, name);
    bool there = file_exists(path);

    free(path);
    free(name);
    return there;
}

static bool is_wanted(const struct making *making, const char *ending)
{
    return making->asked->manner != REPORTS_MISSING || !is_there(making, ending);
}

/* Where the file of that ending is made, for the caller to free; it will be put in its place. */
static char *add_name(struct making *making, const char *ending)
{
    making->name = memory_grow(making->name, making->names, sizeof *making->name);
    making->name[making->names] = with_ending(making->stem, ending);
    return staging_path(&making->staging, making->name[making->names++]);
}

/* The CSV is there only where the workbook cannot list all requests. */
static void keep_csv(struct making *making, const char *made)
{
    if (file_exists(made) && is_wanted(making, csv_ending))
        free(add_name(making, csv_ending));
}

/* The page first: the workbook takes most memory, and does without what only the page shows. The
 * workbook's name stays the first, which is the one that claims the others. */
static bool write_both(struct making *making, const struct report *report, struct detail *detail,
                       struct error *error)
{
    char *workbook = is_wanted(making, workbook_ending) ? add_name(making, workbook_ending) : NULL;
    char *page = is_wanted(making, page_ending) ? add_name(making, page_ending) : NULL;
    bool done = !page || page_write(report, page, error);

    detail_forget_page(detail);
    done = done && (!workbook || workbook_write(report, workbook, error));
    free(workbook);
    free(page);
    return done;
}

static bool make_reports(struct making *making, struct error *error)
{
    char *csv_name = with_ending(making->stem, csv_ending);
    char *csv = staging_path(&making->staging, csv_name);
    struct report report = making->runs->report;
    struct detail detail = {0};
    bool done = detail_read(&report, csv, &detail, error);

    free(making->unread);
    making->unread = done && detail.unread
                         ? memory_printf("%s; the reports are without these requests", detail.why)
                         : NULL;
    report.detail = &detail;
    report.csv_name = csv_name;
    done = done && write_both(making, &report, &detail, error);
    if (done)
        keep_csv(making, csv);
    detail_clear(&detail);
    free(csv);
    free(csv_name);
    return done;
}

static bool make_files(struct making *making, struct error *error)
{
    bool done = true;

    for (size_t i = 0; i < making->asked->files && done; i++) {
        const struct reports_file *file = &making->asked->file[i];
        char *path = add_name(making, file->ending);

        done = file_write(path, file->content.bytes, file->content.length, error);
        free(path);
    }
    return done;
}

static void clear(struct making *making)
{
    for (size_t i = 0; i < making->names; i++)
        free(making->name[i]);
    free(making->name);
    making->name = NULL;
    making->names = 0;
}

/* --- Their name ------------------------------------------------------------------------------- */

static bool is_taken(const struct making *making)
{
    bool taken = false;

    for (size_t i = 0; i < ENDINGS; i++)
        taken |= is_there(making, endings[i]);
    for (size_t i = 0; i < making->asked->files; i++)
        taken |= is_there(making, making->asked->file[i].ending);
    return taken;
}

static void choose_stem(struct making *making, int *number)
{
    do {
        free(making->stem);
        making->stem = ++*number == 1 ? memory_text(making->asked->stem)
                                      : memory_printf("%s-%d", making->asked->stem, *number);
    } while (making->asked->manner == REPORTS_FREE && is_taken(making));
}

/* What they say holds their name, so where somebody takes it meanwhile they are made again. */
static enum staging_end write_once(struct making *making, struct error *error)
{
    enum staging_end end = STAGING_FAILED;
    char *workbook = with_ending(making->stem, workbook_ending);
    bool begun = staging_begin(&making->staging, making->asked->folder, workbook, error);

    free(workbook);
    if (!begun)
        return end;
    if (make_reports(making, error) && make_files(making, error))
        end = staging_settle(&making->staging, making->name, making->names,
                             making->asked->manner == REPORTS_REPLACE, error);
    if (end == STAGING_FAILED)
        staging_rename_in(&making->staging, error);
    staging_end(&making->staging);
    clear(making);
    return end;
}

/* A run directory's own temporary files are its run's business. */
static void sweep(const char *folder)
{
    staging_sweep(folder, !results_is_run(folder));
}

bool reports_write(const struct runs *runs, const struct reports_asked *asked, char **base,
                   struct faults *warnings, struct error *error)
{
    struct making making = {.runs = runs, .asked = asked};
    enum staging_end end;
    int number = 0;

    sweep(asked->folder);
    do {
        choose_stem(&making, &number);
        end = write_once(&making, error);
        number -= end == STAGING_TAKEN && asked->manner != REPORTS_FREE;
    } while (end == STAGING_TAKEN);
    if (end == STAGING_SETTLED)
        *base = file_join(asked->folder, making.stem);
    if (making.unread)
        faults_add(warnings, NULL, 0, "%s", making.unread);
    free(making.unread);
    free(making.stem);
    return end == STAGING_SETTLED;
}

void reports_name(FILE *out, const char *base)
{
    static const char *const words[ENDINGS] = {"workbook:", "page:    ", "requests:"};

    for (size_t i = 0; i < ENDINGS; i++) {
        char *path = with_ending(base, endings[i]);

        if (file_exists(path))
            fprintf(out, "%s %s\n", words[i], path);
        free(path);
    }
}
