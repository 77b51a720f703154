#include "job/chat_memory.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "stats/quantile.h"

struct past_response {
    double ttft_s, tokens; /* tokens NAN: not known */
};

struct known_model {
    char *name;
    struct past_response reference[CHAT_REFERENCES]; /* a ring */
    size_t references;
    struct past_response
        waiting; /* the last response after another model, while nothing tells its cost */
    bool waits;
};

struct chat_memory {
    pthread_mutex_t lock;
    char *endpoint;
    struct known_model *model;
    size_t models;
    size_t last;    /* the model that was asked last, plus 1; 0: nobody knows */
    uint64_t begun; /* requests so far … */
    size_t under_way;
    uint64_t forgotten; /* requests that had begun when all was forgotten */
};

struct chat_memory *chat_memory_new(void)
{
    struct chat_memory *memory = memory_new(1, sizeof *memory);

    pthread_mutex_init(&memory->lock, NULL);
    return memory;
}

static void forget(struct chat_memory *memory)
{
    for (size_t i = 0; i < memory->models; i++)
        free(memory->model[i].name);
    free(memory->model);
    free(memory->endpoint);
    memory->model = NULL;
    memory->endpoint = NULL;
    memory->models = memory->last = 0;
    memory->forgotten = memory->begun;
}

void chat_memory_free(struct chat_memory *memory)
{
    if (!memory)
        return;
    forget(memory);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static size_t find_model(struct chat_memory *memory, const char *name)
{
    for (size_t i = 0; i < memory->models; i++) {
        if (strcmp(memory->model[i].name, name) == 0)
            return i;
    }
    memory->model = memory_grow(memory->model, memory->models, sizeof *memory->model);
    memory->model[memory->models] = (struct known_model){.name = memory_text(name)};
    return memory->models++;
}

struct chat_visit chat_memory_begin(struct chat_memory *memory, const char *endpoint,
                                    const char *model)
{
    struct chat_visit visit;

    pthread_mutex_lock(&memory->lock);
    if (!memory->endpoint || strcmp(memory->endpoint, endpoint) != 0) {
        forget(memory);
        memory->endpoint = memory_text(endpoint);
    }
    visit = (struct chat_visit){.model = find_model(memory, model), .known = memory->last > 0};
    visit.after_another = visit.known && memory->last != visit.model + 1;
    visit.alone = memory->under_way == 0;
    visit.begun = ++memory->begun;
    memory->under_way++;
    memory->last = 0; /* until it ends */
    pthread_mutex_unlock(&memory->lock);
    return visit;
}

static bool are_alike(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return fabs(a - b) <= CHAT_ALIKE_TOKENS || (a <= 2 * b && b <= 2 * a);
}

/* What that response, the first after another model, took beyond the model's other ones. */
static struct chat_switch compare(const struct known_model *model,
                                  const struct past_response *first)
{
    size_t most = model->references < CHAT_REFERENCES ? model->references : CHAT_REFERENCES;
    double ttft_s[CHAT_REFERENCES];
    struct chat_switch found = {0};

    for (size_t i = 0; i < most; i++) {
        if (are_alike(model->reference[i].tokens, first->tokens))
            ttft_s[found.against++] = model->reference[i].ttft_s;
    }
    if (found.against == 0)
        return found;
    quantile_sort(ttft_s, found.against);
    found.known = true;
    found.extra_s = first->ttft_s - quantile_of_sorted(ttft_s, found.against, 0.5);
    return found;
}

static struct chat_switch take_first(struct known_model *model, const struct past_response *first)
{
    struct chat_switch found = compare(model, first);

    model->waits = !found.known;
    model->waiting = *first;
    return found;
}

static struct chat_switch take_other(struct known_model *model, const struct past_response *other)
{
    struct chat_switch found = {0};

    model->reference[model->references++ % CHAT_REFERENCES] = *other;
    if (!model->waits)
        return found;
    found = compare(model, &model->waiting);
    found.earlier = found.known;
    model->waits = !found.known;
    return found;
}

struct chat_switch chat_memory_end(struct chat_memory *memory, const struct chat_visit *visit,
                                   bool responded, double ttft_s, double tokens)
{
    const struct past_response response = {ttft_s, tokens};
    struct chat_switch found = {0};

    pthread_mutex_lock(&memory->lock);
    memory->under_way--;
    if (visit->begun > memory->forgotten) {
        struct known_model *model = &memory->model[visit->model];
        bool alone = visit->alone && visit->begun == memory->begun;

        if (alone && responded)
            memory->last = visit->model + 1;
        if (alone && visit->known && !isnan(ttft_s))
            found =
                visit->after_another ? take_first(model, &response) : take_other(model, &response);
    }
    pthread_mutex_unlock(&memory->lock);
    return found;
}
