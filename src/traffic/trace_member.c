#include "traffic/trace_member.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

bool trace_member_open(struct trace_member *member, const struct trace_asked *asked,
                       struct error *error)
{
    *member = (struct trace_member){.asked = *asked};
    member->trace = trace_open(asked->path, &asked->window, error);
    return member->trace != NULL;
}

static bool maps_here(const struct trace_asked *asked, const char *name)
{
    const char *model = trace_mapping_find(asked->mapping, asked->mappings, name);

    return model && strcmp(model, asked->model) == 0;
}

static bool is_own(struct trace_member *member, size_t model)
{
    if (model == TRACE_NO_MODEL)
        return maps_here(&member->asked, NULL);
    for (; member->known <= model; member->known++) {
        member->own = memory_grow(member->own, member->known, sizeof *member->own);
        member->own[member->known] =
            maps_here(&member->asked, trace_model(member->trace, member->known));
    }
    return member->own[model];
}

static bool is_too_long(const struct trace_member *member, const struct trace_request *request)
{
    return member->asked.context > 0 &&
           request->input_tokens + request->output_tokens > member->asked.context;
}

enum trace_read trace_member_next(struct trace_member *member, struct trace_request *request,
                                  struct error *error)
{
    enum trace_read read;

    while ((read = trace_next(member->trace, request, error)) == TRACE_REQUEST) {
        if (!is_own(member, request->model))
            continue;
        if (!is_too_long(member, request))
            break;
        member->too_long++;
    }
    return read;
}

void trace_member_close(struct trace_member *member)
{
    trace_close(member->trace);
    free(member->own);
    *member = (struct trace_member){0};
}
