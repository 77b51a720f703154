#include "store/llmperf_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "store/summary_file.h"

enum { FILE_MOST = 64 << 20 };

bool llmperf_file_is(const char *folder, const char *name)
{
    char *path = summary_file_path(folder, name);
    struct text text = {0};
    struct error error;
    bool is = file_read_regular(path, FILE_MOST, &text, &error) && text.bytes &&
              strstr(text.bytes, "\"results_ttft_s_");

    text_clear(&text);
    free(path);
    return is;
}

char **llmperf_file_list_others(const char *folder, size_t *count, size_t *llmperf)
{
    size_t found;
    char **names = summary_file_list(folder, &found);

    *count = *llmperf = 0;
    for (size_t i = 0; i < found; i++) {
        if (llmperf_file_is(folder, names[i])) {
            free(names[i]);
            ++*llmperf;
        } else {
            names[(*count)++] = names[i];
        }
    }
    return names;
}
