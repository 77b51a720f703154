#include "job/mixing.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/spill.h"
#include "core/thread.h"
#include "job/leading.h"
#include "job/sharing.h"
#include "job/stepping.h"
#include "job/strike_shared.h"
#include "plan/loads.h"
#include "report/prior_study.h"
#include "stats/calls.h"
#include "stats/mix_visited.h"
#include "store/mix_file.h"
#include "store/results.h"

/* A member under way. */
struct member {
    struct mixing *mixing;
    struct stepping stepping;
    struct error error;
    pthread_t thread;
};

/* A visit under way. */
struct mixing {
    struct step_job *job;
    struct step *step;
    struct member *member;
    size_t members;
    struct load_start start;
    struct sharing sharing;
    pthread_mutex_t lock;
    bool failed;
    struct error *error;  /* of the member that failed first */
    char **configuration; /* names; a call's configuration is its place here */
    size_t configurations;
    struct call *call;
    size_t calls;
    struct mix_visited *visited; /* what is known of each member beforehand */
};

/* --- Sending together ------------------------------------------------------------------------- */

static void fail(struct mixing *mixing, const struct error *error)
{
    pthread_mutex_lock(&mixing->lock);
    if (!mixing->failed)
        *mixing->error = *error;
    mixing->failed = true;
    pthread_mutex_unlock(&mixing->lock);
}

static void *send_member(void *context)
{
    struct member *member = context;

    if (!stepping_send(&member->stepping)) {
        fail(member->mixing, &member->error);
        load_start_abandon(&member->mixing->start); /* the others would wait for it */
    }
    return NULL;
}

