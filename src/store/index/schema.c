#include "store/index/schema.h"

#include "store/index/comparison_row.h"
#include "store/index/request_row.h"
#include "store/index/run_row.h"
#include "store/index/step_row.h"
#include "store/index/switch_row.h"

enum { APPLICATION = 0x636f6562 }; /* PRAGMA application_id: "coeb" */

/* What was found, as it stood then: an update reads again what is not as it was. */
static const char folder_columns[] =
    "CREATE TABLE folder(\n"
    "  path TEXT PRIMARY KEY, -- of a run directory, below the indexed folder\n"
    "  id TEXT NOT NULL UNIQUE, -- 16 hexadecimal digits of the SHA-256 of the path\n"
    "  stamp TEXT NOT NULL, -- as which it was read\n"
    "  copy_of TEXT, -- the path of the run that it is a copy of: not counted again\n"
    "  problem TEXT -- why it, or a step of it, could not be read\n"
    ") WITHOUT ROWID;\n";

static const char run_first[] = "  id TEXT PRIMARY KEY REFERENCES folder(id),\n";

static const char other_tables[] = "CREATE TABLE label(\n"
                                   "  run TEXT NOT NULL REFERENCES run(id),\n"
                                   "  name TEXT NOT NULL,\n"
                                   "  value TEXT NOT NULL,\n"
                                   "  PRIMARY KEY(run, name)\n"
                                   ") WITHOUT ROWID;\n";

static const char indexes[] = "CREATE INDEX run_by_start ON run(started_utc);\n"
                              "CREATE INDEX run_by_row_set ON run(row_set, endpoint);\n"
                              "CREATE INDEX label_by_name ON label(name, value);\n"
                              "CREATE INDEX step_by_run ON step(run, step_index);\n"
                              "CREATE INDEX step_by_row ON step(row);\n"
                              "CREATE INDEX step_by_model ON step(model, run);\n"
                              "CREATE INDEX step_by_uuid ON step(uuid);\n"
                              "CREATE INDEX step_by_figures ON step(figures_digest, uuid);\n"
                              "CREATE INDEX line_by_row ON comparison_line(row);\n"
                              "CREATE INDEX folder_by_original ON folder(copy_of) WHERE copy_of "
                              "IS NOT NULL;\n";

static void make_tables(struct database *database)
{
    struct text sql = {0};

    text_printf(&sql, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\n", APPLICATION,
                SCHEMA_VERSION);
    text_add_string(&sql, folder_columns);
    columns_add_table(run_columns, "run", run_first, &sql);
    text_add_string(&sql, other_tables);
    columns_add_table(step_columns, "step", step_firsts, &sql);
    text_printf(&sql, "CREATE TABLE metric(\n%s) WITHOUT ROWID;\n", metric_table_columns);
    switch_row_add_table(&sql);
    comparison_row_add_tables(&sql);
    text_add_string(&sql, indexes);
    database_run(database, sql.bytes);
    text_clear(&sql);
}

static void drop_tables(struct database *database)
{
    database_run(database, "DROP TABLE IF EXISTS request; DROP TABLE IF EXISTS switch;"
                           "DROP TABLE IF EXISTS metric; DROP TABLE IF EXISTS step;"
                           "DROP TABLE IF EXISTS label; DROP TABLE IF EXISTS run;"
                           "DROP TABLE IF EXISTS folder; DROP TABLE IF EXISTS comparison_run;"
                           "DROP TABLE IF EXISTS comparison_line;"
                           "DROP TABLE IF EXISTS comparison;");
}

static void add_requests(struct database *database)
{
    struct text sql = {0};

    request_row_add_table(&sql);
    text_add_string(&sql, "UPDATE folder SET stamp = '';\n");
    database_run(database, sql.bytes);
    text_clear(&sql);
}

bool schema_has_requests(struct database *database)
{
    return database_number(database, "SELECT count(*) FROM sqlite_master WHERE name = 'request'") >
           0;
}

/* The version of the index; 0: the file has no table yet. */
static int64_t version_of(struct database *database)
{
    int64_t tables = database_number(database, "SELECT count(*) FROM sqlite_master");
    int64_t application = database_number(database, "PRAGMA application_id");
    int64_t version = database_number(database, "PRAGMA user_version");

    if (tables > 0 && (application != APPLICATION || version < 1))
        database_fail(database, "%s: is another program's database; %s", database->path,
                      database->advice);
    if (tables > 0 && version > SCHEMA_VERSION)
        database_fail(database,
                      "%s: is an index of a newer coebench (version %lld, and this one knows %d); "
                      "use that one, or %s",
                      database->path, (long long)version, SCHEMA_VERSION, database->advice);
    return tables > 0 ? version : 0;
}

void schema_settle(struct database *database, bool anew, bool requests)
{
    int64_t version = version_of(database);

    if (version != SCHEMA_VERSION || anew) {
        if (version > 0)
            drop_tables(database);
        make_tables(database);
    }
    if (requests && !schema_has_requests(database))
        add_requests(database);
}

void schema_check(struct database *database)
{
    int64_t version = version_of(database);

    if (version != SCHEMA_VERSION)
        database_fail(database, "%s: is no index of this version; run 'coebench index'",
                      database->path);
}
