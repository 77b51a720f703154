/* manifest.json: what was asked, with which settings (no secrets), on which machine, and which
 * steps came of it. It is written again after every step, so that a report needs nothing else to
 * know what belongs to a run.
 *
 * A run that was cut off is gone on with only where the same is asked for: settings, rows, order,
 * endpoint and the files that prompts and advice come from. Then the manifest stays as it is, but
 * for a member "resumed", which lists when, and by which program on which machine; and "attempts",
 * which lists what was begun and started over. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include <stdint.h>

#include "core/error.h"
#include "plan/order.h"
#include "plan/settings.h"
#include "record/row.h"
#include "record/step.h"
#include "store/attempts.h"
#include "store/run.h"

struct manifest;

extern const char manifest_file_name[];

/* What a manifest opens with; texts are copied. */
struct manifest_facts {
    const struct settings *settings;
    const char *config_path;
    const struct row *rows;
    size_t row_count;
    const struct order *order;
    const char *address, *address_source, *key_source; /* never the key */
    const char *dialect;
    const char *http_library; /* name and version */
    int64_t started_wall_ns;
    const struct settings_override *override; /* what the command line changes */
    size_t overrides;
    const char *const *input; /* the files that prompts come from; ends with NULL */
};

struct manifest *manifest_new(const struct run *run, const struct manifest_facts *facts);

/* The manifest of a run that is there, to go on with. Each thing that `facts` asks for and that it
 * was not begun with is a fault, and NULL then, as where it cannot be read. */
struct manifest *manifest_resume(const struct run *run, const struct manifest_facts *facts,
                                 struct faults *faults);

void manifest_free(struct manifest *manifest);

/* Adds an ended step: its name, its row, how it ended, and the metrics that nobody reported. */
void manifest_add_step(struct manifest *manifest, const struct step *step);

/* Adds an attempt at a step that was begun, and is started over. One that is there already stays as
 * it is. */
void manifest_add_attempt(struct manifest *manifest, const struct attempt *attempt);

/* How a study that goes on until it is sure (stop_when) has ended. */
struct manifest_study_end {
    bool sure;            /* before its most passes, or after the last of them */
    size_t passes, steps; /* that it took, warm-ups among the steps */
    const char *sentence;
};

/* Says so, in the place of what was said before. A run of so many steps is whole. */
void manifest_set_study_end(struct manifest *manifest, const struct manifest_study_end *end);

/* How many steps the study has that ended so; 0: it has not. */
size_t manifest_study_steps(const struct manifest *manifest);

/* Takes a step out, which is to be started over; one that is not there is fine. */
void manifest_drop_step(struct manifest *manifest, size_t index);

/* Says how the run stands: "running", "done", "interrupted" …, and since when. */
void manifest_set_status(struct manifest *manifest, const char *status, int64_t wall_ns);

bool manifest_write(const struct manifest *manifest, const struct run *run, struct error *error);

#endif
