/* The places that the members of a mix share, in closed loop with the column share. */
#ifndef JOB_SHARING_H
#define JOB_SHARING_H

#include <stdbool.h>
#include <stddef.h>

#include "job/step.h"
#include "load/places.h"

struct sharing {
    bool shares;
    struct places places;
    struct row *row; /* each member's, with as many requests as are drawn for it; owned */
    size_t members;
};

/* Where the members have shares, gives each job the places and a row with its part of the visit's
 * requests, of which `portion` is sent here; else it does nothing. `sharing` must stand as long as
 * the jobs. */
void sharing_begin(struct sharing *sharing, struct step_job *job, size_t members,
                   const struct portion *portion);

void sharing_clear(struct sharing *sharing);

#endif
