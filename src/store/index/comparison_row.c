#include "store/index/comparison_row.h"

#include <string.h>

#include "core/file.h"
#include "store/index/members_table.h"
#include "store/json.h"

enum { COMPARISON_MOST = 64 << 20 };

static const char schema[] = "coebench-qualification-1";

static const struct member_column columns[] = {
    {"verdict", MEMBER_TEXT, NULL, NULL, "pass, fail"},
    {"baseline", MEMBER_TEXT, NULL, NULL, "as it was named"},
    {"candidate", MEMBER_TEXT, NULL, NULL, "as it was named"},
    {"policy", MEMBER_TEXT, NULL, NULL, "its file"},
    {"policy_sha256", MEMBER_TEXT, NULL, NULL, ""},
    {"confidence", MEMBER_REAL, NULL, NULL, ""},
    {"unit", MEMBER_TEXT, NULL, NULL, "runs, or requests where a side's runs are too few"},
    {0},
};

static const struct member_column line_columns[] = {
    {"row", MEMBER_TEXT, NULL, "row_key", "as step.row; NULL: all rows, or not said"},
    {"row_words", MEMBER_TEXT, NULL, "row", "as reports show it"},
    {"measure", MEMBER_TEXT, NULL, NULL, "a metric with its statistic: client_ttft_s_p50"},
    {"unit", MEMBER_TEXT, NULL, NULL, ""},
    {"verdict", MEMBER_TEXT, NULL, NULL, "pass, improved, regressed, over its limit …"},
    {"reason", MEMBER_TEXT, NULL, NULL, "a sentence"},
    {"base", MEMBER_REAL, NULL, NULL, "the baseline's value"},
    {"candidate", MEMBER_REAL, NULL, NULL, "the candidate's"},
    {"ratio", MEMBER_REAL, NULL, NULL, "candidate ÷ base; NULL: by difference"},
    {"ratio_low", MEMBER_REAL, NULL, NULL, ""},
    {"ratio_high", MEMBER_REAL, NULL, NULL, ""},
    {"difference", MEMBER_REAL, NULL, NULL, "candidate − base; NULL: by ratio"},
    {"difference_low", MEMBER_REAL, NULL, NULL, ""},
    {"difference_high", MEMBER_REAL, NULL, NULL, ""},
    {"p_adjusted", MEMBER_REAL, NULL, NULL, "of as much without a regression, over all lines"},
    {"margin", MEMBER_REAL, NULL, NULL, "that the policy allows"},
    {"min", MEMBER_REAL, NULL, NULL, ""},
    {"max", MEMBER_REAL, NULL, NULL, ""},
    {"base_runs", MEMBER_INTEGER, NULL, NULL, ""},
    {"base_requests", MEMBER_INTEGER, NULL, NULL, ""},
    {"candidate_runs", MEMBER_INTEGER, NULL, NULL, ""},
    {"candidate_requests", MEMBER_INTEGER, NULL, NULL, ""},
    {0},
};

void comparison_row_add_tables(struct text *sql)
{
    text_add_string(sql, "CREATE TABLE comparison(\n"
                         "  id INTEGER PRIMARY KEY,\n"
                         "  path TEXT NOT NULL UNIQUE, -- of its JSON, below the indexed folder\n"
                         "  stamp TEXT NOT NULL, -- as which it was read\n");
    members_table_add_columns(columns, false, sql);
    text_add_string(sql, ");\nCREATE TABLE comparison_line(\n"
                         "  comparison INTEGER NOT NULL REFERENCES comparison(id),\n"
                         "  line INTEGER NOT NULL, -- 0, 1 …, those that do not pass first\n");
    members_table_add_columns(line_columns, true, sql);
    text_add_string(sql, "  PRIMARY KEY(comparison, line)\n) WITHOUT ROWID;\n"
                         "CREATE TABLE comparison_run(\n"
                         "  comparison INTEGER NOT NULL REFERENCES comparison(id),\n"
                         "  side TEXT NOT NULL, -- baseline, candidate\n"
                         "  name TEXT NOT NULL, -- as run.name\n"
                         "  started_utc TEXT -- as run.started_utc\n);\n");
}

