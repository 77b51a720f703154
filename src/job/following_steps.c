/* The steps that a rank sends its portion of: each load in a thread of its own, while the first
 * thread speaks with rank 0. */
#include <stdlib.h>
#include <string.h>

#include "cluster/records.h"
#include "core/clock.h"
#include "core/given.h"
#include "core/memory.h"
#include "core/thread.h"
#include "job/following_parts.h"
#include "job/interrupt.h"
#include "job/load_of.h"
#include "job/prompter_trace.h"

/* Records that wait for rank 0: a batch leaves at each look; past so many bytes the load waits. */
enum { WAITING_MOST = 64 << 20 };

/* --- Records ---------------------------------------------------------------------------------- */

/* Under the lock: rank 0 is behind. */
static void wait_for_room(struct followed *step)
{
    struct following *following = step->following;
    int64_t begun_ns = clock_monotonic_ns();

    while (following->waiting.length > WAITING_MOST && !following->failed)
        pthread_cond_wait(&following->changed, &following->lock);
    step->wait_ns += clock_monotonic_ns() - begun_ns;
}

static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct followed *step = context;
    struct following *following = step->following;

    pthread_mutex_lock(&following->lock);
    if (following->waiting.length > WAITING_MOST)
        wait_for_room(step);
    pack_number(&following->waiting, (int64_t)step->job->index);
    records_pack(request, texts, &following->track, &following->waiting);
    pthread_mutex_unlock(&following->lock);
    return following->failed ? LOAD_GIVE_UP : LOAD_CONTINUE;
}

bool following_send_records(struct following *following, struct error *error)
{
    struct text batch;
    bool done = true;

    pthread_mutex_lock(&following->lock);
    batch = following->waiting;
    following->waiting = (struct text){0};
    pthread_cond_broadcast(&following->changed);
    pthread_mutex_unlock(&following->lock);
    if (batch.length > 0) {
        following->batches++;
        done = cluster_send(following->cluster, 0, CLUSTER_RECORDS, &batch, error);
    }
    text_clear(&batch);
    return done;
}

/* --- A load ----------------------------------------------------------------------------------- */

static void compose(void *context, struct composed *composed)
{
    prompter_compose(&((struct followed *)context)->prompter, composed);
}

static void compose_turn(void *context, struct composed *composed, const char *response)
{
    prompter_compose_turn(&((struct followed *)context)->prompter, composed, response);
}

static void fit(void *context, struct composed *composed)
{
    prompter_fit(&((struct followed *)context)->prompter, composed);
}

static void learn(void *context, const struct request *request)
{
    if (request->end == REQUEST_COMPLETED)
        prompter_learn(&((struct followed *)context)->prompter, request);
}

/* About ten times a second; the first thread tells rank 0. */
static void on_progress(void *context, const struct load_progress *now)
{
    struct followed *step = context;

    pthread_mutex_lock(&step->following->lock);
    step->now = *now;
    step->moved = true;
    pthread_mutex_unlock(&step->following->lock);
}

static struct portion portion_here(const struct following *following, const struct row *row)
{
    return portion_of_row(row, following->cluster->rank, following->cluster->ranks);
}

static bool run_load(struct followed *step, struct error *error)
{
    const struct step_job *job = step->job;
    struct load load =
        load_of(job->preparation, job->row, &step->prompter, job->index, step->timeout_s);

    load.portion = portion_here(step->following, job->row);
    load.preconnect = step->preconnect && portion_next(&load.portion, 0) != SIZE_MAX;
    load.places = job->places;
    load.member = job->member;
    load.start = &step->visit->start;
    load.enough = &step->enough;
    load.context = step;
    load.compose = compose;
    load.compose_turn = row_has_sessions(job->row) ? compose_turn : NULL;
    load.fit = fit;
    load.learn = learn;
    load.on_request_done = on_request_done;
    load.on_progress = on_progress;
    return load_run(&load, &step->result, error) && prompter_trace_conclude(&step->prompter, error);
}

/* Where it cannot begin, the others of its visit cannot either. */
static void end_failed(struct followed *step, const struct error *error)
{
    struct followed_visit *visit = step->visit;

    pthread_mutex_lock(&step->following->lock);
    if (!visit->failed)
        visit->why = *error;
    visit->failed = true;
    pthread_mutex_unlock(&step->following->lock);
    load_start_abandon(&visit->start);
    atomic_store(&step->ended, true);
}

/* A thread. */
static void *send_step(void *context)
{
    struct followed *step = context;
    struct error error;

    step->done = prompter_settle(&step->prompter, &error) && run_load(step, &error);
    if (!step->done)
        end_failed(step, &error);
    atomic_store(&step->ended, true);
    return NULL;
}

/* --- The start -------------------------------------------------------------------------------- */

