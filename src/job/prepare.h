/* What run, plan and rows share: everything that is asked, read and checked before anything is
 * sent. */
#ifndef JOB_PREPARE_H
#define JOB_PREPARE_H

#include "core/bundle.h"
#include "core/error.h"
#include "job/learned.h"
#include "job/sources.h"
#include "load/target.h"
#include "plan/environment.h"
#include "plan/order.h"
#include "plan/rows.h"
#include "plan/settings.h"
#include "prompt/token_counter.h"
#include "report/prior_study.h"
#include "store/manifest_content.h"
#include "traffic/trace_models.h"
#include "wire/dialect.h"

/* The options by which a command line changes the config. */
struct prepare_options {
    const char *rows, *name, *seed, *api;
    const char *order, *passes, *tokenizer;
    const char *ml_repo, *ml_run; /* a tracking server or an experiment; the run's name there */
    const char *const *set;       /* KEY=VALUE, in their order */
    size_t sets;
    const char *url; /* the endpoint's address, in the place of the environment's */
    /* The endpoint, where the environment is not to be asked; no option of a command line. */
    const char *address, *query, *key;
    /* The run that is resumed: what its command line changed, and its seed, come first. */
    const struct manifest_content *resumes;
    bool made;            /* the new run's folder, which is its name's, is there already */
    bool config_is_named; /* by the caller, and not by that run's manifest alone (trust.h) */
    bool offline;         /* the endpoint is not asked for what would settle a doubt */
    bool follows;         /* another process keeps the run: what only that needs is not read */
    bool recounts;        /* what is known of counts may be wrong: it is about to be learned */
};

/* The plan that came of it. */
struct preparation {
    const char *config_path;
    struct settings settings;
    struct bundle bundle; /* without experts where no file describes the node */
    struct rows rows;
    struct order order; /* in which they are visited: the steps of a run */
    struct sources sources;
    struct trace_mapping
        *trace_model; /* trace_models, its texts in the settings' document; owned */
    size_t trace_models;
    struct token_counter *tokenizer; /* NULL: none counts */
    struct prior_study *study;       /* that predicts what mixes cost; NULL: none does */
    struct endpoint endpoint;
    struct target target;        /* its texts are owned here, below */
    struct reuse reuse;          /* what is learned of its connections */
    struct addresses *addresses; /* behind its name */
    char *used_before;           /* those that the run which is resumed used, or NULL */
    char *chat_url, *models_url, *idle_url, *key_header; /* models_url may be NULL */
    struct learned *learned;                             /* NULL where no rows were read */
    struct listing *listing;                             /* what the endpoint lists (listing.h) */
    char *health_url;                                    /* NULL: the dialect has none */
    char *shown_url;                                     /* chat_url without secrets */
    struct secrets *secrets;                             /* the target's */
    struct settings_override *override; /* what the command line changes; its texts are owned */
    size_t overrides;
    struct faults warnings;
};

/* Reads config (NULL: configs/config.yaml), bundle, rows and environment. False where anything is
 * wrong; all of it is then in `faults`, empty before, and nothing was written or sent. What is odd
 * is in the preparation's warnings either way. Clear `preparation` either way. */
bool prepare(struct preparation *preparation, const struct prepare_options *options,
             const char *config_path, struct faults *faults);

/* The same for the endpoint alone: rows and bundle are not read and may not be there. */
bool prepare_endpoint(struct preparation *preparation, const struct prepare_options *options,
                      const char *config_path, struct faults *faults);

/* Asks the endpoint for its models, which touches none of them. False with a sentence where it
 * cannot, does not or lists none; `reached` (listing.h; may be NULL) tells how the request went.
 * Clear `models` either way. */
struct listing_reached;
bool prepare_list_models(const struct preparation *preparation, struct listed_models *models,
                         struct listing_reached *reached, struct error *error);

void prepare_clear(struct preparation *preparation);

#endif
