#include "report/page/page.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "report/page/page_assets.h"
#include "report/page/page_data.h"

/* Places of page.html, each a line of its own, and what comes there; NULL: the data. */
static const struct {
    const char *mark, *asset;
} places[] = {{"@STYLE@\n", page_css},
              {"@DATA@\n", NULL},
              {"@CHART@\n", page_chart},
              {"@SCRIPT@\n", page_js}};

static void write_page(FILE *out, const struct report *report)
{
    const char *rest = page_html;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *mark = strstr(rest, places[i].mark);

        fwrite(rest, 1, (size_t)(mark - rest), out);
        if (places[i].asset)
            fputs(places[i].asset, out);
        else
            page_write_data(out, report);
        rest = mark + strlen(places[i].mark);
    }
    fputs(rest, out);
}

bool page_write(const struct report *report, const char *path, struct error *error)
{
    struct file_draft draft;

    if (!file_draft_begin(&draft, path, error))
        return false;
    write_page(draft.out, report);
    return file_draft_end(&draft, true, error);
}