static bool tell_ready(struct followed_visit *visit)
{
    struct following *following = visit->following;
    struct text bytes = {0};
    struct error error;
    bool done;

    pack_number(&bytes, RANKS_READY);
    pack_number(&bytes, (int64_t)visit->first);
    done = ranks_tell(following->cluster, 0, &bytes, &error);
    text_clear(&bytes);
    if (!done)
        following_fail(following, &error);
    return done;
}

/* All members of a visit are ready: rank 0 says when it begins. */
static bool agree(void *context, int64_t *start_ns)
{
    struct followed_visit *visit = context;
    struct following *following = visit->following;
    bool begun;

    if (!tell_ready(visit))
        return false;
    pthread_mutex_lock(&following->lock);
    while (!visit->begun && !visit->abandoned && !following->failed)
        pthread_cond_wait(&following->changed, &following->lock);
    begun = visit->begun;
    *start_ns = visit->own_ns;
    pthread_mutex_unlock(&following->lock);
    return begun;
}

/* Of the list, which the first thread alone reads and changes. */
static struct followed_visit *find_visit(const struct following *following, size_t first)
{
    struct followed_visit *visit = following->visit;

    while (visit && visit->first != first)
        visit = visit->next;
    return visit;
}

void following_start(struct following *following, size_t first, const struct sync_start *start)
{
    struct followed_visit *visit = find_visit(following, first);

    pthread_mutex_lock(&following->lock);
    if (visit) {
        visit->own_ns = start->own_ns;
        visit->off_ns = start->uncertainty_ns;
        visit->begun = true;
    }
    pthread_cond_broadcast(&following->changed);
    pthread_mutex_unlock(&following->lock);
}

static void abandon(struct followed_visit *visit)
{
    pthread_mutex_lock(&visit->following->lock);
    visit->abandoned = true;
    pthread_cond_broadcast(&visit->following->changed);
    pthread_mutex_unlock(&visit->following->lock);
    load_start_abandon(&visit->start);
}

void following_abandon(struct following *following, size_t first)
{
    struct followed_visit *visit = find_visit(following, first);

    if (visit)
        abandon(visit);
}

/* --- A visit ---------------------------------------------------------------------------------- */

static struct followed_visit *new_visit(struct following *following, size_t first)
{
    const struct preparation *preparation = &following->preparation;
    const struct order *order = &preparation->order;
    struct followed_visit *visit = memory_new(1, sizeof *visit);
    struct portion portion;

    visit->following = following;
    visit->first = first;
    visit->members = order_visit_end(order, first) - first;
    visit->job = memory_new(visit->members, sizeof *visit->job);
    visit->step = memory_new(visit->members, sizeof *visit->step);
    for (size_t i = 0; i < visit->members; i++)
        visit->job[i] =
            (struct step_job){.preparation = preparation,
                              .row = &preparation->rows.row[order->visit[first + i].row],
                              .index = first + i,
                              .member = i,
                              .predecessor = -1};
    load_start_init(&visit->start, visit->members);
    visit->start.agree = agree;
    visit->start.context = visit;
    portion = portion_here(following, visit->job->row);
    sharing_begin(&visit->sharing, visit->job, visit->members, &portion);
    visit->next = following->visit;
    following->visit = visit;
    return visit;
}

static struct followed *find_step(const struct following *following, size_t index)
{
    const struct order *order = &following->preparation.order;
    struct followed_visit *visit;

    if (index >= order->count)
        return NULL;
    visit = find_visit(following, index - order->visit[index].member);
    return visit ? &visit->step[order->visit[index].member] : NULL;
}

void following_enough(struct following *following, size_t index)
{
    struct followed *step = find_step(following, index);

    if (step)
        atomic_store(&step->enough, true);
}

static void end_step(struct followed *step)
{
    if (step->started)
        pthread_join(step->thread, NULL);
    step->started = false;
    prompter_clear(&step->prompter);
}

static void take_out(struct following *following, struct followed_visit *visit)
{
    struct followed_visit **at = &following->visit;

    while (*at != visit)
        at = &(*at)->next;
    *at = visit->next;
    for (size_t i = 0; i < visit->members; i++)
        end_step(&visit->step[i]);
    sharing_clear(&visit->sharing);
    load_start_clear(&visit->start);
    free(visit->step);
    free(visit->job);
    free(visit);
}

void following_end_all(struct following *following)
{
    atomic_store(&interrupt_asked, 2);
    for (struct followed_visit *visit = following->visit; visit; visit = visit->next)
        abandon(visit);
    while (following->visit)
        take_out(following, following->visit);
}

/* --- A step ----------------------------------------------------------------------------------- */

/* What rank 0 knows of how models count by now. */
static bool take_learned(struct following *following, struct unpacking *unpacking,
                         struct error *error)
{
    char *path = ranks_unpack_text(unpacking);
    size_t length;
    const char *content = unpack_bytes(unpacking, &length);
    const struct text bytes = {.bytes = (char *)content, .length = length};
    bool done = true;

