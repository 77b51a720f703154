#include "store/manifest_reports.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/journal.h"
#include "store/json.h"
#include "store/manifest.h"
#include "store/manifest_match.h"

static const char key[] = "reports";

char *manifest_reports(const struct manifest_content *content, const char *name)
{
    const char *stem = manifest_find(content, key), *status = manifest_find(content, "status");

    if (stem)
        return strchr(stem, '/') ? NULL : memory_text(stem);
    if (!status || strcmp(status, "running") == 0)
        return NULL;
    return memory_printf("consolidated_results_%s", name);
}

static void write_note(const char *folder, const char *stem)
{
    struct error error;
    cJSON *root = manifest_parse(folder, &error);
    char *path = file_join(folder, manifest_file_name), *json;

    if (root) {
        cJSON_DeleteItemFromObjectCaseSensitive(root, key);
        json_add_text(root, key, stem);
        json = cJSON_Print(root);
        file_write(path, json, strlen(json), &error); /* without it, the next are new ones */
        cJSON_free(json);
    }
    cJSON_Delete(root);
    free(path);
}

void manifest_note_reports(const char *folder, const char *stem)
{
    char *path = file_join(folder, journal_file_name);
    struct journal journal;
    struct error error;

    if (journal_reopen(&journal, path, &error))
        write_note(folder, stem);
    journal_close(&journal);
    free(path);
}
