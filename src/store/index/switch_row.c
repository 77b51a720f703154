#include "store/index/switch_row.h"

#include <errno.h>
#include <stdlib.h>

#include "core/file.h"
#include "store/index/members_table.h"
#include "store/json.h"
#include "store/study_file.h"

enum { STUDY_MOST = 256 << 20 };

static const struct member_column columns[] = {
    {"verdict", MEMBER_TEXT, NULL, NULL, "detected, not detected, inconclusive, not measurable"},
    {"reason", MEMBER_TEXT, NULL, NULL, "why it is not measurable"},
    {"source", MEMBER_TEXT, NULL, NULL, "whose TTFT counts: server, client"},
    {"estimate_s", MEMBER_REAL, NULL, NULL, "what the switch took"},
    {"ci_low_s", MEMBER_REAL, NULL, NULL, "its 95 % interval"},
    {"ci_high_s", MEMBER_REAL, NULL, NULL, ""},
    {"none_above_s", MEMBER_REAL, NULL, NULL, "not detected: no switch is longer than this"},
    {"smallest_detectable_s", MEMBER_REAL, NULL, NULL, ""},
    {"p", MEMBER_REAL, NULL, NULL, "of as much without a switch"},
    {"p_adjusted", MEMBER_REAL, NULL, NULL, "over all rows of the run"},
    {"client_estimate_s", MEMBER_REAL, NULL, NULL, "by the client's clock"},
    {"paid", MEMBER_TEXT, NULL, NULL, "whether this visit waited for a switch"},
    {"paid_probability", MEMBER_REAL, NULL, NULL, ""},
    {"left_out", MEMBER_FLAG, NULL, NULL, "1: of what is concluded of its row"},
    {"server_says_loaded_before", MEMBER_FLAG, NULL, NULL, ""},
    {"switch_by_batch_size", MEMBER_TEXT, NULL, NULL, "{8: 0.5}: batch size: s"},
    {"flags", MEMBER_WORDS, NULL, NULL, "what is odd about it"},
    {"method", MEMBER_TEXT, NULL, NULL, "which requests it is made from"},
    {"exposed_requests", MEMBER_INTEGER, NULL, NULL, "that completed, as those of steady_requests"},
    {"steady_requests", MEMBER_INTEGER, NULL, NULL, ""},
    {"batch_size", MEMBER_REAL, NULL, NULL, "of the batches compared; NULL: single requests"},
    {"server_exposed_ttft_s", MEMBER_REAL, "server", "exposed_ttft_s", ""},
    {"server_steady_ttft_s", MEMBER_REAL, "server", "steady_ttft_s", "mean"},
    {"client_exposed_ttft_s", MEMBER_REAL, "client", "exposed_ttft_s", ""},
    {"client_steady_ttft_s", MEMBER_REAL, "client", "steady_ttft_s", "mean"},
    {"connect_s", MEMBER_REAL, NULL, NULL, "before the exposed TTFT, not in it"},
    {"queue_s", MEMBER_REAL, NULL, NULL, "that the client waited beyond the server's TTFT"},
    {0},
};

void switch_row_add_table(struct text *sql)
{
    text_add_string(sql,
                    "CREATE TABLE switch(\n"
                    "  step INTEGER PRIMARY KEY REFERENCES step(id),\n"
                    "  from_row TEXT, -- what ran just before it; step.row is what it is to\n");
    members_table_add_columns(columns, false, sql);
    text_add_string(sql, ");\n");
}

void switch_writer_init(struct switch_writer *writer, struct database *database)
{
    struct text sql = {0};

    writer->step = database_prepare(
        database, "SELECT step.id, before.row FROM step LEFT JOIN step AS before"
                  " ON before.run = step.run AND before.step_index = step.predecessor_step_index"
                  " WHERE step.run = ?1 AND step.step_index = ?2 AND step.name = ?3");
    text_add_string(&sql, "INSERT OR IGNORE INTO switch VALUES(?,?,");
    members_table_add_places(columns, &sql);
    text_add_char(&sql, ')');
    writer->line = database_prepare(database, sql.bytes);
    text_clear(&sql);
}

void switch_writer_clear(struct switch_writer *writer)
{
    sqlite3_finalize(writer->step);
    sqlite3_finalize(writer->line);
    *writer = (struct switch_writer){0};
}

/* Binds the step that an entry is of, and what ran before it; false where the index has none. */
static bool bind_step(struct switch_writer *writer, struct database *database, const char *run,
                      const cJSON *entry)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(entry, "name");
    double index = json_number(cJSON_GetObjectItemCaseSensitive(entry, "step_index"));
    bool found;

    if (!cJSON_IsString(name) || !(index >= 0 && index < 1e15))
        return false;
    database_bind_text(writer->step, 1, run);
    sqlite3_bind_int64(writer->step, 2, (int64_t)index);
    database_bind_text(writer->step, 3, name->valuestring);
    found = database_next(database, writer->step);
    if (found) {
        sqlite3_bind_value(writer->line, 1, sqlite3_column_value(writer->step, 0));
        sqlite3_bind_value(writer->line, 2, sqlite3_column_value(writer->step, 1));
    }
    sqlite3_reset(writer->step);
    sqlite3_clear_bindings(writer->step);
    return found;
}

static void write_steps(struct switch_writer *writer, struct database *database, const char *run,
                        const cJSON *steps)
{
    for (const cJSON *entry = steps->child; entry; entry = entry->next) {
        if (!cJSON_IsObject(entry) || !bind_step(writer, database, run, entry))
            continue;
        members_table_bind(columns, writer->line, 3, entry);
        database_do(database, writer->line);
    }
}

bool switch_writer_add(struct switch_writer *writer, struct database *database, const char *run,
                       const char *folder, struct error *error)
{
    char *path = file_join(folder, study_file_name);
    struct text json = {0};
    cJSON *root = NULL;
    bool there = file_exists(path), done;

    done = !there || file_read_regular(path, STUDY_MOST, &json, error);
    if (done && there) {
        const cJSON *steps;

        root = json_parse(json.bytes, json.length);
        steps = cJSON_GetObjectItemCaseSensitive(root, "steps");
        done = cJSON_IsArray(steps) || error_set(error, "%s: is no switching study", path);
        if (done)
            write_steps(writer, database, run, steps);
    }
    cJSON_Delete(root);
    text_clear(&json);
    free(path);
    return done;
}