static sqlite3_stmt *prepare(struct database *database, const char *begin,
                             const struct member_column *list)
{
    struct text sql = {0};
    sqlite3_stmt *statement;

    text_add_string(&sql, begin);
    members_table_add_places(list, &sql);
    text_add_char(&sql, ')');
    statement = database_prepare(database, sql.bytes);
    text_clear(&sql);
    return statement;
}

void comparison_writer_init(struct comparison_writer *writer, struct database *database)
{
    writer->comparison = prepare(database, "INSERT INTO comparison VALUES(NULL,?,?,", columns);
    writer->line = prepare(database, "INSERT INTO comparison_line VALUES(?,?,", line_columns);
    writer->run = database_prepare(database, "INSERT INTO comparison_run VALUES(?,?,?,?)");
}

void comparison_writer_clear(struct comparison_writer *writer)
{
    sqlite3_finalize(writer->comparison);
    sqlite3_finalize(writer->line);
    sqlite3_finalize(writer->run);
    *writer = (struct comparison_writer){0};
}

static void write_lines(struct comparison_writer *writer, struct database *database, int64_t id,
                        const cJSON *lines)
{
    int64_t place = 0;

    for (const cJSON *line = lines->child; line; line = line->next) {
        if (!cJSON_IsObject(line))
            continue;
        sqlite3_bind_int64(writer->line, 1, id);
        sqlite3_bind_int64(writer->line, 2, place++);
        members_table_bind(line_columns, writer->line, 3, line);
        database_do(database, writer->line);
    }
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsString(item) && item->valuestring[0] ? item->valuestring : NULL;
}

static void write_runs(struct comparison_writer *writer, struct database *database, int64_t id,
                       const char *side, const cJSON *runs)
{
    for (const cJSON *run = cJSON_IsArray(runs) ? runs->child : NULL; run; run = run->next) {
        if (!text_of(run, "name"))
            continue;
        sqlite3_bind_int64(writer->run, 1, id);
        database_bind_text(writer->run, 2, side);
        database_bind_text(writer->run, 3, text_of(run, "name"));
        database_bind_text(writer->run, 4, text_of(run, "started_utc"));
        database_do(database, writer->run);
    }
}

static void write_all(struct comparison_writer *writer, struct database *database, const char *path,
                      const char *stamp, const cJSON *root)
{
    int64_t id;

    database_bind_text(writer->comparison, 1, path);
    database_bind_text(writer->comparison, 2, stamp);
    members_table_bind(columns, writer->comparison, 3, root);
    database_do(database, writer->comparison);
    id = sqlite3_last_insert_rowid(database->sqlite);
    write_lines(writer, database, id, cJSON_GetObjectItemCaseSensitive(root, "lines"));
    write_runs(writer, database, id, "baseline",
               cJSON_GetObjectItemCaseSensitive(root, "baseline_runs"));
    write_runs(writer, database, id, "candidate",
               cJSON_GetObjectItemCaseSensitive(root, "candidate_runs"));
}

bool comparison_writer_add(struct comparison_writer *writer, struct database *database,
                           const char *path, const char *stamp, const char *whole,
                           struct error *error)
{
    struct text json = {0};
    cJSON *root = NULL;
    bool done = file_read_regular(whole, COMPARISON_MOST, &json, error);

    if (done) {
        const char *word;

        root = json_parse(json.bytes, json.length);
        word = text_of(root, "schema");
        done = (word && strcmp(word, schema) == 0 &&
                cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(root, "lines"))) ||
               error_set(error, "%s: is no comparison, though its name says so", whole);
    }
    if (done)
        write_all(writer, database, path, stamp, root);
    cJSON_Delete(root);
    text_clear(&json);
    return done;
}
