/* The lists that a response's object has of its chunks, one entry of each list for each chunk.
 * Inside this room. */
#ifndef STORE_RESPONSE_CHUNKS_H
#define STORE_RESPONSE_CHUNKS_H

#include "core/text.h"
#include "record/request.h"

/* Adds the kit's list: its first entry is the TTFT, the others the gaps between chunks, s. */
void response_chunks_add_gaps(const struct request *request, double ttft_s, struct text *json);

/* Adds the list of those entries that came in one read with the entry before. */
void response_chunks_add_coalesced(const struct request *request, struct text *json);

/* Adds the gaps that are not known exactly, as [entry, least, most], the latter in s: chunks that
 * came together, late, in an order that is all that is known of them. */
void response_chunks_add_bounds(const struct request *request, struct text *json);

/* Adds how many output tokens each chunk brought, by the server's counts; null where a count is
 * missing, and in place of the list where the server counted in no chunk. */
void response_chunks_add_tokens(const struct request *request, struct text *json);

/* Adds by whose clock they arrived: "kernel", "program" or "mixed"; null without chunks. */
void response_chunks_add_clock(const struct request *request, struct text *json);

#endif
