#include "store/index/request_row.h"

#include "core/clock.h"
#include "record/metric.h"
#include "store/responses.h"

static const char first_columns[] =
    "  step INTEGER NOT NULL REFERENCES step(id),\n"
    "  part TEXT NOT NULL, -- load; probe, warmup, cooldown: in no figure of the step\n"
    "  place INTEGER NOT NULL, -- in its file, 0, 1 …, as they were sent\n"
    "  request_index INTEGER,\n"
    "  attempt INTEGER, -- from 1: one more each time it was sent again\n"
    "  error_code TEXT, -- NULL: it completed\n"
    "  http_status INTEGER, -- of one that failed by it\n"
    "  started_monotonic_ns INTEGER,\n"
    "  sent_monotonic_ns INTEGER,\n"
    "  done_monotonic_ns INTEGER,\n"
    "  session INTEGER,\n"
    "  turn INTEGER, -- of the session, from 1; NULL: the row has none\n"
    "  chunks INTEGER, -- events with content\n";

enum {
    AT_STEP = 1,
    AT_PART,
    AT_PLACE,
    AT_INDEX,
    AT_ATTEMPT,
    AT_CODE,
    AT_STATUS,
    AT_STARTED,
    AT_SENT,
    AT_DONE,
    AT_SESSION,
    AT_TURN,
    AT_CHUNKS,
    AT_METRIC
};

void request_row_add_table(struct text *sql)
{
    text_printf(sql, "CREATE TABLE request(\n%s", first_columns);
    for (int i = 0; i < METRIC_COUNT; i++)
        text_printf(sql, "  %s REAL,%s%s\n", metric_table[i].key,
                    *metric_table[i].unit ? " -- " : "", metric_table[i].unit);
    text_add_string(sql, "  PRIMARY KEY(step, part, place)\n) WITHOUT ROWID;\n");
}

sqlite3_stmt *request_row_prepare(struct database *database)
{
    struct text sql = {0};
    sqlite3_stmt *insert;

    text_add_string(&sql, "INSERT INTO request VALUES(?");
    for (int at = AT_STEP + 1; at < AT_METRIC + METRIC_COUNT; at++)
        text_add_string(&sql, ",?");
    text_add_char(&sql, ')');
    insert = database_prepare(database, sql.bytes);
    text_clear(&sql);
    return insert;
}

static void bind_moment(sqlite3_stmt *insert, int at, int64_t moment_ns)
{
    if (moment_ns != CLOCK_NEVER)
        sqlite3_bind_int64(insert, at, moment_ns);
}

static const char *part_of(enum step_part part, const struct outcome *outcome)
{
    if (part == STEP_PHASES)
        return outcome->phase == REQUEST_COOLDOWN ? "cooldown" : "warmup";
    return part == STEP_PROBE ? "probe" : "load";
}

static void bind_outcome(sqlite3_stmt *insert, const struct outcome *outcome)
{
    sqlite3_bind_int64(insert, AT_INDEX, (int64_t)outcome->index);
    sqlite3_bind_int(insert, AT_ATTEMPT, outcome->attempt);
    if (outcome->http_status > 0)
        sqlite3_bind_int(insert, AT_STATUS, outcome->http_status);
    bind_moment(insert, AT_STARTED, outcome->started_ns);
    bind_moment(insert, AT_SENT, outcome->sent_ns);
    bind_moment(insert, AT_DONE, outcome->done_ns);
    if (outcome->turn > 0) {
        sqlite3_bind_int64(insert, AT_SESSION, (int64_t)outcome->session);
        sqlite3_bind_int64(insert, AT_TURN, outcome->turn);
    }
    for (int i = 0; i < METRIC_COUNT; i++)
        database_bind_number(insert, AT_METRIC + i, outcome->figures.value[i]);
}

/* A step's part and where the next of its requests stands. */
struct writing {
    sqlite3_stmt *insert;
    struct database *database;
    int64_t step, place;
    enum step_part part;
};

static void write_response(struct writing *writing, const struct response *response)
{
    sqlite3_stmt *insert = writing->insert;

    sqlite3_bind_int64(insert, AT_STEP, writing->step);
    sqlite3_bind_text(insert, AT_PART, part_of(writing->part, &response->outcome), -1,
                      SQLITE_STATIC);
    sqlite3_bind_int64(insert, AT_PLACE, writing->place++);
    if (response->code[0])
        database_bind_text(insert, AT_CODE, response->code);
    sqlite3_bind_int64(insert, AT_CHUNKS, (int64_t)response->chunks);
    bind_outcome(insert, &response->outcome);
    database_do(writing->database, insert);
}

static bool write_part(struct writing *writing, const char *folder, const char *name,
                       struct error *error)
{
    struct response_reader *reader = response_reader_open(folder, name, writing->part, error);
    struct response response;

    if (!reader)
        return false;
    error->text[0] = '\0';
    while (response_reader_next(reader, &response, error))
        write_response(writing, &response);
    response_reader_close(reader);
    return error->text[0] == '\0';
}

bool request_row_add_step(sqlite3_stmt *insert, struct database *database, int64_t step,
                          const char *folder, const char *name, struct error *error)
{
    for (int part = 0; part < STEP_PARTS; part++) {
        struct writing writing = {insert, database, step, 0, (enum step_part)part};

        if (responses_are_there(folder, name, writing.part) &&
            !write_part(&writing, folder, name, error))
            return false;
    }
    return true;
}
