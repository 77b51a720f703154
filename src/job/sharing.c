#include "job/sharing.h"

#include <stdlib.h>

#include "core/memory.h"

/* How many of the visit's requests each member sends, known before it begins. */
static void count_requests(struct sharing *sharing, int64_t requests)
{
    size_t *own = memory_new(sharing->members, sizeof *own);

    places_count(&sharing->places, (size_t)requests, own);
    for (size_t i = 0; i < sharing->members; i++)
        sharing->row[i].num_requests = (int64_t)own[i];
    free(own);
}

void sharing_begin(struct sharing *sharing, struct step_job *job, size_t members,
                   const struct portion *portion)
{
    const struct row *first = job->row;
    double *share;

    *sharing = (struct sharing){.shares = first->share > 0, .members = members};
    if (!sharing->shares)
        return;
    share = memory_new(members, sizeof *share);
    sharing->row = memory_new(members, sizeof *sharing->row);
    for (size_t i = 0; i < members; i++) {
        share[i] = job[i].row->share;
        sharing->row[i] = row_copy(job[i].row);
        job[i].row = &sharing->row[i];
        job[i].places = &sharing->places;
        job[i].member = i;
    }
    places_init(&sharing->places, (size_t)sharing->row[0].concurrent_requests, portion, share,
                members, (size_t)sharing->row[0].mix_requests,
                (uint64_t)job->preparation->settings.seed, job->index);
    free(share);
    if (sharing->row[0].mix_requests > 0)
        count_requests(sharing, sharing->row[0].mix_requests);
}

void sharing_clear(struct sharing *sharing)
{
    if (!sharing->shares)
        return;
    places_clear(&sharing->places);
    for (size_t i = 0; i < sharing->members; i++)
        row_clear(&sharing->row[i]);
    free(sharing->row);
    *sharing = (struct sharing){0};
}
