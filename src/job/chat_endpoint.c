#include "job/chat_endpoint.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"

/* Behind what a command line sets itself, which wins. */
static const char by_itself[] = "ignore_eos=false";

static bool make_files(struct quick_run *files, const char *api, struct faults *faults)
{
    static char *const model[] = {(char *)"chat", NULL};
    const struct quick_run_asked asked = {.model = model,
                                          .models = 1,
                                          .api = api ? api : api_names[API_SNCLOUD],
                                          .requests = 1,
                                          .concurrency = 1,
                                          .input_tokens = 1,
                                          .output_tokens = 1};
    struct error error;

    if (quick_run_make(files, &asked, &error))
        return true;
    faults_add(faults, NULL, 0, "%s", error.text);
    return false;
}

bool chat_endpoint_open(struct chat_endpoint *endpoint, const struct prepare_options *where,
                        struct faults *faults)
{
    const char **set = memory_new(where->sets + 1, sizeof *set);
    struct prepare_options options = *where;
    bool done;

    *endpoint = (struct chat_endpoint){0};
    set[0] = by_itself;
    for (size_t i = 0; i < where->sets; i++)
        set[1 + i] = where->set[i];
    options.set = set;
    options.sets = 1 + where->sets;
    options.api = NULL;
    done = make_files(&endpoint->files, where->api, faults) &&
           prepare_endpoint(&endpoint->preparation, &options, endpoint->files.config, faults);
    if (endpoint->files.folder)
        file_remove_folder(endpoint->files.folder);
    free(set);
    return done;
}

void chat_endpoint_close(struct chat_endpoint *endpoint)
{
    prepare_clear(&endpoint->preparation);
    quick_run_clear(&endpoint->files);
}
