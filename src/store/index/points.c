#include "store/index/points.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "record/metric.h"
#include "store/index/schema.h"

const char *const index_statistics[] = {"p5",  "p25",  "p50", "p75", "p90",    "p95",
                                        "p99", "mean", "min", "max", "stddev", NULL};

/* Columns of `step` that are figures. */
static const struct index_figure own[] = {
    {"switching_time", "s", true},
    {"client_total_output_throughput", "tokens/s", true},
    {"mean_output_throughput_token_per_s", "tokens/s", true},
    {"window_output_throughput_token_per_s", "tokens/s", true},
    {"num_completed_requests_per_min", "requests/min", true},
    {"goodput_requests_per_s", "requests/s", true},
    {"goodput_share", "", true},
    {"wall_time_s", "s", true},
    {"number_errors", "requests", true},
};

enum { OWN = sizeof own / sizeof *own };

static struct index_figure all[METRIC_COUNT + OWN + 1];
static pthread_once_t all_once = PTHREAD_ONCE_INIT;

static void collect(void)
{
    size_t count = 0;

    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised)
            all[count++] = (struct index_figure){metric_table[i].key, metric_table[i].unit, false};
    }
    memcpy(all + count, own, sizeof own);
}

const struct index_figure *index_figures(void)
{
    pthread_once(&all_once, collect);
    return all;
}

static bool is_statistic(const char *of)
{
    for (const char *const *one = index_statistics; *one; one++) {
        if (strcmp(*one, of) == 0)
            return true;
    }
    return false;
}

static const struct index_figure *find_figure(const char *name)
{
    for (const struct index_figure *one = index_figures(); one->name; one++) {
        if (strcmp(one->name, name) == 0)
            return one;
    }
    return NULL;
}

static bool open_index(struct database *database, const char *file, struct error *error)
{
    if (!database_open_to_read(database, file, error))
        return false;
    schema_check(database);
    return true;
}

/* --- Rows ------------------------------------------------------------------------------------ */

static const char rows_sql[] =
    "SELECT row, model, qps_distribution, multimodal_img_size, num_input_tokens,"
    " num_output_tokens, num_concurrent_requests, qps, count(DISTINCT run)"
    " FROM step WHERE warmup = 0 AND (?1 IS NULL OR instr(lower(model), lower(?1)) > 0)"
    " GROUP BY row ORDER BY count(DISTINCT run) DESC, model, row LIMIT ?2";

static void take_row(struct index_rows *rows, sqlite3_stmt *statement)
{
    rows->row = memory_grow(rows->row, rows->count, sizeof *rows->row);
    rows->row[rows->count++] = (struct index_row){
        .row = memory_text(database_text(statement, 0)),
        .model = memory_text(database_text(statement, 1)),
        .qps_distribution = memory_text(database_text(statement, 2)),
        .multimodal_img_size = memory_text(database_text(statement, 3)),
        .input_tokens = sqlite3_column_double(statement, 4),
        .output_tokens = sqlite3_column_double(statement, 5),
        .concurrent_requests = sqlite3_column_double(statement, 6),
        .qps = sqlite3_column_double(statement, 7),
        .runs = (size_t)sqlite3_column_int64(statement, 8),
    };
}

bool index_rows_read(const char *file, const char *search, struct index_rows *rows,
                     struct error *error)
{
    struct database database = {0};
    bool done = open_index(&database, file, error);

    *rows = (struct index_rows){0};
    if (done) {
        sqlite3_stmt *statement = database_prepare(&database, rows_sql);

        database_bind_text(statement, 1, search);
        sqlite3_bind_int(statement, 2, INDEX_ROWS_MOST);
        while (database_next(&database, statement))
            take_row(rows, statement);
        sqlite3_finalize(statement);
        done = database_commit(&database, error);
    }
    database_close(&database);
    return done;
}

void index_rows_clear(struct index_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->row[i].row);
        free(rows->row[i].model);
        free(rows->row[i].qps_distribution);
        free(rows->row[i].multimodal_img_size);
    }
    free(rows->row);
    *rows = (struct index_rows){0};
}

/* --- Points ---------------------------------------------------------------------------------- */

/* `column` is one of our own names. */
static char *points_sql(const struct index_figure *figure, const char *of)
{
    const char *column = figure->one ? figure->name : of;

    return memory_printf(
        "SELECT run.id, run.name, run.started_utc, (SELECT json_group_object(name, value) FROM"
        "   (SELECT name, value FROM label WHERE run = run.id ORDER BY name)),"
        " step.measurement_verdict, step.step_index, %s FROM step JOIN run ON run.id = step.run"
        " %s WHERE step.row = ?1 AND step.warmup = 0 AND %s IS NOT NULL AND ?2 IS NOT NULL"
        " ORDER BY run.started_utc, run.path, step.step_index LIMIT ?3",
        column, figure->one ? "" : "JOIN metric ON metric.step = step.id AND metric.metric = ?2",
        column);
}

static void take_point(struct index_points *points, sqlite3_stmt *statement)
{
    points->point = memory_grow(points->point, points->count, sizeof *points->point);
    points->point[points->count++] = (struct index_point){
        .run = memory_text(database_text(statement, 0)),
        .name = memory_text(database_text(statement, 1)),
        .started_utc = memory_text(database_text(statement, 2)),
        .labels_json = memory_text(database_text(statement, 3)),
        .verdict = memory_text(database_text(statement, 4)),
        .step = (size_t)sqlite3_column_int64(statement, 5),
        .value = sqlite3_column_double(statement, 6),
    };
}

static void read_points(struct database *database, const char *sql, const char *row,
                        const char *metric, struct index_points *points)
{
    sqlite3_stmt *statement = database_prepare(database, sql);

    database_bind_text(statement, 1, row);
    database_bind_text(statement, 2, metric);
    sqlite3_bind_int(statement, 3, INDEX_POINTS_MOST);
    while (database_next(database, statement))
        take_point(points, statement);
    sqlite3_finalize(statement);
}

bool index_points_read(const char *file, const char *row, const char *metric, const char *of,
                       struct index_points *points, struct error *error)
{
    const struct index_figure *figure = find_figure(metric);
    struct database database = {0};
    char *sql;
    bool done;

    *points = (struct index_points){0};
    if (!figure)
        return error_set(error, "no step has the metric '%.60s'", metric);
    if (!figure->one && !is_statistic(of))
        return error_set(error,
                         "'%.60s' is no statistic: p5, p25, p50, p75, p90, p95, p99, mean, "
                         "min, max and stddev are",
                         of);
    sql = points_sql(figure, of);
    done = open_index(&database, file, error);
    if (done) {
        read_points(&database, sql, row, metric, points);
        done = database_commit(&database, error);
    }
    database_close(&database);
    free(sql);
    return done;
}

void index_points_clear(struct index_points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        free(points->point[i].run);
        free(points->point[i].name);
        free(points->point[i].started_utc);
        free(points->point[i].labels_json);
        free(points->point[i].verdict);
    }
    free(points->point);
    *points = (struct index_points){0};
}
