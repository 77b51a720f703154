/* What rooms leave as structs, a sentence each, for people to read on stderr. */
#ifndef COMMAND_NOTICES_H
#define COMMAND_NOTICES_H

#include "job/prepare.h"
#include "report/runs.h"

/* Prints warnings, one a line. */
void notices_warn(const struct faults *warnings);

/* Prints faults, one a line, and of several how many, and that nothing was sent. */
void notices_refuse(const struct faults *faults);

/* Prepares (job/prepare.h). Where anything is wrong, prints all of it, behind what is odd, which
 * may explain it, and that nothing was sent; the warnings of a sound plan are the caller's to
 * print. */
bool notices_prepare(struct preparation *preparation, const struct prepare_options *options,
                     const char *config_path);

/* The same for the endpoint alone. */
bool notices_prepare_endpoint(struct preparation *preparation,
                              const struct prepare_options *options, const char *config_path);

/* Warns of each step that a broken file has cost; true where there is one. */
bool notices_of_losses(const struct runs *runs);

/* Notes where not all steps mean the same by their figures. */
void notices_of_definitions(const struct runs *runs);

#endif
