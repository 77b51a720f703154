#include "stats/queue.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/followed.h"
#include "stats/quantile.h"

const char *const study_schedule_words[] = {"in_order", "grouped", NULL};

enum { NOBODY = -1, SETTLING = 2000, BLOCKS = 20 };

/* From this utilisation on the queue is taken to grow: what is closer to 1 has not settled in any
 * number of calls that can be followed. */
static const double full = 0.99;

/* --- Calls through a node --------------------------------------------------------------------- */

/* Calls that wait for one configuration, and when it last ran. */
struct line {
    long first, last; /* NOBODY: none wait */
    double used_s;
};

struct running {
    const struct queue_node *node;
    struct queue_call *call;
    size_t count, arrived; /* those before `arrived` wait or are done */
    struct line *line;
    long *behind; /* of each call, the next that waits for the same */
    struct followed memory;
    double now_s;
};

static struct running running_begin(const struct queue_node *node, struct queue_call *call,
                                    size_t count)
{
    struct running running = {.node = node,
                              .call = call,
                              .count = count,
                              .line = memory_new(node->configurations, sizeof *running.line),
                              .behind = memory_new(count, sizeof *running.behind),
                              .memory =
                                  followed_make(node->configurations, node->capacity, node->lru)};

    for (size_t i = 0; i < node->configurations; i++)
        running.line[i] = (struct line){NOBODY, NOBODY, 0};
    return running;
}

static void running_end(struct running *running)
{
    free(running->line);
    free(running->behind);
    followed_clear(&running->memory);
}

/* Lets in all that came by now. */
static void let_in(struct running *running)
{
    while (running->arrived < running->count &&
           running->call[running->arrived].at_s <= running->now_s) {
        long next = (long)running->arrived++;
        struct line *line = &running->line[running->call[next].configuration];

        running->behind[next] = NOBODY;
        if (line->first == NOBODY)
            line->first = next;
        else
            running->behind[line->last] = next;
        line->last = next;
    }
}

static bool is_there(const struct running *running, size_t configuration)
{
    return running->memory.weight[configuration] > 0 &&
           running->now_s - running->line[configuration].used_s <= running->node->expiry_s;
}

/* The configuration whose oldest call is the oldest; `there`: of those in memory alone. NOBODY
 * where none wait. */
static long oldest(const struct running *running, bool there)
{
    long found = NOBODY;

    for (size_t i = 0; i < running->node->configurations; i++) {
        long first = running->line[i].first;

        if (first != NOBODY && (!there || is_there(running, i)) &&
            (found == NOBODY || first < running->line[found].first))
            found = (long)i;
    }
    return found;
}

static long choose(const struct running *running)
{
    long found = NOBODY;

    if (running->node->schedule == SCHEDULE_GROUPED)
        found = oldest(running, true);
    return found == NOBODY ? oldest(running, false) : found;
}

/* Takes the oldest calls to a configuration, and runs them. */
static void run_batch(struct running *running, size_t configuration, size_t batch)
{
    const struct queue_configuration *loads = &running->node->configuration[configuration];
    struct line *line = &running->line[configuration];
    bool expired = running->memory.weight[configuration] > 0 && !is_there(running, configuration);
    bool pays = followed_visit(&running->memory, configuration, loads->weight) || expired;
    double service_s = 0, switch_s = pays ? loads->switch_s : 0;

    for (size_t i = 0; i < loads->batch_most && line->first != NOBODY; i++) {
        struct queue_call *call = &running->call[line->first];

        call->begin_s = running->now_s;
        call->pays = pays;
        call->switch_s = switch_s;
        call->batch = batch;
        service_s = fmax(service_s, call->service_s);
        line->first = running->behind[line->first];
    }
    running->now_s += switch_s + service_s;
    line->used_s = running->now_s;
}

size_t queue_run(const struct queue_node *node, struct queue_call *call, size_t count)
{
    struct running running = running_begin(node, call, count);
    size_t batches = 0;
    long next;

    for (;;) {
        let_in(&running);
        next = choose(&running);
        if (next != NOBODY)
            run_batch(&running, (size_t)next, batches++);
        else if (running.arrived < count)
            running.now_s = call[running.arrived].at_s;
        else
            break;
    }
    running_end(&running);
    return batches;
}

/* --- Calls that are drawn --------------------------------------------------------------------- */

static double draw_service_s(const struct queue_load *load, double mean_s, struct random *random)
{
    double variance; /* of its logarithm */

    if (!(load->spread > 0))
        return mean_s;
    variance = log1p(load->spread * load->spread);
    return mean_s * exp(sqrt(variance) * random_normal(random) - variance / 2);
}

static const struct queue_member *draw_member(const struct queue_load *load, double all,
                                              struct random *random)
{
    double at = random_unit(random) * all;
    size_t i = 0;

    while (i + 1 < load->members && at >= load->member[i].share)
        at -= load->member[i++].share;
    return &load->member[i];
}

static struct queue_call *draw_calls(const struct queue_load *load, size_t count)
{
    const uint64_t key[] = {0x7175657565, load->seed};
    struct queue_call *call = memory_new(count, sizeof *call);
    const struct queue_member *member = NULL;
    struct random random;
    double at_s = 0, all = 0;

