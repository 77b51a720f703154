/* The endpoint of a conversation: address and key, found as a run's are, and the settings that
 * requests go by, without a config of anybody's own. */
#ifndef JOB_CHAT_ENDPOINT_H
#define JOB_CHAT_ENDPOINT_H

#include <stdbool.h>

#include "job/prepare.h"
#include "job/quick_run.h"

/* It stays where it was opened: the preparation points into itself. */
struct chat_endpoint {
    struct quick_run files; /* the config that the preparation was made from: names alone */
    struct preparation preparation;
};

/* Where it is, as prepare_options have it: `api` (NULL: sncloud), `url`, `address` with `key`, and
 * `set`. False where anything is wrong, all of it in `faults`; nothing was sent. What is odd is in
 * the preparation's warnings. Responses end by themselves: ignore_eos is false. Close it either
 * way.
 */
bool chat_endpoint_open(struct chat_endpoint *endpoint, const struct prepare_options *where,
                        struct faults *faults);
void chat_endpoint_close(struct chat_endpoint *endpoint);

#endif
