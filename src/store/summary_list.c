/* Where summaries are. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/summary_file.h"

static const char ending[] = "_summary.json";

/* A name that begins with a point is another program's: AppleDouble, an editor's lock. */
static int is_summary(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), behind = strlen(ending);

    return entry->d_name[0] != '.' && length > behind &&
           strcmp(entry->d_name + length - behind, ending) == 0;
}

char **summary_file_list(const char *folder, size_t *count)
{
    struct dirent **entries;
    int found = scandir(folder, &entries, is_summary, alphasort);
    char **names;

    *count = 0;
    if (found < 0)
        return NULL;
    names = memory_new((size_t)found, sizeof *names);
    for (int i = 0; i < found; i++) {
        const char *file = entries[i]->d_name;

        names[(*count)++] = memory_bytes(file, strlen(file) - strlen(ending));
        free(entries[i]);
    }
    free(entries);
    return names;
}

char *summary_file_path(const char *folder, const char *name)
{
    return memory_printf("%s/%s%s", folder, name, ending);
}
