/* A step's fingerprint: how large its files are, and when the file system last changed each
 * (st_ctim, stat(2): no program can set it). It is taken when they are written and stands in the
 * journal. Where it is still the same nobody has written to them since, so they are as whole as
 * they were, and a run that is resumed reads none of them. Where it is another, as in a copy of the
 * run, or where there is none, as in a run of before, they are read. */
#ifndef STORE_FINGERPRINT_H
#define STORE_FINGERPRINT_H

#include <stdbool.h>

#include "core/text.h"
#include "record/step.h"
#include "store/run.h"

/* Adds the fingerprint of the step of that name as a JSON object, sizes in bytes and times in
 * nanoseconds: {"summary":[2048,1764334249123456789],"individual_responses":[…],"probe":[…],
 * "phases":[…]}; of its `parts` besides the load, by enum step_part, those that are set. False
 * where one of the files is not there; `json` may have grown. */
bool fingerprint_add(const struct run *run, const char *name, const bool parts[STEP_PARTS],
                     struct text *json);

/* Whether the step's files still have the fingerprint that was taken of them; NULL: none was. */
bool fingerprint_holds(const struct run *run, const char *name, const char *fingerprint);

#endif
