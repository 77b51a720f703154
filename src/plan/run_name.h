/* The name of a run, which becomes a folder's and a file's. */
#ifndef PLAN_RUN_NAME_H
#define PLAN_RUN_NAME_H

#include "core/error.h"

/* Whether the name leads to no other folder, and reads as nothing else; false with a sentence. */
bool run_name_check(const char *name, struct error *error);

#endif
