/* Beside the loads: what the other ranks tell is taken in, and they are told when to end. */
#include <stdlib.h>
#include <string.h>

#include "cluster/sync.h"
#include "core/clock.h"
#include "job/interrupt.h"
#include "job/leading_parts.h"

/* How long a message is waited for, before it is looked at what else is to be done. */
static const int64_t look_ns = CLOCK_NS_PER_S / 50;

/* --- What the others are told ----------------------------------------------------------------- */

/* What the user asked for; or all ends, since a record cannot be kept. */
static void tell_stop(struct leading *leading)
{
    bool gives_up = leading->failed;
    int stop;

    pthread_mutex_lock(&leading->lock);
    for (const struct led_step *step = leading->step; step; step = step->next)
        gives_up |= atomic_load(&step->unkept);
    pthread_mutex_unlock(&leading->lock);
    stop = gives_up ? 2 : atomic_load(&interrupt_asked);
    if (stop > leading->told_stop) {
        leading->told_stop = stop;
        leading_tell_all(leading, RANKS_STOP, stop);
    }
}

/* A step of which enough was sent; NULL: the others know of all. */
static const struct step_job *find_enough(struct leading *leading)
{
    const struct step_job *found = NULL;

    pthread_mutex_lock(&leading->lock);
    for (struct led_step *step = leading->step; step && !found; step = step->next) {
        if (step->told_enough || !atomic_load(&step->enough))
            continue;
        step->told_enough = true;
        found = step->sending->job;
    }
    pthread_mutex_unlock(&leading->lock);
    return found;
}

static void tell_ends(struct leading *leading)
{
    const struct step_job *job;

    tell_stop(leading);
    while ((job = find_enough(leading)))
        leading_tell_all(leading, RANKS_ENOUGH, (int64_t)job->index);
}

/* --- What comes of it ------------------------------------------------------------------------- */

/* Under the step's lock. */
static enum load_decision take(struct led_step *step, const struct request *request,
                               const struct request_texts *texts)
{
    enum load_decision decision = sending_take(step->sending, request, texts);

    if (decision == LOAD_GIVE_UP)
        atomic_store(&step->unkept, true);
    if (decision != LOAD_CONTINUE)
        atomic_store(&step->enough, true);
    if (request->clock_uncertainty_s > step->uncertainty_s)
        step->uncertainty_s = request->clock_uncertainty_s;
    return decision;
}

enum load_decision leading_take_own(struct led_step *step, const struct request *request,
                                    const struct request_texts *texts)
{
    struct request of_rank = *request;
    enum load_decision decision;

    of_rank.ranks = step->leading->cluster->ranks;
    pthread_mutex_lock(&step->taking);
    decision = take(step, &of_rank, texts);
    pthread_mutex_unlock(&step->taking);
    return decision;
}

/* Under the lock. NULL: it is not under way. */
static struct led_step *find_locked(const struct leading *leading, int64_t index)
{
    struct led_step *step = leading->step;

    while (step && (int64_t)step->sending->job->index != index)
        step = step->next;
    return step;
}

/* It stands until its end has been taken in. NULL: it is not under way. */
static struct led_step *find_step(struct leading *leading, int64_t index)
{
    struct led_step *step;

    pthread_mutex_lock(&leading->lock);
    step = find_locked(leading, index);
    pthread_mutex_unlock(&leading->lock);
    return step;
}

/* What is only a name here stands as long as the run. */
static void name_again(const struct prompter *prompter, struct request *request)
{
    static const char *const versions[] = {"1.0", "1.1", "2", NULL};
    const char *version = request->http_version;

    if (request->asked.name)
        request->asked.name =
            request->asked.text < prompter->texts ? prompter->text[request->asked.text].name : NULL;
    request->http_version = NULL;
    for (size_t i = 0; version && versions[i]; i++) {
        if (strcmp(versions[i], version) == 0)
            request->http_version = versions[i];
    }
}

static void take_record(struct led_step *step, size_t from, struct record *record)
{
    struct request *request = &record->request;

    name_again(step->sending->prompter, request);
    request->wall_at_ns = clock_wall_ns() - clock_monotonic_ns();
    request->rank = from;
    request->ranks = step->leading->cluster->ranks;
    if (request->end == REQUEST_COMPLETED)
        prompter_learn(step->sending->prompter, request);
    pthread_mutex_lock(&step->taking);
    if (!atomic_load(&step->unkept))
        take(step, request, record->has_texts ? &record->texts : NULL);
    pthread_mutex_unlock(&step->taking);
}

static void take_records(struct leading *leading, const struct cluster_message *message,
                         struct record *record)
{
    struct unpacking unpacking = unpack(&message->bytes);
    bool whole = true;
    struct error error;

