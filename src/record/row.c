#include "record/row.h"

#include <stdlib.h>

#include "core/memory.h"

const char *const row_distribution_names[] = {"constant", "uniform", "exponential", NULL};
const char *const row_image_names[] = {"", "small", "medium", "large", NULL};

void row_clear(struct row *row)
{
    free(row->model_name);
    free(row->dataset);
    *row = (struct row){0};
}

struct row row_copy(const struct row *row)
{
    struct row copy = *row;

    copy.model_name = memory_text(row->model_name);
    copy.dataset = row->dataset ? memory_text(row->dataset) : NULL;
    return copy;
}
