#include "job/trust.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "plan/connection.h"
#include "plan/control.h"

bool trust_allows(const struct manifest_override *override)
{
    return !connection_decides_trust(override->assignment, strcspn(override->assignment, "="));
}

bool trust_address_is_given(const struct prepare_options *options, struct faults *faults)
{
    const struct manifest_content *before = options->resumes;
    const char *source = before ? manifest_find(before, "endpoint.address_source") : NULL;
    const char *address = before ? manifest_find(before, "endpoint.address") : NULL;

    if (options->url || !source || strcmp(source, environment_option) != 0)
        return true;
    faults_add(faults, NULL, 0,
               "the run was started with %s %.200s, which is not taken from a manifest; give it "
               "again on the command line",
               environment_option, address ? address : "URL");
    return false;
}

static bool is_given_again(const struct prepare_options *options, const char *assignment)
{
    size_t length = strcspn(assignment, "=");

    for (size_t i = 0; i < options->sets; i++) {
        const char *given = options->set[i];

        if (strcspn(given, "=") == length && strncmp(given, assignment, length) == 0)
            return true;
    }
    return false;
}

static void check_manifest(const struct prepare_options *options, struct faults *faults)
{
    const struct manifest_content *before = options->resumes;

    for (size_t i = 0; i < before->overrides; i++) {
        const struct manifest_override *one = &before->override[i];

        if (!trust_allows(one) && !is_given_again(options, one->assignment))
            faults_add(faults, NULL, 0,
                       "%.*s: the run was started with %s %.200s, which is not taken from a "
                       "manifest; give it again on the command line",
                       (int)strcspn(one->assignment, "="), one->assignment, one->option,
                       one->assignment);
    }
}

static bool are_same(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Whether it is one of the working directory, such as a run takes whose command line names none. */
static bool is_of_caller(const char *config)
{
    char *folder = file_folder(config);
    bool is = are_same(folder, ".") || are_same(config, "configs/config.yaml");

    free(folder);
    return is;
}

/* Whether the config says more than that all is as usual. */
static bool is_set(const struct settings *settings, const char *name)
{
    char *outer = memory_bytes(name, strcspn(name, "."));
    const struct yaml *group = yaml_find(settings->document, outer), *value;

    free(outer);
    if (!group || group->kind != YAML_MAPPING)
        return false;
    value = yaml_find(group, strchr(name, '.') + 1);
    if (!value || value->line == 0) /* by an option */
        return false;
    return strcmp(name, "connection.insecure") != 0 || settings->connection.insecure;
}

static void check_config(const struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;

    if (settings->document && control_asked(settings) == STATE_CONTROL_COMMAND)
        settings_fault(settings, faults, "before_step",
                       "a command is not taken from a config that only a manifest names; name the "
                       "config, as in 'coebench run %s --resume …'",
                       preparation->config_path);

    for (const char *const *name = connection_trust_names; *name; name++) {
        if (settings->document && is_set(settings, *name))
            settings_fault(settings, faults, *name,
                           "is not taken from a config that only a manifest names; name the "
                           "config, as in 'coebench run %s --resume …'",
                           preparation->config_path);
    }
}

void trust_check(const struct preparation *preparation, const struct prepare_options *options,
                 struct faults *faults)
{
    if (!options->resumes)
        return;
    check_manifest(options, faults);
    if (!options->config_is_named && !is_of_caller(preparation->config_path))
        check_config(preparation, faults);
}