    random_init(&random, key, 2);
    for (size_t i = 0; i < load->members; i++)
        all += load->member[i].share;
    for (size_t i = 0; i < count; i++) {
        if (!member || random_unit(&random) * load->in_a_row < 1)
            member = draw_member(load, all, &random);
        at_s += random_exponential(&random) / load->rate;
        call[i] = (struct queue_call){.at_s = at_s,
                                      .service_s = draw_service_s(load, member->service_s, &random),
                                      .configuration = member->configuration,
                                      .member = (size_t)(member - load->member)};
    }
    return call;
}

/* What the node does from call `from` on: the time that batches take, each once. */
static void add_busy(const struct queue_call *call, size_t from, size_t count, size_t batches,
                     struct study_queue *queue)
{
    double *service_s = memory_new(batches, sizeof *service_s);
    double *switch_s = memory_new(batches, sizeof *switch_s);
    double span_s = call[count - 1].at_s - call[from].at_s, used_s = 0, switching_s = 0;

    for (size_t i = from; i < count; i++) {
        size_t batch = call[i].batch;

        service_s[batch] = fmax(service_s[batch], call[i].service_s);
        switch_s[batch] = call[i].switch_s;
    }
    for (size_t i = 0; i < batches; i++) {
        used_s += service_s[i] + switch_s[i];
        switching_s += switch_s[i];
    }
    queue->utilisation = used_s / span_s;
    queue->time_share = switching_s / span_s;
    free(service_s);
    free(switch_s);
}

static double waited_s(const struct queue_call *call)
{
    return call->begin_s + call->switch_s - call->at_s;
}

/* How much longer each call waits than on a node that holds everything, by blocks: neighbours share
 * what they wait for. */
static void add_waits(const struct queue_call *call, const struct queue_call *ideal, size_t count,
                      struct study_queue *queue)
{
    double block[BLOCKS] = {0}, wait_s = 0;
    size_t length = count / BLOCKS;

    for (size_t i = 0; i < length * BLOCKS; i++) {
        block[i / length] += (waited_s(&call[i]) - waited_s(&ideal[i])) / (double)length;
        wait_s += (call[i].begin_s - call[i].at_s) / (double)(length * BLOCKS);
    }
    queue->wait_s = queue->stable ? wait_s : NAN;
    queue->switch_wait_s = queue->stable ? quantile_mean(block, BLOCKS) : NAN;
    queue->switch_wait_error_s =
        queue->stable ? quantile_stddev(block, BLOCKS) / sqrt((double)BLOCKS) : NAN;
}

static void add_paid(const struct queue_call *call, size_t count, struct study_queue *queue)
{
    for (size_t i = 0; i < count; i++) {
        queue->paid_share += call[i].pays / (double)count;
        queue->switch_s += call[i].switch_s / (double)count;
    }
}

/* A batch's switch is its calls' in equal parts. */
static void add_parts(const struct queue_call *call, size_t from, size_t count, size_t batches,
                      size_t members, struct queue_part *part)
{
    size_t *together = memory_new(batches, sizeof *together);
    double *calls = memory_new(members, sizeof *calls);
    double span_s = call[count - 1].at_s - call[from].at_s;

    for (size_t m = 0; m < members; m++)
        part[m] = (struct queue_part){0};
    for (size_t i = from; i < count; i++)
        together[call[i].batch]++;
    for (size_t i = from; i < count; i++) {
        struct queue_part *into = &part[call[i].member];

        calls[call[i].member]++;
        into->paid_share += call[i].pays;
        into->switch_s += call[i].switch_s;
        into->time_share += call[i].switch_s / (double)together[call[i].batch] / span_s;
    }
    for (size_t m = 0; m < members; m++) {
        part[m].paid_share /= calls[m];
        part[m].switch_s /= calls[m];
    }
    free(together);
    free(calls);
}

/* The same calls where nothing has to be loaded. */
static struct queue_call *run_ideal(const struct queue_node *node, const struct queue_load *load,
                                    size_t count)
{
    struct queue_call *call = draw_calls(load, count);
    struct queue_configuration *resident = memory_new(node->configurations, sizeof *resident);
    struct queue_node ideal = {.configuration = resident,
                               .configurations = node->configurations,
                               .capacity = INFINITY,
                               .expiry_s = INFINITY};

    for (size_t i = 0; i < node->configurations; i++)
        resident[i] = (struct queue_configuration){.weight = 1,
                                                   .batch_most = node->configuration[i].batch_most};
    queue_run(&ideal, call, count);
    free(resident);
    return call;
}

struct study_queue queue_predict(const struct queue_node *node, const struct queue_load *load,
                                 struct queue_part *part)
{
    size_t count = load->calls + SETTLING, batches;
    struct queue_call *call = draw_calls(load, count), *ideal = run_ideal(node, load, count);
    struct study_queue queue = {.calls = load->calls};

    batches = queue_run(node, call, count);
    add_busy(call, SETTLING, count, batches, &queue);
    queue.stable = queue.utilisation < full;
    add_paid(&call[SETTLING], load->calls, &queue);
    add_waits(&call[SETTLING], &ideal[SETTLING], load->calls, &queue);
    if (part)
        add_parts(call, SETTLING, count, batches, load->members, part);
    free(call);
    free(ideal);
    return queue;
}
