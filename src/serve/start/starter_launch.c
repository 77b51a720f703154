/* How a run is started, begins and ends. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/exit.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "serve/own_command.h"
#include "serve/runs/run_folder.h"
#include "serve/start/arguments.h"
#include "serve/start/draft.h"
#include "serve/start/same_endpoint.h"
#include "serve/start/starter_inside.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"
#include "store/manifest.h"
#include "store/run_pid.h"

static const char log_name[] = "log";

/* --- The words ------------------------------------------------------------------------------- */

static bool read_draft(const char *folder, struct draft *draft, struct error *error)
{
    char *path = file_join(folder, draft_body_name);
    struct text text = {0};
    bool done;

    *draft = (struct draft){0};
    done = file_read_regular(path, DRAFT_MOST, &text, error) &&
           draft_read(text.bytes, text.length, draft, error);
    text_clear(&text);
    free(path);
    return done;
}

/* Of a draft: its options and its config. */
static bool add_draft(const struct starter *starter, const struct waiting *waiting,
                      const char *path, struct arguments *words, struct error *error)
{
    struct draft draft;
    bool done = read_draft(path, &draft, error);

    if (done) {
        free(draft.name);
        draft.name = memory_text(waiting->name);
        arguments_add(words, "--keep-inputs");
        if (waiting->typed.address)
            arguments_add_option(words, "api", api_at(waiting->typed.api)->name);
        draft_add_words(&draft, starter->workbench, path, words);
    }
    draft_clear(&draft);
    return done;
}

static void add_resumed(const struct starter *starter, const struct waiting *waiting,
                        struct arguments *words)
{
    char *folder = file_join(starter->workbench->root, waiting->path);

    arguments_add_option(words, "resume", folder);
    free(folder);
}

/* --- Starting -------------------------------------------------------------------------------- */

/* The folder that gets the log: the draft's, or one of its own. */
static int open_folder(const struct starter *starter, struct waiting *waiting, char **path,
                       struct error *error)
{
    char below[OWN_NAME + 16];

    if (!waiting->draft[0])
        own_name_draw(waiting->draft);
    snprintf(below, sizeof below, "drafts/%s", waiting->draft);
    *path = own_folder_path(starter->workbench, below);
    return own_folder_open(starter->workbench, below, error);
}

static bool start_with(const struct waiting *waiting, int folder, const struct arguments *words,
                       struct launched_process *process, struct error *error)
{
    char **environment = endpoints_environment(&waiting->typed);
    int log = openat(folder, log_name,
                     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = log >= 0 ? launch(words->word, environment, log, process, error)
                         : error_set(error, "the run's log cannot be made");

    if (log >= 0)
        close(log);
    endpoints_environment_free(environment);
    return done;
}

static void announce(const struct starter *starter, const struct started *started)
{
    const struct waiting *waiting = &started->waiting;
    struct under_way_run run = {.path = waiting->path, .name = waiting->name};

    memcpy(run.id, waiting->id, sizeof run.id);
    under_way_add(starter->workbench->under_way, &run, waiting->endpoint, started->process.process);
}

static struct started *take(struct starter *starter, struct waiting *waiting,
                            const struct launched_process *process)
{
    struct started *started = memory_new(1, sizeof *started);

    started->waiting = *waiting;
    *waiting = (struct waiting){0};
    started->process = *process;
    starter->started = memory_grow(starter->started, starter->starts, sizeof *starter->started);
    starter->started[starter->starts++] = started;
    announce(starter, started);
    return started;
}

struct started *starter_launch(struct starter *starter, struct waiting *waiting, bool shares,
                               struct error *error)
{
    struct arguments words = {0};
    struct launched_process process;
    char *path = NULL;
    int folder = open_folder(starter, waiting, &path, error);
    bool done = folder >= 0;

