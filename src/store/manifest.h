/* manifest.json: what was asked, with which settings (no secrets), on which machine, and which
 * steps came of it. It is written again after a step, at most once a second, and at the run's end:
 * what it lacks of a run that was cut off stands in summaries that it does not list (results.h).
 *
 * A run that was cut off is resumed only where the same is asked for: settings, rows, order,
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

/* What the figures of its runs mean: 1 (no member) runs end-to-end latency to the end of the body,
 * 2 to the response's last event. A run of 1 that is resumed has both. */
enum { MANIFEST_DEFINITIONS = 2 };
extern const char manifest_definitions_key[], manifest_definitions_mixed[];

/* What a manifest opens with; texts are copied. */
struct manifest_facts {
    const struct settings *settings;
    const char *config_path;
    const char *rows_path; /* of the CSV; NULL: the settings' */
    const struct row *rows;
    size_t row_count;
    const struct order *order;
    const char *address, *address_source, *key_source; /* never the key */
    const char *dialect;
    const char *http_library; /* name and version */
    int64_t started_wall_ns;
    const struct settings_override *override; /* what the command line changes */
    size_t overrides;
    const char *tokenizer, *tokenizer_library; /* the file that counts; NULL: none */
    size_t ranks;             /* that run it together (cluster/); 0: there is one process */
    const char *hosts;        /* of these, "a, a, b" */
    const char *const *input; /* the files that prompts come from; ends with NULL */
};

struct manifest *manifest_new(const struct run *run, const struct manifest_facts *facts);

/* The manifest of a run that is there, to resume. Each thing that `facts` asks for and that it was
 * not begun with is a fault, and NULL then, as where it cannot be read. */
struct manifest *manifest_resume(const struct run *run, const struct manifest_facts *facts,
                                 struct faults *faults);

void manifest_free(struct manifest *manifest);

/* Adds an ended step: its name, its row, how it ended, and the metrics that nobody reported. */
void manifest_add_step(struct manifest *manifest, const struct step *step);

/* Adds an attempt at a step that was begun, and is started over. One that is there already stays as
 * it is. */
void manifest_add_attempt(struct manifest *manifest, const struct attempt *attempt);

/* How a study that runs until it is sure (stop_when) has ended. */
struct manifest_study_end {
    bool sure;            /* before its most passes, or after the last of them */
    size_t passes, steps; /* that it took, warm-ups among the steps */
    const char *sentence;
};

/* Says so, in place of what was there before. A run of so many steps is whole. */
void manifest_set_study_end(struct manifest *manifest, const struct manifest_study_end *end);

/* What a search has come to so far, a JSON object, in place of what was there before; with `steps`,
 * where it has ended: a run of so many is whole. */
extern const char manifest_search_key[];
void manifest_set_search(struct manifest *manifest, const char *json, size_t steps);

/* How many steps the study or search has that ended so; 0: it has not. */
size_t manifest_study_steps(const struct manifest *manifest);

/* Says that something else used the endpoint meanwhile, by a member, or while the run is under way
 * by an empty file of the same name, which whoever does so puts into its folder. */
extern const char manifest_shared_key[];
void manifest_set_shared(struct manifest *manifest);

/* How a run waited for its endpoint (wait_ready). */
struct manifest_ready {
    double waited_s;
    const char *model; /* that responded with one token; NULL: GET /health returned 200 */
};

/* How a run counted prompts before its first row, by itself. */
struct manifest_counted {
    size_t models;
    const char *by; /* what counted the last: a path, or responses; copied */
    bool requests;  /* some were sent to models */
};

/* What the endpoint says of itself, secrets struck out; texts are copied. */
struct manifest_server {
    const char *header;   /* its Server header; "" where it has none */
    const char *models;   /* JSON; NULL: it does not say */
    const char *member;   /* what else it says, "version" or "props", and … */
    const char *reported; /* … that, JSON; NULL: nothing */
};

enum { MANIFEST_SERVER_MOST = 64 << 10 }; /* bytes of "server"; what is more is cut, and a text */

/* Writes these into the manifest, of a run that is resumed into what resumes it. */
void manifest_set_ready(struct manifest *manifest, const struct manifest_ready *ready);
void manifest_set_counted(struct manifest *manifest, const struct manifest_counted *counted);
void manifest_set_server(struct manifest *manifest, const struct manifest_server *server);

/* The addresses behind the endpoint's name, as the run found them; texts are copied. */
struct manifest_addresses {
    const char *name;
    size_t count;
    const char *found, *used; /* "127.0.0.1, ::1"; used "": none accepted a connection yet */
};

/* Writes "remote_addresses" likewise; its member "used" reads back by this key. */
extern const char manifest_remote_used_key[];
void manifest_set_addresses(struct manifest *manifest, const struct manifest_addresses *addresses);

/* Whether it has that step, under that name, as one that has ended and was not interrupted. */
bool manifest_has_ended(const struct manifest *manifest, size_t index, const char *name);

/* Takes a step out, which is to be started over; one that is not there is fine. */
void manifest_drop_step(struct manifest *manifest, size_t index);

/* Says whether connections are used again ("auto": to be learned yet, "always", "never"), in place
 * of what was there before. */
extern const char manifest_connection_reuse_key[];
void manifest_set_connection_reuse(struct manifest *manifest, const char *word);

/* Says how the run stands: "running", "done", "interrupted" …, and since when. */
void manifest_set_status(struct manifest *manifest, const char *status, int64_t wall_ns);

/* Writes it whole; false with a sentence. */
bool manifest_write(struct manifest *manifest, const struct run *run, struct error *error);

/* Writes it where that was last done a second or more before `now_ns`, of the monotonic clock, or
 * where it has a new fact that no other file of the run has. A step that it does not list yet has
 * its own summary, which readers of the run find. */
bool manifest_write_when_due(struct manifest *manifest, const struct run *run, int64_t now_ns,
                             struct error *error);

#endif