/* The first in this thread, which takes signals. */
static bool send_all(struct mixing *mixing)
{
    size_t started = 1;
    struct error error;

    while (started < mixing->members && thread_start(&mixing->member[started].thread, "member",
                                                     send_member, &mixing->member[started]))
        started++;
    if (started < mixing->members) {
        error_set(&error, "mix '%s': this machine starts no thread for each of its %zu rows",
                  mixing->job->row->mix, mixing->members);
        fail(mixing, &error);
        load_start_abandon(&mixing->start);
    }
    send_member(&mixing->member[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(mixing->member[i].thread, NULL);
    return !mixing->failed;
}

/* Once none of them sends any more. */
static bool count_all(struct mixing *mixing)
{
    bool done = true;

    for (size_t i = 0; i < mixing->members && done; i++) {
        done = stepping_count(&mixing->member[i].stepping);
        if (!done)
            *mixing->error = mixing->member[i].error;
    }
    return done;
}

/* In the journal, and on the screen. */
static bool begin_all(struct mixing *mixing)
{
    bool done = true;

    for (size_t i = 0; i < mixing->members && done; i++) {
        struct member *member = &mixing->member[i];

        member->mixing = mixing;
        mixing->job[i].start = &mixing->start;
        done = stepping_begin(&member->stepping, &mixing->job[i], &mixing->step[i], &member->error);
        if (!done)
            *mixing->error = member->error;
    }
    return done;
}

/* --- Configurations --------------------------------------------------------------------------- */

/* "gpt-oss-120b-8k-BS1" as it is; of "gpt-oss-120b-8k-BS1, BS8" what they have in common. */
static void add_common(const char *configurations, struct text *name)
{
    const char *more = strstr(configurations, ", BS"), *size = more;

    while (size && size > configurations && strncmp(size, "-BS", 3) != 0)
        size--;
    text_add(name, configurations,
             size && size > configurations ? (size_t)(size - configurations)
                                           : strlen(configurations));
}

/* What a request of the row made the node run, as far as the bundle file and the server tell:
 * "gpt-oss-120b-8k-BS8"; without a bundle file "gpt-oss-120b-BS8"; without a batch size model and
 * tier, or the model alone. */
static char *name_configuration(const struct preparation *preparation, const struct step *step,
                                double batch_size)
{
    struct text name = {0};

    if (batch_size >= 1 && !loads_add_one(&name, &preparation->bundle, &step->row, batch_size))
        text_printf(&name, "%s-BS%.0f", step->row.model_name, batch_size);
    else if (!(batch_size >= 1))
        add_common(step->configuration ? step->configuration : step->row.model_name, &name);
    return text_take(&name);
}

static size_t number_of(struct mixing *mixing, char *name)
{
    size_t number = 0;

    while (number < mixing->configurations && strcmp(mixing->configuration[number], name) != 0)
        number++;
    if (number < mixing->configurations) {
        free(name);
        return number;
    }
    mixing->configuration =
        memory_grow(mixing->configuration, number, sizeof *mixing->configuration);
    mixing->configuration[mixing->configurations++] = name;
    return number;
}

/* What a batch size of a member comes to; few are met, one after another often the same. */
struct known {
    double size;
    size_t number;
    bool is;
};

static bool same_size(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Of a request with lengths of its own, and so a tier of its own. */
static size_t configuration_by_length(struct mixing *mixing, size_t member, int64_t input_tokens,
                                      int64_t output_tokens, double size)
{
    const struct preparation *preparation = mixing->job->preparation;
    struct step asked = {.row = mixing->step[member].row}; /* what it owns stays where it is */
    struct text configuration = {0};
    size_t number;

    asked.row.turns = 0;
    asked.row.input_tokens = input_tokens;
    asked.row.output_tokens = output_tokens;
    loads_add(&configuration, &preparation->bundle, &asked.row);
    asked.configuration = configuration.length > 0 ? configuration.bytes : NULL;
    number = number_of(mixing, name_configuration(preparation, &asked, size));
    text_clear(&configuration);
    return number;
}

/* Of a trace's request. */
static size_t configuration_of_line(struct mixing *mixing, size_t member,
                                    const struct outcome *outcome, double size)
{
    const struct row *row = &mixing->step[member].row;
    double input = outcome->figures.value[METRIC_NUMBER_INPUT_TOKENS];
    double output = outcome->figures.value[METRIC_NUMBER_OUTPUT_TOKENS];
    bool known = input > 0 && output > 0;

    return configuration_by_length(mixing, member, known ? (int64_t)input : row->input_tokens,
                                   known ? (int64_t)output : row->output_tokens, size);
}

/* Of a turn: its prompt holds those before, and may have grown into another tier. Where the server
 * did not count it, by what was asked for. */
static size_t configuration_of_turn(struct mixing *mixing, size_t member,
                                    const struct outcome *outcome, double size)
{
    struct row asked = mixing->step[member].row;
    double counted = outcome->figures.value[METRIC_SERVER_NUMBER_INPUT_TOKENS];

    asked.turns = outcome->turn;
    return configuration_by_length(mixing, member,
                                   counted > 0 ? (int64_t)counted
                                               : row_tokens_most(&asked) - asked.output_tokens,
                                   asked.output_tokens, size);
}

static size_t configuration_of(struct mixing *mixing, size_t member, const struct outcome *outcome,
                               struct known *known)
{
    double size = outcome->figures.value[METRIC_BATCH_SIZE_USED];

    if (mixing->step[member].row.trace)
        return configuration_of_line(mixing, member, outcome, size);
    if (outcome->turn > 0)
        return configuration_of_turn(mixing, member, outcome, size);
    if (!known->is || !same_size(known->size, size))
        *known = (struct known){size,
                                number_of(mixing, name_configuration(mixing->job->preparation,
                                                                     &mixing->step[member], size)),
                                true};
    return known->number;
}

/* --- One sequence ----------------------------------------------------------------------------- */

static void add_part(struct mixing *mixing, size_t member, const struct sending *part,
                     struct known *known)
{
    size_t loads =
        number_of(mixing, name_configuration(mixing->job->preparation, &mixing->step[member], NAN));

    for (size_t i = 0; i < part->ended; i++) {
        spill_pass(&part->outcomes[i], i);
        mixing->call[mixing->calls++] = (struct call){
            .outcome = &part->outcomes[i],
            .member = member,
            .configuration = configuration_of(mixing, member, &part->outcomes[i], known),
            .loads = loads,
            .open = mixing->job[member].row->concurrent_requests == 0};
    }
}

/* Member by member, in each part by part. */
static void collect_calls(struct mixing *mixing)
{
    size_t all = 0;

    for (size_t i = 0; i < mixing->members; i++) {
        for (int part = 0; part < STEP_PARTS; part++)
            all += mixing->member[i].stepping.part[part].ended;
    }
    mixing->call = memory_new(all, sizeof *mixing->call);
    for (size_t i = 0; i < mixing->members; i++) {
        struct known known = {0};

        for (int part = 0; part < STEP_PARTS; part++)
            add_part(mixing, i, &mixing->member[i].stepping.part[part], &known);
    }
}

static const char *name_at(const struct mixing *mixing, size_t configuration)
{
    return configuration == CALL_NONE ? NULL : mixing->configuration[configuration];
}

/* Of one part's calls, which begin at `first`; for the caller to free. */
static struct request_mark *make_marks(const struct mixing *mixing, size_t first, size_t count)
{
    struct request_mark *mark = memory_new(count, sizeof *mark);

    for (size_t i = 0; i < count; i++) {
        const struct call *call = &mixing->call[first + i];

        mark[i] = (struct request_mark){.mix = mixing->job->row->mix,
                                        .arrival_index = call->arrival_index,
                                        .configuration = name_at(mixing, call->configuration),
                                        .previous_configuration = name_at(mixing, call->previous),
                                        .previous_sent_configuration =
                                            name_at(mixing, call->previous_sent)};
    }
    return mark;
}

/* --- The end ---------------------------------------------------------------------------------- */

/* The run's own visits to members alone that have ended, and the study's. */
static void look_at_visits(struct mixing *mixing)
{
    const struct prior_study *study = mixing->job->preparation->study;
    struct results results = {0};
    struct error none;
    bool read = results_read(mixing->job->run->folder, &results, &none);

    for (size_t i = 0; i < mixing->members; i++) {
        if (read)
            mix_visited_add(results.step, results.count, &mixing->step[i], &mixing->visited[i]);
        prior_study_add_visited(study, &mixing->step[i], &mixing->visited[i]);
    }
    results_clear(&results);
}

static void predict(const struct mixing *mixing, struct mix *mix)
{
    const struct step **member = memory_new(mixing->members, sizeof *member);

    for (size_t i = 0; i < mixing->members; i++)
        member[i] = &mixing->step[i];
    prior_study_predict(mixing->job->preparation->study, member, mix);
    free(member);
}

static bool sum_up(struct mixing *mixing)
{
    struct mix mix = {.name = memory_text(mixing->job->row->mix),
                      .pass = mixing->job->pass,
                      .member = memory_new(mixing->members, sizeof *mix.member),
                      .members = mixing->members};
    bool done;

    for (size_t i = 0; i < mixing->members; i++)
        mix.member[i] = (struct mix_member){.step = mixing->step[i].index,
                                            .step_name = memory_text(mixing->step[i].name),
                                            .model = memory_text(mixing->step[i].row.model_name),
                                            .line = mixing->step[i].row.line};
    look_at_visits(mixing);
    calls_conclude(mixing->call, mixing->calls, mixing->visited, &mix);
    strike_shared_mix(mixing->job, &mix);
    predict(mixing, &mix);
    done = mix_file_write(mixing->job->run->folder, &mix, mixing->error);
    mix_clear(&mix);
    return done;
}

/* The member's calls begin at `*first`, which moves on behind them. */
static bool end_member(struct mixing *mixing, struct member *member, size_t *first)
{
    struct request_mark *marks[STEP_PARTS];
    bool done;

    for (int part = 0; part < STEP_PARTS; part++) {
        size_t count = member->stepping.part[part].ended;

        marks[part] = make_marks(mixing, *first, count);
        *first += count;
    }
    done = stepping_end(&member->stepping, (const struct request_mark *const *)marks);
    for (int part = 0; part < STEP_PARTS; part++)
        free(marks[part]);
    if (!done)
        *mixing->error = member->error;
    return done;
}

/* The mix first: whoever finds all of its steps finds its file. */
static bool end_all(struct mixing *mixing)
{
    size_t first = 0;
    bool done;

    collect_calls(mixing);
    calls_order(mixing->call, mixing->calls);
    done = sum_up(mixing);
    for (size_t i = 0; i < mixing->members && done; i++)
        done = end_member(mixing, &mixing->member[i], &first);
    return done;
}

static void clear(struct mixing *mixing)
{
    for (size_t i = 0; i < mixing->members && mixing->member[i].mixing; i++)
        stepping_clear(&mixing->member[i].stepping);
    for (size_t i = 0; i < mixing->configurations; i++)
        free(mixing->configuration[i]);
    free(mixing->configuration);
    free(mixing->visited);
    free(mixing->call);
    free(mixing->member);
    load_start_clear(&mixing->start);
    sharing_clear(&mixing->sharing);
    pthread_mutex_destroy(&mixing->lock);
}

bool mixing_run(struct step_job *job, size_t members, struct step *step, struct error *error)
{
    struct mixing mixing = {.job = job,
                            .step = step,
                            .member = memory_new(members, sizeof *mixing.member),
                            .members = members,
                            .visited = memory_new(members, sizeof *mixing.visited),
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .error = error};
    struct portion portion = leading_portion(job->leading, job->row);
    bool done;

    load_start_init(&mixing.start, members);
    mixing.start.agree = job->leading ? leading_agree : NULL;
    mixing.start.context = job;
    sharing_begin(&mixing.sharing, job, members, &portion);
    done = begin_all(&mixing) && send_all(&mixing) && count_all(&mixing) && end_all(&mixing);
    clear(&mixing);
    return done;
}
