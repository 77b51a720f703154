#include "plan/settings_paths.h"

#include <stdlib.h>

#include "core/expand.h"
#include "core/file.h"
#include "core/shipped.h"

static void replace(char **text, char *by)
{
    free(*text);
    *text = by;
}

/* A path that names a variable which is not set is no path. */
static void expand_path(struct settings *settings, const char *key, char **path,
                        struct faults *faults)
{
    char *missing, *expanded = *path ? expand_by_environment(*path, &missing) : NULL;

    if (*path && !expanded) {
        settings_fault(settings, faults, key, "'%.200s' names ${%s}, which is not set", *path,
                       missing);
        free(missing);
    }
    replace(path, expanded);
}

static void expand_paths(struct settings *settings, struct faults *faults)
{
    expand_path(settings, "model_configs_path", &settings->model_configs_path, faults);
    expand_path(settings, "output_files_dir", &settings->output_files_dir, faults);
    expand_path(settings, "consolidated_results_dir", &settings->consolidated_results_dir, faults);
    expand_path(settings, "bundle", &settings->bundle, faults);
    expand_path(settings, "tokenizer", &settings->tokenizer, faults);
    expand_path(settings, "study", &settings->study, faults);
    expand_path(settings, "prompt.file", &settings->prompt.file, faults);
    expand_path(settings, "prompt.dataset", &settings->prompt.dataset, faults);
    expand_path(settings, "connection.ca_file", &settings->connection.ca_file, faults);
}

static void resolve(struct settings *settings, const char *path)
{
    if (settings->model_configs_path)
        replace(&settings->model_configs_path, file_find(settings->model_configs_path, path));
    if (settings->bundle && !shipped_is_name("bundle", settings->bundle))
        replace(&settings->bundle, file_find(settings->bundle, path));
    if (settings->tokenizer)
        replace(&settings->tokenizer, file_find(settings->tokenizer, path));
    if (settings->study)
        replace(&settings->study, file_find(settings->study, path));
    if (settings->prompt.file)
        replace(&settings->prompt.file, file_find(settings->prompt.file, path));
    if (settings->prompt.dataset)
        replace(&settings->prompt.dataset, file_find(settings->prompt.dataset, path));
    if (settings->connection.ca_file)
        replace(&settings->connection.ca_file, file_find(settings->connection.ca_file, path));
    if (settings->output_files_dir)
        replace(&settings->output_files_dir, file_expand_home(settings->output_files_dir));
    if (settings->consolidated_results_dir)
        replace(&settings->consolidated_results_dir,
                file_expand_home(settings->consolidated_results_dir));
}

void settings_find_paths(struct settings *settings, const char *config_path, struct faults *faults)
{
    expand_paths(settings, faults);
    resolve(settings, config_path);
}
