/* A run directory read back: what every report is made from. Each step has its figures, and the
 * measurement of the switch to it, from the first requests of its load and its probe. */
#ifndef STORE_RESULTS_H
#define STORE_RESULTS_H

#include <stddef.h>

#include "core/error.h"
#include "record/mix.h"
#include "record/search.h"
#include "record/step.h"
#include "store/manifest_content.h"

/* A step that a broken file has cost. */
struct results_loss {
    char *why;      /* which file, and what is wrong with it */
    struct row row; /* that the step ran; its model_name is NULL where that is not known */
};

struct results {
    char *folder, *name; /* of the run: its folder as it was named, and that one's real name */
    struct manifest_content manifest;
    struct step *step; /* in the order they ran */
    size_t count;
    struct mix *mix; /* what its mixes came to, in the order of their first steps; owned */
    size_t mixes;
    struct search_found *search; /* what came of each row that was searched; owned */
    size_t searched;             /* 0: it is no search */
    struct faults warnings;      /* a sentence for each file that was left out, and why */
    bool repeats;                /* a row was visited more than once, and by no search */
    size_t planned;              /* more than ran, where a run was stopped or is under way */
    struct results_loss *loss;
    size_t losses;
    bool shared_endpoint; /* something else used its endpoint meanwhile: no switch is measurable */
    bool only_figures;    /* results_read_figures has read it: no step has its measurement */
};

/* A file of this name marks a folder that an export wrote: its runs are to be found elsewhere too.
 */
extern const char results_export_mark[];

/* Whether a folder holds a run: a manifest, or the starter kit's summaries. Names that begin with a
 * point are none, and neither are LLMPerf's summaries. */
bool results_is_run(const char *folder);

/* Whether it holds LLMPerf's results and no run: what it wrote itself, or an export to its format.
 */
bool results_is_llmperf(const char *folder);

/* Whether it bears the mark of an export: to be read where it is named, never counted beside its
 * run. */
bool results_is_export(const char *folder);

/* How many of a load's requests, from its first, tell of the switch to its row. */
size_t results_look_at(const struct row *row);

/* Reads the steps of the run in `folder`, which may be one under way, or one of the starter kit,
 * which has no manifest. Summaries that its manifest does not list are read only while it has fewer
 * steps than planned; one that says another name than its file's, or whose step is there already,
 * is left out with a warning. A step with a file that is there and cannot be read is left out and
 * is one of the losses; false with a sentence where that leaves none. A step whose responses are
 * not there stays, without the measurement of its switch. Clear `results` either way. */
bool results_read(const char *folder, struct results *results, struct error *error);

/* The same without the responses: steps have the figures that their summaries have, and none has
 * the measurement of its switch. Of the starter kit's steps, whose figures are computed from them,
 * responses are read. */
bool results_read_figures(const char *folder, struct results *results, struct error *error);

/* Adds a loss: a file of the step turned out to be broken, as `error` says. */
void results_lose(struct results *results, const struct step *step, const struct error *error);

/* How a study that runs until it is sure has ended, in a sentence; NULL: it has not, or is none. */
const char *results_study_end(const struct results *results);

/* How often the run, by its settings, is looked at while it runs: stop_when's most passes, else 1.
 * Intervals of what is concluded from it have to allow for as many (study.looks). */
size_t results_looks(const struct results *results);

void results_clear(struct results *results);

#endif
