#include "job/calibrating.h"

#include <stdlib.h>

#include "core/memory.h"
#include "job/listing.h"
#include "job/prompter.h"

static bool is_there(const struct calibrating *calibrating, const char *name)
{
    for (size_t i = 0; i < calibrating->models; i++) {
        if (listed_models_same(calibrating->listed, calibrating->model[i]->model_name, name))
            return true;
    }
    return false;
}

static void add_model(struct calibrating *calibrating, const struct row *row)
{
    if (!is_there(calibrating, row->model_name))
        calibrating->model[calibrating->models++] = row;
}

void calibrating_init(struct calibrating *calibrating, const struct preparation *preparation)
{
    const struct rows *rows = &preparation->rows;
    const struct order *order = &preparation->order;

    *calibrating = (struct calibrating){
        .preparation = preparation,
        .listed = listing_models(preparation, NULL),
        .model = memory_new(rows->count, sizeof *calibrating->model),
    };
    if (order->count > 0)
        add_model(calibrating, &rows->row[order->visit[0].row]);
    for (size_t i = 0; i < rows->count; i++)
        add_model(calibrating, &rows->row[i]);
}

static bool keep(const struct counter *counter, const char *name, struct error *error)
{
    struct learned *learned = counter->preparation->learned;

    return learned_keep(learned, name, "", &counter->counting, error) &&
           (counter->with_prefix.samples == 0 ||
            learned_keep(learned, name, prompter_prefix_kind, &counter->with_prefix, error));
}

bool calibrating_keep(const struct calibrating *calibrating, const struct counter *counter,
                      struct error *error)
{
    const struct preparation *preparation = calibrating->preparation;

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const char *name = preparation->rows.row[i].model_name;

        if (rows_first_of_model(&preparation->rows, i) &&
            listed_models_same(calibrating->listed, name, counter->row->model_name) &&
            !keep(counter, name, error))
            return false;
    }
    return true;
}

void calibrating_clear(struct calibrating *calibrating)
{
    free(calibrating->model);
    *calibrating = (struct calibrating){0};
}
