#include "record/row.h"

#include <stdlib.h>
#include <string.h>

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

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

int row_compare(const struct row *a, const struct row *b)
{
    int order = strcmp(a->model_name, b->model_name);

    order = order ? order : compare_numbers((double)a->input_tokens, (double)b->input_tokens);
    order = order ? order : compare_numbers((double)a->output_tokens, (double)b->output_tokens);
    order = order ? order : strcmp(a->dataset ? a->dataset : "", b->dataset ? b->dataset : "");
    order = order ? order : compare_numbers(a->stddev_input_tokens, b->stddev_input_tokens);
    order = order ? order : compare_numbers(a->stddev_output_tokens, b->stddev_output_tokens);
    order = order ? order : compare_numbers((double)a->num_requests, (double)b->num_requests);
    order = order ? order
                  : compare_numbers((double)a->concurrent_requests, (double)b->concurrent_requests);
    order = order ? order : compare_numbers(a->qps, b->qps);
    order = order ? order : (int)a->qps_distribution - (int)b->qps_distribution;
    return order ? order : (int)a->multimodal_img_size - (int)b->multimodal_img_size;
}
