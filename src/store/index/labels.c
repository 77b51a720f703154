#include "store/index/labels.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/index/labels_condition.h"

static const char prefix[] = "label.";

const char *index_label_name(const char *text, struct error *error)
{
    if (strncmp(text, prefix, strlen(prefix)) == 0 && text[strlen(prefix)])
        return text + strlen(prefix);
    error_set(error, "'%.80s' is no label; write label.NAME, such as label.release", text);
    return NULL;
}

bool index_labels_add(struct index_labels *labels, const char *text, struct error *error)
{
    const char *equals = strchr(text, '=');
    size_t before = strlen(prefix);

    if (!equals || strncmp(text, prefix, before) != 0 || equals == text + before)
        return error_set(error, "'%.80s' is no label with a value; write label.NAME=VALUE", text);
    if (labels->count == INDEX_LABELS_MOST)
        return error_set(error, "more than %d labels are asked for", INDEX_LABELS_MOST);
    labels->label[labels->count].name =
        memory_bytes(text + before, (size_t)(equals - text) - before);
    labels->label[labels->count++].value = memory_text(equals + 1);
    return true;
}

void index_labels_clear(struct index_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->label[i].name);
        free(labels->label[i].value);
    }
    *labels = (struct index_labels){0};
}

void labels_add_condition(const struct index_labels *labels, int first, struct text *sql)
{
    for (size_t i = 0; i < labels->count; i++)
        text_printf(sql,
                    " AND EXISTS (SELECT 1 FROM label WHERE label.run = run.id AND label.name = ?%d"
                    " AND label.value = ?%d)",
                    first + 2 * (int)i, first + 2 * (int)i + 1);
}

void labels_bind(const struct index_labels *labels, int first, sqlite3_stmt *statement)
{
    for (size_t i = 0; i < labels->count; i++) {
        database_bind_text(statement, first + 2 * (int)i, labels->label[i].name);
        /* A label may be empty, which is not NULL. */
        sqlite3_bind_text(statement, first + 2 * (int)i + 1, labels->label[i].value, -1,
                          SQLITE_TRANSIENT);
    }
}
