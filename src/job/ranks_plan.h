/* The plan of a run that ranks share. Rank 0 has made it of its files, its command line and its
 * environment, and gives all of these to the others, which have none of them: each makes the plan
 * again, and the digests of both are compared. */
#ifndef JOB_RANKS_PLAN_H
#define JOB_RANKS_PLAN_H

#include "cluster/pack.h"
#include "job/prepare.h"

/* Packs what rank 0 has read (core/given.h), what its command line set, and the endpoint with its
 * key, which `bytes` holds then: it is the caller's to overwrite. False with a sentence. */
bool ranks_plan_pack(const struct preparation *preparation, struct text *bytes,
                     struct error *error);

/* Another rank: makes the plan of what was packed. The strings that the plan points to are kept in
 * `given`, which the caller frees behind it. False with a sentence. */
struct ranks_given {
    char *config, *address, *query, *key;
    char **set;
    size_t sets;
};
bool ranks_plan_make(struct unpacking *unpacking, struct ranks_given *given,
                     struct preparation *preparation, struct error *error);
void ranks_given_clear(struct ranks_given *given);

/* What the plan is, in SHA-256: its steps in order with all that their rows ask for, its seed, and
 * the files that prompts come from. */
void ranks_plan_digest(const struct preparation *preparation, char hex[65]);

#endif
