/* What run, plan and rows share: everything that is asked, read and checked before anything is
 * sent. */
#ifndef COMMAND_PREPARE_H
#define COMMAND_PREPARE_H

#include "command/command.h"
#include "command/learned.h"
#include "command/sources.h"
#include "core/bundle.h"
#include "core/error.h"
#include "load/target.h"
#include "plan/environment.h"
#include "plan/order.h"
#include "plan/rows.h"
#include "plan/settings.h"
#include "store/manifest_content.h"
#include "wire/dialect.h"

/* The options by which a command line changes the config. */
struct prepare_options {
    const char *rows, *name, *seed;
    const char *order, *passes;
    struct option_texts set;
    /* The endpoint, where the environment is not to be asked; no option of a command line. */
    const char *address, *key;
    /* The run that is gone on with: what its command line changed, and its seed, come first. */
    const struct manifest_content *resumes;
    bool recounts; /* what is known of counts may be wrong: it is about to be learned */
};

#define PREPARE_OPTIONS(type)                                                                      \
    {"rows", "FILE", OPTION_TEXT, offsetof(struct type, prepare.rows),                             \
     "rows from FILE instead of model_configs_path"},                                              \
        {"name", "NAME", OPTION_TEXT, offsetof(struct type, prepare.name),                         \
         "name of the run's folder and workbook"},                                                 \
        {"seed", "N", OPTION_TEXT, offsetof(struct type, prepare.seed),                            \
         "what prompts and send times follow from"},                                               \
        {"order", "ORDER", OPTION_TEXT, offsetof(struct type, prepare.order),                      \
         "visit rows in another order: reverse, shuffle, rotate, williams, all-pairs, residency"}, \
        {"passes", "N", OPTION_TEXT, offsetof(struct type, prepare.passes),                        \
         "carry the order out N times"},                                                           \
    {                                                                                              \
        "set", "KEY=VALUE", OPTION_TEXTS, offsetof(struct type, prepare.set),                      \
            "change a setting, such as --set timeout=60 (may be repeated)"                         \
    }

/* The plan that came of it. */
struct preparation {
    const char *config_path;
    struct settings settings;
    struct bundle bundle; /* without experts where no file describes the node */
    struct rows rows;
    struct order order; /* in which they are visited: the steps of a run */
    struct sources sources;
    struct endpoint endpoint;
    struct target target;                                /* its texts are owned here, below */
    char *chat_url, *models_url, *idle_url, *key_header; /* models_url may be NULL */
    struct learned *learned;                             /* NULL where no rows were read */
    struct settings_override *override; /* what the command line changes; its texts are owned */
    size_t overrides;
    struct faults warnings;
};

/* Reads config (NULL: configs/config.yaml), bundle, rows and environment. False where anything is
 * wrong; all of it is then on stderr, and nothing was written or sent. Clear `preparation` either
 * way. */
bool prepare(struct preparation *preparation, const struct prepare_options *options,
             const char *config_path);

/* The same for the endpoint alone: rows and bundle are not read and may not be there. */
bool prepare_endpoint(struct preparation *preparation, const char *config_path);

/* Asks the endpoint for its models, which touches none of them. False with a sentence where it
 * cannot, does not or lists none. Clear `models` either way. */
bool prepare_list_models(const struct preparation *preparation, struct listed_models *models,
                         struct error *error);

void prepare_clear(struct preparation *preparation);

/* Prints faults, one a line, and that nothing was sent; true where there is none. */
bool prepare_tell_faults(const struct faults *faults);

/* Prints warnings, one a line. */
void prepare_print_warnings(const struct faults *warnings);

#endif
