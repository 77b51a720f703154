#include "serve/runs/run_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"
#include "serve/workbench.h"
#include "store/index/list.h"
#include "store/index/update.h"

const char *run_table_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool run_table_update(const struct workbench *workbench, struct error *error)
{
    const struct index_asked asked = {.root = workbench->root};
    struct index_made made;
    bool done = index_update(&asked, &made, error);

    index_made_clear(&made);
    return done;
}

static void add_text(struct text *json, const char *key, const char *value)
{
    text_printf(json, ",\"%s\":", key);
    if (value && *value)
        text_add_json(json, value);
    else
        text_add_string(json, "null");
}

static void add_run(struct text *json, const struct index_listed *run)
{
    text_printf(json, "{\"id\":\"%s\"", run->id);
    add_text(json, "path", run->path);
    add_text(json, "name", run->name);
    add_text(json, "state", run->state);
    add_text(json, "started_utc", run->started_utc);
    add_text(json, "endpoint", run->endpoint);
    add_text(json, "measurement_verdict", run->measurement_verdict);
    text_printf(json, ",\"models\":%s,\"labels\":%s", run->models_json, run->labels_json);
    text_printf(json, ",\"steps\":%zu,\"planned\":%zu,\"completed\":%zu,\"errors\":%zu}",
                run->steps, run->steps_planned, run->num_completed_requests, run->number_errors);
}

static void add_runs(struct text *json, const struct index_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        text_add_string(json, i > 0 ? ",\n" : "");
        add_run(json, &list->run[i]);
    }
}

static void add_list(struct text *json, const struct index_list *list, size_t page)
{
    text_add_string(json, "{\"runs\":[");
    add_runs(json, list);
    text_printf(json, "],\"total\":%zu,\"page\":%zu,\"pages\":%zu}\n", list->total, page,
                list->total == 0 ? 1 : (list->total - 1) / RUN_TABLE_PAGE + 1);
}

/* The page that is asked for; the first where that is none. */
static size_t page_of(const struct run_table_query *query)
{
    int64_t page;

    return query->page && word_integer(query->page, &page) && page >= 1 && page <= 1000000
               ? (size_t)page
               : 1;
}

/* Reads the index as it is. Clear `list` either way. */
static bool read_index(const struct workbench *workbench, const struct index_wanted *wanted,
                       struct index_list *list, struct error *error)
{
    char *file = file_join(workbench->root, index_file_name);
    bool read = index_list_read(file, wanted, list, error);

    free(file);
    return read;
}

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

bool run_table_list(struct workbench *workbench, const struct run_table_query *query,
                    struct text *json, struct error *error)
{
    const struct index_wanted wanted = {.search = or_null(query->search),
                                        .label = or_null(query->label),
                                        .model = or_null(query->model),
                                        .verdict = or_null(query->verdict),
                                        .page = page_of(query),
                                        .per_page = RUN_TABLE_PAGE};
    struct index_list list = {0};
    bool read = run_table_update(workbench, error) && read_index(workbench, &wanted, &list, error);

    if (read)
        add_list(json, &list, wanted.page);
    index_list_clear(&list);
    return read;
}

/* The one run of that id; false where there is none. Clear `list` either way. */
static bool find(const struct workbench *workbench, const char *id, struct index_list *list)
{
    const struct index_wanted wanted = {.id = id};
    struct error error;

    return read_index(workbench, &wanted, list, &error) && list->count == 1;
}

static char *find_path(const struct workbench *workbench, const char *id)
{
    struct index_list list;
    char *path = find(workbench, id, &list) ? memory_text(list.run[0].path) : NULL;

    index_list_clear(&list);
    return path;
}

/* One that was started a moment ago may not be in the index yet. */
char *run_table_find(struct workbench *workbench, const char *id)
{
    char *path = find_path(workbench, id);
    struct error error;

    if (!path && run_table_update(workbench, &error))
        path = find_path(workbench, id);
    return path;
}

bool run_table_add(struct workbench *workbench, const char *id, struct text *json)
{
    struct index_list list = {0};
    struct error error;
    bool found = run_table_update(workbench, &error) && find(workbench, id, &list);

    if (found)
        add_run(json, &list.run[0]);
    index_list_clear(&list);
    return found;
}

bool run_table_running(struct workbench *workbench,
                       void (*each)(void *context, const struct run_table_running *run),
                       void *context, struct error *error)
{
    const struct index_wanted wanted = {.running = true};
    struct index_list list = {0};
    bool read = run_table_update(workbench, error) && read_index(workbench, &wanted, &list, error);

    for (size_t i = 0; read && i < list.count; i++)
        each(context,
             &(struct run_table_running){list.run[i].id, list.run[i].path, list.run[i].endpoint});
    index_list_clear(&list);
    return read;
}

static bool has_found(const struct index_listed *run)
{
    return run->steps > 0 && strcmp(run->state, "running") != 0;
}

/* Adds the newest of those that has found something, else null; looks at some pages. */
static bool add_last(struct workbench *workbench, struct text *json, struct error *error)
{
    enum { PAGES_MOST = 20 };
    struct index_wanted wanted = {.per_page = RUN_TABLE_PAGE};

    for (wanted.page = 1; wanted.page <= PAGES_MOST; wanted.page++) {
        struct index_list list;
        bool read = read_index(workbench, &wanted, &list, error);
        size_t count = list.count, at = 0;

        while (at < count && !has_found(&list.run[at]))
            at++;
        if (at < count)
            add_run(json, &list.run[at]);
        index_list_clear(&list);
        if (!read || at < count)
            return read;
        if (count < RUN_TABLE_PAGE)
            break;
    }
    text_add_string(json, "null");
    return true;
}

bool run_table_now(struct workbench *workbench, struct text *json, struct error *error)
{
    const struct index_wanted wanted = {.running = true};
    struct index_list list = {0};
    bool read = run_table_update(workbench, error) && read_index(workbench, &wanted, &list, error);

    text_add_string(json, "{\"running\":[");
    if (read)
        add_runs(json, &list);
    index_list_clear(&list);
    text_add_string(json, "],\"last\":");
    read = read && add_last(workbench, json, error);
    text_add_string(json, "}\n");
    return read;
}
