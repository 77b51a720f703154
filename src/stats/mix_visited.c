#include "stats/mix_visited.h"

#include <math.h>
#include <string.h>

/* Batch sizes are not known by the client's clock, and single requests have none. */
static double size_of(const struct step *step, enum switch_source source)
{
    double size = step->measurement.batch_size;

    return source == SWITCH_SERVER && size >= 1 ? size : 1;
}

static bool asks_for_the_same(const struct step *step, const struct step *member)
{
    const struct row *row = &step->row, *asked = &member->row;

    if (row->mix || step->measurement.reason != SWITCH_MEASURABLE)
        return false;
    if (step->configuration && member->configuration &&
        strcmp(step->configuration, member->configuration) != 0)
        return false;
    return strcmp(row->model_name, asked->model_name) == 0 &&
           row->input_tokens == asked->input_tokens &&
           row->stddev_input_tokens == asked->stddev_input_tokens &&
           row->multimodal_img_size == asked->multimodal_img_size;
}

/* Two samples as one: the squares around the mean of both. */
static void pool(struct mix_steady *into, size_t count, double mean_log, double log_squares,
                 double size)
{
    double n = (double)into->requests, m = (double)count, apart = mean_log - into->mean_log;
    double squares = into->deviation * into->deviation * fmax(n - 1, 0);

    squares += log_squares + (n > 0 ? apart * apart * n * m / (n + m) : 0);
    into->mean_log = (n > 0 ? n * into->mean_log : 0) / (n + m) + m * mean_log / (n + m);
    into->requests += count;
    into->deviation = n + m > 1 ? sqrt(squares / (n + m - 1)) : 0;
    into->size = size;
}

void mix_visited_add(const struct step *step, size_t count, const struct step *member,
                     struct mix_visited *visited)
{
    for (size_t i = 0; i < count; i++) {
        for (int source = 0; source < SWITCH_SOURCES; source++) {
            const struct switch_side *side = &step[i].measurement.side[source];
            struct mix_steady *into = &visited->steady[source];
            double size = size_of(&step[i], (enum switch_source)source);

            if (side->steady < 2 || !asks_for_the_same(&step[i], member) ||
                (into->requests > 0 && into->size != size))
                continue;
            pool(into, side->steady, log(side->exposed_s) - side->log_ratio, side->log_squares,
                 size);
        }
    }
}
