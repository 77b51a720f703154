/* manifest.json: what was asked, with which settings (no secrets), on which machine, and which
 * steps came of it. It is written again after every step, so that a report needs nothing else to
 * know what belongs to a run. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include <stdint.h>

#include "core/error.h"
#include "plan/order.h"
#include "plan/settings.h"
#include "record/row.h"
#include "record/step.h"
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
};

struct manifest *manifest_new(const struct run *run, const struct manifest_facts *facts);
void manifest_free(struct manifest *manifest);

/* Adds an ended step: its name, its row, how it ended, and the metrics that nobody reported. */
void manifest_add_step(struct manifest *manifest, const struct step *step);

/* Says how the run stands: "running", "done", "interrupted" …, and since when. */
void manifest_set_status(struct manifest *manifest, const char *status, int64_t wall_ns);

bool manifest_write(const struct manifest *manifest, const struct run *run, struct error *error);

#endif
