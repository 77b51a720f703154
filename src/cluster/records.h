/* Records of requests as messages: packed by the rank that sent them, on rank 0's clock, with how
 * uncertain that makes them, and unpacked there. */
#ifndef CLUSTER_RECORDS_H
#define CLUSTER_RECORDS_H

#include <stdbool.h>

#include "cluster/pack.h"
#include "cluster/track.h"
#include "record/request.h"

/* Adds a record and its texts (NULL: they are not kept). Its moments are turned into rank 0's
 * clock; chunks and moments keep their distances, so that a duration is the rank's own. */
void records_pack(const struct request *request, const struct request_texts *texts,
                  const struct track *track, struct text *bytes);

/* A record that was unpacked, with room of its own for what it points to; zeroed, and used again.
 */
struct record {
    struct request request;
    struct request_texts texts;
    bool has_texts;
    struct text name, version, prompt, completion;
};

/* Fills the record from the next that was packed. False where the message is not whole. The name
 * (asked.name), the version and the texts stand until the next call. */
bool records_unpack(struct unpacking *unpacking, struct record *record);

void record_clear(struct record *record);

#endif
