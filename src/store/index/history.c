#include "store/index/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "store/index/labels_condition.h"
#include "store/index/schema.h"
#include "store/index/step_row.h"

/* Parameters of the statements. */
enum { AT_ROW = 1, AT_METRIC, AT_BY, FIRST_LABEL };

enum { NAMED_MOST = 5 };

/* --- Which row -------------------------------------------------------------------------------- */

static void tell_several(struct database *database, sqlite3_stmt *rows, const char *part,
                         const char *first)
{
    struct text names = {0};
    size_t count = 1;

    text_printf(&names, "'%s'", first);
    do {
        if (++count <= NAMED_MOST)
            text_printf(&names, ", '%s'", database_text(rows, 0));
    } while (database_next(database, rows));
    database_fail(database, "'%.80s' stands in %zu rows; name one of them: %s%s", part, count,
                  names.bytes, count > NAMED_MOST ? ", …" : "");
    text_clear(&names);
}

/* Fails where there is none, or more than one. */
static char *find_row(struct database *database, const char *part)
{
    sqlite3_stmt *rows = database_prepare(
        database, "SELECT row FROM (SELECT DISTINCT row FROM step WHERE warmup = 0"
                  " AND instr(lower(row), lower(?1)) > 0) ORDER BY row <> ?1, row");
    char *row = NULL;

    database_bind_text(rows, 1, part);
    if (database_next(database, rows))
        row = memory_text(database_text(rows, 0));
    if (!row)
        database_fail(database,
                      "no run has a row with '%.80s' in what it asks for, such as 'gpt-oss-120b "
                      "500/50 n=8 concurrent=1'",
                      part);
    else if (strcmp(row, part) != 0 && database_next(database, rows))
        tell_several(database, rows, part, row);
    sqlite3_finalize(rows);
    return row;
}

/* --- Which figure ----------------------------------------------------------------------------- */

static bool is_number(const struct column *column)
{
    return column->kind != COLUMN_TEXT && column->kind != COLUMN_WORD;
}

static bool is_step_column(const char *name)
{
    for (const struct column *column = step_columns; column->name; column++) {
        if (strcmp(column->name, name) == 0)
            return is_number(column);
    }
    return false;
}

/* Where the statistic in "client_ttft_s_p50" begins; NULL: it has none. */
static const char *statistic_of(const char *metric)
{
    static const char *const statistics[] = {"p5",  "p25",  "p50", "p75", "p90",   "p95",
                                             "p99", "mean", "min", "max", "stddev"};
    const char *at = strrchr(metric, '_');

    for (size_t i = 0; at && i < sizeof statistics / sizeof *statistics; i++) {
        if (strcmp(at + 1, statistics[i]) == 0)
            return at + 1;
    }
    return NULL;
}

/* What is looked up of each step, and of which metric (NULL: a column of the step); free both. */
struct figure {
    char *expression, *metric;
};

static struct figure figure_of(const char *name)
{
    const char *statistic = statistic_of(name);

    if (is_step_column(name))
        return (struct figure){memory_printf("step.\"%s\"", name), NULL};
    if (statistic)
        return (struct figure){memory_printf("metric.\"%s\"", statistic),
                               memory_bytes(name, (size_t)(statistic - 1 - name))};
    return (struct figure){memory_text("metric.value"), memory_text(name)};
}

/* --- Points ----------------------------------------------------------------------------------- */

