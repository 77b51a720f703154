#include "command/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/detail.h"
#include "report/page.h"
#include "report/workbook.h"

static const char workbook_ending[] = ".xlsx", page_ending[] = ".html",
                  csv_ending[] = "_requests.csv";

static char *with_ending(const char *base, const char *ending)
{
    return memory_printf("%s%s", base, ending);
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool reports_write(const struct runs *runs, const char *base, struct error *error)
{
    char *workbook = with_ending(base, workbook_ending), *page = with_ending(base, page_ending),
         *csv = with_ending(base, csv_ending);
    struct report report = runs->report;
    struct detail detail = {0};
    bool done = detail_read(&report, csv, &detail, error);

    if (done && detail.unread)
        fprintf(stderr, "warning: %s; the reports are without these requests\n", detail.why);
    report.detail = &detail;
    report.csv_name = name_of(csv);
    done = done && workbook_write(&report, workbook, error) && page_write(&report, page, error);
    detail_clear(&detail);
    free(workbook);
    free(page);
    free(csv);
    return done;
}

bool reports_exist(const char *base)
{
    static const char *const endings[] = {workbook_ending, page_ending, csv_ending};
    bool any = false;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *path = with_ending(base, endings[i]);

        any |= file_exists(path);
        free(path);
    }
    return any;
}

void reports_name(const char *base)
{
    char *csv = with_ending(base, csv_ending);

    printf("workbook: %s%s\npage:     %s%s\n", base, workbook_ending, base, page_ending);
    if (file_exists(csv))
        printf("requests: %s\n", csv);
    free(csv);
}
