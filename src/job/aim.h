/* Where a plan's requests go, and what is odd about that: the endpoint's address, key and dialect
 * become the target of the load. */
#ifndef JOB_AIM_H
#define JOB_AIM_H

#include "job/prepare.h"

/* Whether the HTTP library can make a host, a port and a path of the address; else a fault. */
bool aim_check_address(const struct endpoint *endpoint, struct faults *faults);

/* Fills the preparation's target and the texts that it stands on, by settings and endpoint. Adds a
 * fault for what cannot be sent there, and to the preparation's warnings what may not work as
 * meant. */
void aim(struct preparation *preparation, struct faults *faults);

/* What every request to a model asks for by the settings; an image is the caller's to add. Its
 * texts are the settings' and the model's. */
struct ask aim_ask(const struct settings *settings, const char *model, int64_t output_tokens);

#endif
