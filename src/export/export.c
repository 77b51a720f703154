#include "export/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "export/kit.h"
#include "export/llmperf.h"
#include "export/markdown.h"
#include "export/tables.h"
#include "export/trace.h"

const struct export_writer export_table[] = {
    {"csv", "steps.csv and requests.csv: two tables for whatever reads CSV", tables_write_csv},
    {"jsonl", "the same tables as JSON lines: steps.jsonl and requests.jsonl", tables_write_jsonl},
    {"kit", "files as the starter kit writes them, for its notebooks", kit_write},
    {"llmperf", "files as LLMPerf writes them, for what reads those", llmperf_write},
    {"markdown", "one page to put into a message: the sentence, its picture as a table, figures",
     markdown_write},
    {"trace", "its requests as they arrived, to be looked at and sent again", trace_write},
    {0},
};

const struct export_writer *export_find(const char *name)
{
    for (const struct export_writer *writer = export_table; writer->name; writer++) {
        if (strcmp(writer->name, name) == 0)
            return writer;
    }
    return NULL;
}

/* The path less the slashes at its end. */
static char *without_slashes(const char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    return memory_bytes(path, length);
}

static char *wanted_folder(const struct export_writer *writer, const struct results *run,
                           const char *output)
{
    char *base = without_slashes(output ? output : run->folder);
    char *folder = output ? file_join(base, run->name) : memory_printf("%s_%s", base, writer->name);

    free(base);
    return folder;
}

/* Making the folder is what takes the name. */
static char *make_folder(const char *wanted, struct error *error)
{
    char *folder = memory_text(wanted);

    for (int i = 2; mkdir(folder, 0777) != 0; i++) {
        if (errno != EEXIST) {
            error_set(error, "%s: the folder cannot be made: %s", folder, strerror(errno));
            free(folder);
            return NULL;
        }
        free(folder);
        folder = memory_printf("%s-%d", wanted, i);
    }
    return folder;
}

static bool write_mark(const struct export_writer *writer, const struct results *run,
                       const char *folder, struct error *error)
{
    char *path = file_join(folder, results_export_mark);
    struct text json = {0};
    bool done;

    text_printf(&json, "{\"format\":\"%s\",\"run\":", writer->name);
    text_add_json(&json, run->name);
    text_add_string(&json, ",\"coebench_version\":\"" COEBENCH_VERSION "\"}\n");
    done = file_write(path, json.bytes, json.length, error);
    text_clear(&json);
    free(path);
    return done;
}

bool export_run(const struct export_writer *writer, const struct results *run, const char *output,
                char **folder, struct error *error)
{
    char *wanted = wanted_folder(writer, run, output), *made = NULL;

    if (!output || file_make_folders(output, error))
        made = make_folder(wanted, error);
    free(wanted);
    if (made && write_mark(writer, run, made, error) && writer->write(run, made, error)) {
        *folder = made;
        return true;
    }
    free(made);
    *folder = NULL;
    return false;
}