    while (unpacking.left > 0 && whole) {
        struct led_step *step = find_step(leading, unpack_number(&unpacking));

        whole = records_unpack(&unpacking, record) && step;
        if (whole)
            take_record(step, message->from, record);
    }
    if (!whole) {
        error_set(&error, "records of rank %zu did not come whole", message->from);
        leading_fail(leading, &error);
    }
    pthread_mutex_lock(&leading->lock);
    leading->rank[message->from].batches++;
    pthread_mutex_unlock(&leading->lock);
}

static void take_ready(struct leading *leading, struct unpacking *unpacking)
{
    size_t visit = (size_t)unpack_number(unpacking);

    pthread_mutex_lock(&leading->lock);
    if (visit < leading->steps)
        leading->ready[visit]++;
    pthread_mutex_unlock(&leading->lock);
}

/* It is for a display alone: of a step that is not under way nothing is shown. */
static void take_progress(struct leading *leading, size_t from, struct unpacking *unpacking)
{
    int64_t index = unpack_number(unpacking);
    struct load_progress now = {0};
    struct led_step *step;

    ranks_unpack_progress(unpacking, &now);
    pthread_mutex_lock(&leading->lock);
    step = find_locked(leading, index);
    if (step)
        step->so_far.of[from] = now;
    pthread_mutex_unlock(&leading->lock);
}

static bool take_end(struct leading *leading, size_t from, struct unpacking *unpacking,
                     struct error *error)
{
    struct led_step *step = find_step(leading, unpack_number(unpacking));
    struct led_end end = {.ended = true, .sent = unpack_number(unpacking)};
    char *why = ranks_unpack_text(unpacking);
    bool whole;

    ranks_unpack_result(unpacking, &end.result, &end.wait_ns);
    whole = unpack_done(unpacking) && step;
    if (!whole)
        error_set(error, "what rank %zu tells of its load did not come whole", from);
    else if (*why)
        error_set(error, "rank %zu (%s): %.900s", from, leading->rank[from].host, why);
    pthread_mutex_lock(&leading->lock);
    if (whole) {
        step->end[from] = end;
        step->so_far.of[from].in_flight = 0;
    }
    leading->broken |= !whole;
    pthread_mutex_unlock(&leading->lock);
    whole = whole && !*why;
    free(why);
    return whole;
}

static void take_word(struct leading *leading, const struct cluster_message *message)
{
    struct unpacking unpacking = unpack(&message->bytes);
    int64_t word = unpack_number(&unpacking);
    struct error error;

    if (word == RANKS_READY)
        take_ready(leading, &unpacking);
    else if (word == RANKS_SO_FAR)
        take_progress(leading, message->from, &unpacking);
    else if (word == RANKS_ENDED && !take_end(leading, message->from, &unpacking, &error))
        leading_fail(leading, &error);
}

/* Whoever waits for what it tells is woken. */
static void take_message(struct leading *leading, const struct cluster_message *message,
                         struct record *record)
{
    struct error error;

    if (message->tag == CLUSTER_RECORDS)
        take_records(leading, message, record);
    else if (message->tag == CLUSTER_CONTROL)
        take_word(leading, message);
    else if (!sync_answer(leading->cluster, message, &error))
        leading_fail(leading, &error);
    if (message->tag == CLUSTER_CLOCK)
        return;
    pthread_mutex_lock(&leading->lock);
    pthread_cond_broadcast(&leading->changed);
    pthread_mutex_unlock(&leading->lock);
}

/* --- The thread ------------------------------------------------------------------------------- */

/* Until a step is under way; false: none will be. */
static bool await_step(struct leading *leading)
{
    bool goes_on;

    pthread_mutex_lock(&leading->lock);
    while (!leading->step && !leading->closing && !leading->broken)
        pthread_cond_wait(&leading->changed, &leading->lock);
    goes_on = !leading->closing && !leading->broken;
    pthread_mutex_unlock(&leading->lock);
    return goes_on;
}

static void note_broken(struct leading *leading, const struct error *error)
{
    pthread_mutex_lock(&leading->lock);
    leading->broken = true;
    pthread_mutex_unlock(&leading->lock);
    leading_fail(leading, error);
}

void *leading_attend(void *context)
{
    struct leading *leading = context;
    struct cluster_message message = {0};
    struct record record = {0};
    enum cluster_came came = CLUSTER_CAME;
    struct error error;

    while (came != CLUSTER_BROKEN && await_step(leading)) {
        int64_t until_ns = cluster_now_ns(leading->cluster) + look_ns;

        came = cluster_receive(leading->cluster, CLUSTER_CLOCK | CLUSTER_CONTROL | CLUSTER_RECORDS,
                               until_ns, &message, &error);
        if (came == CLUSTER_CAME)
            take_message(leading, &message, &record);
        tell_ends(leading);
    }
    if (came == CLUSTER_BROKEN)
        note_broken(leading, &error);
    record_clear(&record);
    cluster_message_clear(&message);
    return NULL;
}
