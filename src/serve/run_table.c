#include "serve/run_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/word.h"
#include "serve/workbench.h"
#include "store/index/listing.h"
#include "store/index/update.h"

const char *run_table_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool update(const struct workbench *workbench, struct error *error)
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

static void add_models(struct text *json, const struct listing_run *run)
{
    text_add_string(json, ",\"models\":[");
    for (size_t i = 0; i < run->models; i++) {
        text_add_string(json, i > 0 ? "," : "");
        text_add_json(json, run->model[i]);
    }
    text_add_string(json, "]");
}

static void add_labels(struct text *json, const struct listing_run *run)
{
    text_add_string(json, ",\"labels\":{");
    for (size_t i = 0; i < run->labels; i++) {
        text_add_string(json, i > 0 ? "," : "");
        text_add_json(json, run->label[i].name);
        text_add_char(json, ':');
        text_add_json(json, run->label[i].value);
    }
    text_add_string(json, "}");
}

static void add_run(struct text *json, const struct listing_run *run)
{
    text_printf(json, "{\"id\":\"%s\"", run->id);
    add_text(json, "path", run->path);
    add_text(json, "name", run->name);
    add_text(json, "state", run->state);
    add_text(json, "started_utc", run->started_utc);
    add_text(json, "endpoint", run->endpoint);
    add_text(json, "measurement_verdict", run->measurement_verdict);
    add_models(json, run);
    add_labels(json, run);
    text_printf(json, ",\"steps\":%zu,\"planned\":%zu,\"completed\":%zu,\"errors\":%zu}",
                run->steps, run->planned, run->completed, run->errors);
}

static void add_list(struct text *json, const struct listing *listing, size_t page)
{
    text_add_string(json, "{\"runs\":[");
    for (size_t i = 0; i < listing->count; i++) {
        text_add_string(json, i > 0 ? ",\n" : "");
        add_run(json, &listing->run[i]);
    }
    text_printf(json, "],\"total\":%zu,\"page\":%zu,\"pages\":%zu}\n", listing->total, page,
                listing->total == 0 ? 1 : (listing->total - 1) / RUN_TABLE_PAGE + 1);
}

/* The page that is asked for; the first where that is none. */
static size_t page_of(const struct run_table_query *query)
{
    int64_t page;

    return query->page && word_integer(query->page, &page) && page >= 1 && page <= 1000000
               ? (size_t)page
               : 1;
}

bool run_table_list(struct workbench *workbench, const struct run_table_query *query,
                    struct text *json, struct error *error)
{
    size_t page = page_of(query);
    const struct listing_query wanted = {.search = query->search,
                                         .label = query->label,
                                         .model = query->model,
                                         .verdict = query->verdict,
                                         .first = (page - 1) * RUN_TABLE_PAGE,
                                         .most = RUN_TABLE_PAGE};
    struct listing listing = {0};
    bool read = update(workbench, error) && listing_read(workbench->root, &wanted, &listing, error);

    if (read)
        add_list(json, &listing, page);
    listing_clear(&listing);
    return read;
}

/* The one run of that id; false where there is none. Clear `listing` either way. */
static bool find(const struct workbench *workbench, const char *id, struct listing *listing)
{
    const struct listing_query wanted = {.id = id, .most = 1};
    struct error error;

    return listing_read(workbench->root, &wanted, listing, &error) && listing->count == 1;
}

char *run_table_find(struct workbench *workbench, const char *id)
{
    struct listing listing;
    char *path = find(workbench, id, &listing) ? memory_text(listing.run[0].path) : NULL;

    listing_clear(&listing);
    return path;
}

bool run_table_add(struct workbench *workbench, const char *id, struct text *json)
{
    struct listing listing;
    bool found = find(workbench, id, &listing);

    if (found)
        add_run(json, &listing.run[0]);
    listing_clear(&listing);
    return found;
}