    arguments_add(&words, waiting->search ? "search" : "run");
    arguments_add(&words, "--no-progress");
    if (shares)
        arguments_add(&words, "--shared-endpoint");
    if (done && waiting->resumes)
        add_resumed(starter, waiting, &words);
    else if (done)
        done = add_draft(starter, waiting, path, &words, error);
    done = done && start_with(waiting, folder, &words, &process, error);
    if (folder >= 0)
        close(folder);
    free(path);
    arguments_clear(&words);
    return done ? take(starter, waiting, &process) : NULL;
}

/* --- What becomes of it ---------------------------------------------------------------------- */

/* It says so, and can be found by its manifest. */
static bool has_begun(const struct starter *starter, const struct started *started)
{
    char *folder = file_join(starter->workbench->root, started->waiting.path);
    char *manifest = file_join(folder, manifest_file_name);
    pid_t pid = 0;
    int process = run_pid_open(folder, &pid);
    bool begun = process >= 0 && pid == started->process.pid && file_exists(manifest);

    if (process >= 0)
        close(process);
    free(manifest);
    free(folder);
    return begun;
}

char *starter_sentence(const struct starter *starter, const struct started *started)
{
    struct own_command_end end = {0};
    char below[OWN_NAME + 24], *path, *sentence;
    struct error error;

    snprintf(below, sizeof below, "drafts/%s/%s", started->waiting.draft, log_name);
    path = own_folder_path(starter->workbench, below);
    file_read_regular(path, OWN_COMMAND_MOST, &end.words, &error);
    sentence = own_command_sentence(&end);
    if (!sentence[0]) {
        free(sentence);
        sentence = memory_text("the program ended before the run began");
    }
    own_command_end_clear(&end);
    free(path);
    return sentence;
}

static void look_at(struct starter *starter, struct started *started)
{
    if (!started->begun)
        started->begun = has_begun(starter, started);
    if (!started->ended && launch_has_ended(&started->process, &started->code))
        started->ended = true;
    /* One that is over this soon may have been and gone. */
    if (started->ended && started->code != EXIT_BAD_INPUT && started->code >= 0)
        started->begun = true;
}

void starter_forget(struct starter *starter, struct started *started)
{
    size_t kept = 0;

    for (size_t i = 0; i < starter->starts; i++) {
        if (starter->started[i] != started)
            starter->started[kept++] = starter->started[i];
    }
    starter->starts = kept;
    waiting_remove_draft(starter->workbench, &started->waiting);
    waiting_clear(&started->waiting);
    close(started->process.process);
    free(started);
}

/* Back to where it waited, to be seen and removed. */
static void put_back(struct starter *starter, struct started *started)
{
    struct waiting waiting = started->waiting;

    waiting.error = starter_sentence(starter, started);
    if (waiting.resumes) { /* the folder had its log alone */
        waiting_remove_draft(starter->workbench, &waiting);
        waiting.draft[0] = '\0';
    }
    started->waiting = (struct waiting){0};
    starter->queue = memory_resize(starter->queue, starter->queued + 1, sizeof *starter->queue);
    memmove(&starter->queue[1], &starter->queue[0], starter->queued * sizeof *starter->queue);
    starter->queue[0] = waiting;
    starter->queued++;
    starter_keep(starter);
}

void starter_look(struct starter *starter)
{
    for (size_t i = starter->starts; i-- > 0;) {
        struct started *started = starter->started[i];

        look_at(starter, started);
        if (!started->ended || started->watched)
            continue;
        if (!started->begun)
            put_back(starter, started);
        starter_forget(starter, started);
    }
    pthread_cond_broadcast(&starter->changed);
}

bool starter_is_beginning(const struct starter *starter, const char *endpoint)
{
    for (size_t i = 0; i < starter->starts; i++) {
        const struct started *started = starter->started[i];

        if (!started->begun && !started->ended &&
            (!endpoint || same_endpoint(started->waiting.endpoint, endpoint)))
            return true;
    }
    return false;
}
