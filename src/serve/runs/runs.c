/* The runs: their list, one of them, its reports, its files, all of it as an archive, its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/responders.h"
#include "serve/runs/archive.h"
#include "serve/runs/run_folder.h"
#include "serve/runs/run_report.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"

static const char json_type[] = "application/json";

/* --- The list, and one of them --------------------------------------------------------------- */

static void do_runs(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct run_table_query query = {.search = exchange_query(exchange, "search"),
                                          .label = exchange_query(exchange, "label"),
                                          .model = exchange_query(exchange, "model"),
                                          .verdict = exchange_query(exchange, "verdict"),
                                          .page = exchange_query(exchange, "page")};
    struct text json = {0};
    struct error error;

    (void)stop;
    if (run_table_list(workbench, &query, &json, &error))
        exchange_reply(exchange, 200, EXCHANGE_JSON, json_type, &json);
    else
        exchange_refuse(exchange, 500, "%s", error.text);
    text_clear(&json);
}

void respond_runs(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_runs);
}

/* The path below the root of the run that is asked for, to be freed; NULL: it was refused. */
static char *find_run(struct workbench *workbench, struct exchange *exchange)
{
    char *path = run_table_find(workbench, exchange_run(exchange));

    if (!path)
        exchange_refuse(exchange, 404, "no run has this number: the list shows those there are");
    return path;
}

static void add_files(struct text *json, const struct run_folder_files *files)
{
    text_add_string(json, ",\"files\":[");
    for (size_t i = 0; i < files->count; i++) {
        text_add_string(json, i > 0 ? ",{\"name\":" : "{\"name\":");
        text_add_json(json, files->file[i].path);
        text_printf(json, ",\"bytes\":%llu}", (unsigned long long)files->file[i].length);
    }
    text_add_string(json, "]");
}

static void do_run(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = find_run(workbench, exchange);
    struct run_folder_files files;
    struct text json = {0};
    int folder;

    (void)stop;
    if (!path)
        return;
    folder = run_folder_open(workbench->folder, path);
    text_add_string(&json, "{\"run\":");
    if (folder >= 0 && run_table_add(workbench, exchange_run(exchange), &json)) {
        run_folder_list(folder, &files);
        add_files(&json, &files);
        text_add_string(&json, "}\n");
        exchange_reply(exchange, 200, EXCHANGE_JSON, json_type, &json);
        run_folder_files_clear(&files);
    } else {
        exchange_refuse(exchange, 404, "the run is not there any more");
    }
    if (folder >= 0)
        close(folder);
    text_clear(&json);
    free(path);
}

void respond_run(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_run);
}

/* --- Reports --------------------------------------------------------------------------------- */

static void reply_report(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop,
                         bool page)
{
    char *path = find_run(workbench, exchange);
    struct made_report report;
    struct error error;

    if (!path)
        return;
    if (run_report_make(workbench, exchange_run(exchange), path, stop, &report, &error))
        made_report_reply(workbench, exchange, &report, page);
    else
        exchange_refuse(exchange, 500, "%s", error.text);
    made_report_clear(&report);
    free(path);
}

static void do_report(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    reply_report(workbench, exchange, stop, true);
}

static void do_workbook(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    reply_report(workbench, exchange, stop, false);
}

void respond_report(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_report);
}

void respond_workbook(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_workbook);
}

/* --- Files ----------------------------------------------------------------------------------- */

static void do_file(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = find_run(workbench, exchange);
    int folder = path ? run_folder_open(workbench->folder, path) : -1;
    uint64_t length = 0;
    int file = folder >= 0 ? run_folder_open_file(folder, exchange_file(exchange), &length) : -1;

    (void)stop;
    if (file >= 0)
        exchange_reply_open_file(exchange, EXCHANGE_DOWNLOAD, "application/octet-stream", file,
                                 length, exchange_file(exchange));
    else if (path)
        exchange_refuse(exchange, 404, "the run has no file of this name");
    if (folder >= 0)
        close(folder);
    free(path);
}

void respond_file(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_file);
}

static long read_archive(void *context, char *bytes, size_t room)
{
    return (long)archive_read(context, bytes, room);
}

static void end_archive(void *context)
{
    archive_free(context);
}

/* A name that stands in a header as it is. */
static char *header_name(const char *name, const char *ending)
{
    char *made = memory_printf("%s%s", name, ending);

    for (char *at = made; *at; at++) {
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
            *at = '_';
    }
    return made;
}

static void do_archive(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = find_run(workbench, exchange);
    int folder = path ? run_folder_open(workbench->folder, path) : -1;

    (void)stop;
    if (folder >= 0) {
        struct exchange_source source = {read_archive, end_archive,
                                         archive_new(folder, run_table_name(path))};
        char *name = header_name(run_table_name(path), ".tar");

        exchange_reply_source(exchange, EXCHANGE_DOWNLOAD, "application/x-tar", &source, name);
        free(name);
        close(folder);
    } else if (path) {
        exchange_refuse(exchange, 404, "the run is not there any more");
    }
    free(path);
}

void respond_archive(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_archive);
}
