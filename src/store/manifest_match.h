/* Whether a run that was cut off may be resumed: manifest.json as it stands beside the one that
 * would be written now. For this room alone. */
#ifndef STORE_MANIFEST_MATCH_H
#define STORE_MANIFEST_MATCH_H

#include <cjson/cJSON.h>

#include "core/error.h"

enum { MANIFEST_MOST = 256 << 20 }; /* bytes of a manifest */

/* The manifest in `folder`, an object, whose settings keep their numbers as written (json.h);
 * cJSON_Delete it. NULL with a sentence. */
cJSON *manifest_parse(const char *folder, struct error *error);

extern const char manifest_study_end_key[]; /* "study_end" (manifest.h) */

/* How many steps the study has that ended, 0 where it is under way or none is recorded. */
size_t manifest_ended_steps(const cJSON *root);

/* Adds a fault for each setting, row, visit, input and fact of the endpoint that is not the same.
 * What an older program did not write is not compared, nor what is for people: where files stand,
 * and the config's own digest, since its settings are. */
void manifest_match(const cJSON *then, const cJSON *now, struct faults *faults);

#endif