    if (*path && following->preparation.learned)
        done =
            given_add(path, &bytes, error) && learned_take(following->preparation.learned, error);
    free(path);
    return done;
}

/* … and what its tokenizer tells. */
static void take_expected(struct prompter *prompter, struct unpacking *unpacking)
{
    for (size_t i = 0; i < prompter->texts; i++) {
        struct counting counting;

        if (!unpack_number(unpacking))
            continue;
        ranks_unpack_counting(unpacking, &counting);
        prompter_expect(prompter, i, &counting);
    }
}

/* What rank 0 says of it. */
static bool take_step(struct followed *step, struct step_job *job, struct unpacking *unpacking,
                      struct error *error)
{
    bool done;
    size_t first;

    job->attempt = (size_t)unpack_number(unpacking);
    first = (size_t)unpack_number(unpacking);
    step->preconnect = unpack_number(unpacking);
    step->timeout_s = unpack_real(unpacking);
    done = take_learned(step->following, unpacking, error);
    prompter_init(&step->prompter, job, job->row, &step->fidelity);
    step->prompter.first = first;
    take_expected(&step->prompter, unpacking);
    return done && (unpack_done(unpacking) ||
                    error_set(error, "rank 0's word of a step did not come whole"));
}

bool following_begin(struct following *following, struct unpacking *unpacking, struct error *error)
{
    const struct order *order = &following->preparation.order;
    size_t index = (size_t)unpack_number(unpacking), member;
    struct followed_visit *visit;
    struct followed *step;
    struct error why;

    if (index >= order->count)
        return error_set(error, "rank 0 begins step %zu, which the plan does not have", index);
    member = order->visit[index].member;
    visit = find_visit(following, index - member);
    visit = visit ? visit : new_visit(following, index - member);
    step = &visit->step[member];
    *step = (struct followed){.following = following, .visit = visit, .job = &visit->job[member]};
    if (take_step(step, &visit->job[member], unpacking, &why)) {
        step->started = thread_start(&step->thread, "step", send_step, step);
        error_set(&why, "this machine starts no thread for each row");
    }
    if (!step->started)
        end_failed(step, &why);
    return true;
}

/* Whether rank 0 does not know how far its load is. */
static bool take_progress(struct followed *step, struct load_progress *now)
{
    struct following *following = step->following;
    bool moved;

    pthread_mutex_lock(&following->lock);
    moved = step->moved;
    *now = step->now;
    step->moved = false;
    pthread_mutex_unlock(&following->lock);
    return moved;
}

static bool tell_progress(struct followed *step, struct error *error)
{
    struct text bytes = {0};
    struct load_progress now;
    bool told;

    if (!step->started || step->told || !take_progress(step, &now))
        return true;
    pack_number(&bytes, RANKS_SO_FAR);
    pack_number(&bytes, (int64_t)step->job->index);
    ranks_pack_progress(&now, &bytes);
    told = ranks_tell(step->following->cluster, 0, &bytes, error);
    text_clear(&bytes);
    return told;
}

bool following_tell_progress(struct following *following, struct error *error)
{
    bool done = true;

    for (struct followed_visit *visit = following->visit; visit; visit = visit->next) {
        for (size_t i = 0; i < visit->members && done; i++)
            done = tell_progress(&visit->step[i], error);
    }
    return done;
}

static bool tell_end(struct followed *step, struct error *error)
{
    struct text bytes = {0};
    bool told;

    step->result.health.clock_uncertainty_s = (double)step->visit->off_ns / CLOCK_NS_PER_S;
    pack_number(&bytes, RANKS_ENDED);
    pack_number(&bytes, (int64_t)step->job->index);
    pack_number(&bytes, step->following->batches);
    pack_bytes(&bytes, step->visit->why.text, step->done ? 0 : strlen(step->visit->why.text));
    ranks_pack_result(&step->result, step->wait_ns, &bytes);
    told = ranks_tell(step->following->cluster, 0, &bytes, error);
    text_clear(&bytes);
    return told;
}

/* Those of a visit; `*left` are under way, or have not begun. */
static bool tell_ends_of(struct followed_visit *visit, size_t *left, struct error *error)
{
    bool done = true;

    *left = 0;
    for (size_t i = 0; i < visit->members && done; i++) {
        struct followed *step = &visit->step[i];

        if (!step->told && atomic_load(&step->ended)) {
            step->told = true;
            done = following_send_records(visit->following, error) && tell_end(step, error);
        }
        *left += !step->told;
    }
    return done;
}

bool following_tell_ends(struct following *following, struct error *error)
{
    struct followed_visit *visit = following->visit;
    bool done = true;

    while (visit && done) {
        struct followed_visit *next = visit->next;
        size_t left;

        done = tell_ends_of(visit, &left, error);
        if (done && left == 0)
            take_out(following, visit);
        visit = next;
    }
    return done;
}
