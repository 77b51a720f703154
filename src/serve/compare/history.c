/* A figure of a row over runs and releases, and which rows and figures there are. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "core/file.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/http/exchange_json.h"
#include "serve/responders.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"
#include "store/index/points.h"
#include "store/index/update.h"

static void add_text(cJSON *object, const char *key, const char *value)
{
    if (*value)
        cJSON_AddStringToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_count(cJSON *object, const char *key, double value)
{
    if (value > 0)
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_rows(cJSON *root, const struct index_rows *rows)
{
    cJSON *list = cJSON_AddArrayToObject(root, "rows");

    for (size_t i = 0; i < rows->count; i++) {
        const struct index_row *row = &rows->row[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddStringToObject(object, "row", row->row);
        add_text(object, "model", row->model);
        add_count(object, "num_input_tokens", row->input_tokens);
        add_count(object, "num_output_tokens", row->output_tokens);
        add_count(object, "num_concurrent_requests", row->concurrent_requests);
        add_count(object, "qps", row->qps);
        add_text(object, "qps_distribution", row->qps_distribution);
        add_text(object, "multimodal_img_size", row->multimodal_img_size);
        cJSON_AddNumberToObject(object, "runs", (double)row->runs);
        cJSON_AddItemToArray(list, object);
    }
}

static void add_figures(cJSON *root)
{
    cJSON *metrics = cJSON_AddArrayToObject(root, "metrics");
    cJSON *statistics = cJSON_AddArrayToObject(root, "statistics");

    for (const struct index_figure *one = index_figures(); one->name; one++) {
        cJSON *object = cJSON_CreateObject();

        cJSON_AddStringToObject(object, "name", one->name);
        cJSON_AddStringToObject(object, "unit", one->unit);
        cJSON_AddBoolToObject(object, "statistics", !one->one);
        cJSON_AddItemToArray(metrics, object);
    }
    for (const char *const *one = index_statistics; *one; one++)
        cJSON_AddItemToArray(statistics, cJSON_CreateString(*one));
}

static void reply_rows(struct exchange *exchange, const char *file)
{
    cJSON *root = cJSON_CreateObject();
    struct index_rows rows;
    struct error error;

    if (index_rows_read(file, exchange_query(exchange, "search"), &rows, &error)) {
        add_rows(root, &rows);
        add_figures(root);
        exchange_reply_json(exchange, 200, root);
    } else {
        exchange_refuse(exchange, 500, "%s", error.text);
    }
    index_rows_clear(&rows);
    cJSON_Delete(root);
}

static void add_points(cJSON *root, const struct index_points *points)
{
    cJSON *list = cJSON_AddArrayToObject(root, "points");

    for (size_t i = 0; i < points->count; i++) {
        const struct index_point *point = &points->point[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddStringToObject(object, "run", point->run);
        cJSON_AddStringToObject(object, "name", point->name);
        add_text(object, "started_utc", point->started_utc);
        cJSON_AddItemToObject(object, "labels", cJSON_Parse(point->labels_json));
        cJSON_AddNumberToObject(object, "step", (double)point->step);
        add_text(object, "measurement_verdict", point->verdict);
        cJSON_AddNumberToObject(object, "value", point->value);
        cJSON_AddItemToArray(list, object);
    }
}

static void reply_points(struct exchange *exchange, const char *file, const char *row)
{
    const char *metric = exchange_query(exchange, "metric"), *of = exchange_query(exchange, "of");
    cJSON *root = cJSON_CreateObject();
    struct index_points points;
    struct error error;

    if (index_points_read(file, row, metric ? metric : "client_ttft_s", of ? of : "p50", &points,
                          &error)) {
        add_points(root, &points);
        exchange_reply_json(exchange, 200, root);
    } else {
        exchange_refuse(exchange, 400, "%s", error.text);
    }
    index_points_clear(&points);
    cJSON_Delete(root);
}

static void do_history(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const char *row = exchange_query(exchange, "row");
    char *file = file_join(workbench->root, index_file_name);
    struct error error;

    (void)stop;
    if (!run_table_update(workbench, &error))
        exchange_refuse(exchange, 500, "%s", error.text);
    else if (row && *row)
        reply_points(exchange, file, row);
    else
        reply_rows(exchange, file);
    free(file);
}

void respond_history(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_history);
}
