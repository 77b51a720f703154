/* One member's requests out of a trace: those whose model maps to the member's, and that its model
 * can take. Each member of a mix reads the file by itself, so that what stands in memory does not
 * grow with the file, however rare its requests are. */
#ifndef TRAFFIC_TRACE_MEMBER_H
#define TRAFFIC_TRACE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "traffic/trace.h"
#include "traffic/trace_models.h"

/* What is read; all of it must outlive the reading. */
struct trace_asked {
    const char *path;
    struct trace_window window;
    const struct trace_mapping *mapping;
    size_t mappings;
    const char *model; /* the member's; one of the mapping's */
    int64_t context;   /* input and output of a request together, at most; 0: any */
};

struct trace_member {
    struct trace_asked asked;
    struct trace *trace;
    bool *own; /* whether each of the trace's models known so far is the member's; owned */
    size_t known;
    size_t too_long; /* requests of the member that were passed over so far */
};

/* False with a sentence. Close it either way. */
bool trace_member_open(struct trace_member *member, const struct trace_asked *asked,
                       struct error *error);

/* The member's next request, as trace_next has it. */
enum trace_read trace_member_next(struct trace_member *member, struct trace_request *request,
                                  struct error *error);

/* A zeroed one is closed. */
void trace_member_close(struct trace_member *member);

#endif