static sqlite3_stmt *prepare(struct database *database, const struct history_wanted *wanted,
                             const char *row, const struct figure *figure)
{
    struct text sql = {0};
    sqlite3_stmt *statement;

    text_printf(&sql,
                "SELECT path, started_utc, endpoint, avg(%s), count(*),"
                " max(step.measurement_verdict LIKE 'invalid%%'),"
                " (SELECT value FROM label WHERE label.run = run.id AND label.name = ?%d)"
                " FROM step JOIN run ON run.id = step.run%s"
                " WHERE step.row = ?%d AND warmup = 0 AND %s IS NOT NULL",
                figure->expression, AT_BY,
                figure->metric ? " JOIN metric ON metric.step = step.id AND metric.metric IN"
                                 " (?2, ?2 || '_per_request')"
                               : "",
                AT_ROW, figure->expression);
    labels_add_condition(wanted->labels, FIRST_LABEL, &sql);
    text_add_string(&sql, " GROUP BY run.id ORDER BY started_utc, path");
    statement = database_prepare(database, sql.bytes);
    database_bind_text(statement, AT_ROW, row);
    if (figure->metric)
        database_bind_text(statement, AT_METRIC, figure->metric);
    database_bind_text(statement, AT_BY, wanted->by);
    labels_bind(wanted->labels, FIRST_LABEL, statement);
    text_clear(&sql);
    return statement;
}

struct points {
    struct history_point *point;
    char **endpoint; /* of each */
    size_t count;
};

static void take_points(struct database *database, sqlite3_stmt *statement, struct points *points)
{
    while (database_next(database, statement)) {
        points->point = memory_grow(points->point, points->count, sizeof *points->point);
        points->endpoint = memory_grow(points->endpoint, points->count, sizeof *points->endpoint);
        points->endpoint[points->count] = memory_text(database_text(statement, 2));
        points->point[points->count++] =
            (struct history_point){.path = memory_text(database_text(statement, 0)),
                                   .started_utc = memory_text(database_text(statement, 1)),
                                   .value = sqlite3_column_double(statement, 3),
                                   .visits = (size_t)sqlite3_column_int64(statement, 4),
                                   .client_limited = sqlite3_column_int64(statement, 5) > 0,
                                   .group = memory_text(database_text(statement, 6))};
    }
}

static void clear_point(struct history_point *point)
{
    free(point->path);
    free(point->started_utc);
    free(point->group);
}

/* Moves the points of one endpoint into the history. */
static void keep_one_endpoint(struct points *points, const char *endpoint, struct history *history)
{
    if (points->count > 0)
        history->endpoint = memory_text(endpoint ? endpoint : points->endpoint[points->count - 1]);
    history->point = memory_new(points->count, sizeof *history->point);
    for (size_t i = 0; i < points->count; i++) {
        if (strcmp(points->endpoint[i], history->endpoint) == 0) {
            history->point[history->count++] = points->point[i];
        } else {
            clear_point(&points->point[i]);
            history->elsewhere++;
        }
        free(points->endpoint[i]);
    }
    free(points->endpoint);
    free(points->point);
}

static void read(struct database *database, const struct history_wanted *wanted,
                 struct history *history)
{
    struct figure figure = figure_of(wanted->metric);
    struct points points = {0};
    sqlite3_stmt *statement;

    history->row = find_row(database, wanted->row);
    statement = prepare(database, wanted, history->row, &figure);
    take_points(database, statement, &points);
    sqlite3_finalize(statement);
    keep_one_endpoint(&points, wanted->endpoint, history);
    if (history->count == 0)
        database_fail(
            database,
            "no run%s%s has '%.80s' of this row%s; write a metric with its statistic, such "
            "as client_ttft_s_p50, or a column of the index's table step",
            wanted->endpoint ? " at " : "", wanted->endpoint ? wanted->endpoint : "",
            wanted->metric, wanted->labels->count > 0 ? " and these labels" : "");
    free(figure.expression);
    free(figure.metric);
}

bool index_history_read(const char *file, const struct history_wanted *wanted,
                        struct history *history, struct error *error)
{
    struct database database = {0};
    bool done = database_open_to_read(&database, file, error);

    *history = (struct history){0};
    if (done) {
        schema_check(&database);
        read(&database, wanted, history);
        done = database_commit(&database, error);
    }
    database_close(&database);
    return done;
}

void index_history_clear(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        clear_point(&history->point[i]);
    free(history->point);
    free(history->row);
    free(history->endpoint);
    *history = (struct history){0};
}
