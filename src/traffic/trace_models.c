#include "traffic/trace_models.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static const char any[] = "*";

const char *trace_mapping_find(const struct trace_mapping *mapping, size_t mappings,
                               const char *name)
{
    const char *other = NULL;

    for (size_t i = 0; i < mappings; i++) {
        if (name && strcmp(mapping[i].name, name) == 0)
            return mapping[i].model;
        if (strcmp(mapping[i].name, any) == 0)
            other = mapping[i].model;
    }
    return other;
}

static size_t add(struct trace_members *members, const char *model, size_t requests)
{
    size_t i = 0;

    while (i < members->count && strcmp(members->model[i], model) != 0)
        i++;
    if (i == members->count)
        members->model[members->count++] = model;
    members->requests[i] += requests;
    return i;
}

bool trace_members_find(struct trace_members *members, const struct trace_mapping *mapping,
                        size_t mappings, const struct census *census, const char *path,
                        struct faults *faults)
{
    size_t before = faults->count;
    const char *unnamed = trace_mapping_find(mapping, mappings, NULL);

    *members = (struct trace_members){.model = memory_new(census->models + 1, sizeof(char *)),
                                      .requests = memory_new(census->models + 1, sizeof(size_t)),
                                      .of_name = memory_new(census->models + 1, sizeof(size_t)),
                                      .of_none = SIZE_MAX};
    if (census->models == 0 && unnamed)
        members->of_none = add(members, unnamed, census->requests);
    else if (census->models == 0)
        faults_add(faults, path, 0,
                   "the trace names no model; set trace_models: {\"*\": MODEL} in the config");
    for (size_t i = 0; i < census->models; i++) {
        const struct census_model *one = &census->model[i];
        const char *model = trace_mapping_find(mapping, mappings, one->name);

        if (model)
            members->of_name[i] = add(members, model, one->requests);
        else
            faults_add(faults, path, (int)one->first_line,
                       "the trace's model '%.60s' (%zu line%s) maps to nothing; name it in the "
                       "config's trace_models, or set \"*\" there for all others",
                       one->name, one->requests, one->requests == 1 ? "" : "s");
    }
    return faults->count == before;
}

void trace_members_clear(struct trace_members *members)
{
    free(members->model);
    free(members->requests);
    free(members->of_name);
    *members = (struct trace_members){0};
}
