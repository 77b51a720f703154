#include "export/tabular.h"

#include <math.h>

#include "core/csv_text.h"

bool tabular_begin(struct tabular *tabular, FILE *out, enum tabular_form form)
{
    *tabular = (struct tabular){.out = out, .form = form, .heading = form == TABULAR_CSV};
    return tabular->heading;
}

/* Whether the cell's value comes now. */
static bool begin_cell(struct tabular *tabular, const char *name, bool known)
{
    if (tabular->form == TABULAR_JSON && !known)
        return false;
    if (tabular->count++ > 0)
        text_add_char(&tabular->line, ',');
    if (tabular->form == TABULAR_JSON) {
        text_add_json(&tabular->line, name);
        text_add_char(&tabular->line, ':');
    } else if (tabular->heading) {
        csv_add_text(&tabular->line, name);
    }
    return known && !tabular->heading;
}

void tabular_text(struct tabular *tabular, const char *name, const char *text)
{
    if (!begin_cell(tabular, name, text && *text))
        return;
    if (tabular->form == TABULAR_JSON)
        text_add_json(&tabular->line, text);
    else
        csv_add_text(&tabular->line, text);
}

void tabular_number(struct tabular *tabular, const char *name, double number)
{
    if (begin_cell(tabular, name, isfinite(number)))
        text_add_number(&tabular->line, number);
}

void tabular_end(struct tabular *tabular)
{
    bool json = tabular->form == TABULAR_JSON;

    if (json)
        fputc('{', tabular->out);
    if (tabular->line.length > 0)
        fwrite(tabular->line.bytes, 1, tabular->line.length, tabular->out);
    fputs(json ? "}\n" : "\n", tabular->out);
    text_reset(&tabular->line);
    tabular->count = 0;
    tabular->heading = false;
}

void tabular_clear(struct tabular *tabular)
{
    text_clear(&tabular->line);
}
