#include "serve/watch/watching.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/thread.h"
#include "serve/http/exchange.h"
#include "serve/watch/run_events.h"
#include "serve/watch/run_follow.h"
#include "serve/workbench.h"

enum {
    LOOK_MS = 1000,  /* without a word of the system: whether the run is over */
    TURN_PIECES = 64 /* of one run's journal, before another run has its turn */
};

/* A run that is watched. */
struct watched {
    struct watched *next;
    char *path;
    struct run_follow follow;
    int watch;      /* of inotify; −1: none */
    bool ready;     /* it was read to its end once */
    bool behind;    /* there is more to be read of it at once; the thread's own */
    char *state;    /* how it has ended; NULL: it has not */
    size_t streams; /* 0: it can go */
};

/* One stream. */
struct stream {
    struct stream *next;
    struct watching *watching;
    struct watched *run;
    struct exchange *exchange;
    bool paused;
    struct events_place place;
    unsigned anew; /* the run's, that its place is of */
    bool ended;    /* it was told the end */
    int64_t wrote_ns;
    struct text text; /* what is being sent … */
    size_t at;        /* … from here on */
};

struct watching {
    struct workbench *workbench;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below, and of the sums of runs */
    struct watched *runs; /* taken out by the thread alone */
    struct stream *streams;
    size_t count;
    int notify, wake;
    atomic_bool stop;
};

/* --- Streams: in the server's thread --------------------------------------------------------- */

/* Adds what the stream is to send next; false where it has nothing to say. */
static bool compose(struct stream *stream)
{
    const struct watched *run = stream->run;

    text_reset(&stream->text);
    stream->at = 0;
    if (stream->anew != run->follow.anew) {
        stream->anew = run->follow.anew;
        stream->place = (struct events_place){0};
    }
    if (!run->ready && stream->place.greeted)
        return false;
    if (run_events_add(&run->follow.sums, &run->follow.plan, &stream->place, &stream->text))
        return true;
    if (!run->state || stream->ended)
        return false;
    run_events_add_end(run->state, &stream->text);
    stream->ended = true;
    return true;
}

static bool is_quiet(const struct stream *stream)
{
    return clock_monotonic_ns() - stream->wrote_ns >= WATCHING_QUIET_MS * 1000000LL;
}

/* Fills the stream's text where it is empty; false: there is nothing to be sent. */
static bool fill(struct stream *stream)
{
    if (stream->at < stream->text.length || compose(stream))
        return true;
    if (stream->ended || !is_quiet(stream))
        return false;
    text_add_string(&stream->text, ": still here\n\n");
    return true;
}

static long read_stream(void *context, char *bytes, size_t room)
{
    struct stream *stream = context;
    struct watching *watching = stream->watching;
    long got = EXCHANGE_WAITS;

    pthread_mutex_lock(&watching->lock);
    if (atomic_load(&watching->stop)) {
        got = 0;
    } else if (fill(stream)) {
        size_t left = stream->text.length - stream->at;

        got = (long)(left < room ? left : room);
        memcpy(bytes, stream->text.bytes + stream->at, (size_t)got);
        stream->at += (size_t)got;
        stream->wrote_ns = clock_monotonic_ns();
    } else if (stream->ended) {
        got = 0;
    } else {
        stream->paused = true;
        exchange_pause(stream->exchange);
    }
    pthread_mutex_unlock(&watching->lock);
    return got;
}

static void end_stream(void *context)
{
    struct stream *stream = context;
    struct watching *watching = stream->watching;
    struct stream **at = &watching->streams;

    pthread_mutex_lock(&watching->lock);
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    stream->run->streams--;
    watching->count--;
    pthread_mutex_unlock(&watching->lock);
    eventfd_write(watching->wake, 1);
    text_clear(&stream->text);
    free(stream);
}

/* --- Runs: in the thread of their own -------------------------------------------------------- */

/* Lets those go on that have something to say: with news of their run, or after a while. */
static void resume_streams(struct watching *watching, const struct watched *run, bool news)
{
    pthread_mutex_lock(&watching->lock);
    for (struct stream *stream = watching->streams; stream; stream = stream->next) {
        if (stream->paused && (!run || stream->run == run) && (news || is_quiet(stream))) {
            stream->paused = false;
            exchange_go_on(stream->exchange);
        }
    }
    pthread_mutex_unlock(&watching->lock);
}

/* Reads the next pieces of a journal; how many there were. */
static size_t read_pieces(struct watching *watching, struct run_follow *follow,
                          char bytes[FOLLOW_PIECE])
{
    size_t pieces = 0, length;

    while (pieces < TURN_PIECES && (length = run_follow_read(follow, bytes)) > 0) {
        pthread_mutex_lock(&watching->lock);
        run_follow_take(follow, bytes, length);
        pthread_mutex_unlock(&watching->lock);
        pieces++;
    }
    return pieces;
}

/* Reads what is new of a run; whether there is something to tell. */
static bool read_run(struct watching *watching, struct watched *run, char bytes[FOLLOW_PIECE])
{
    bool over = run_follow_is_over(&run->follow), first = !run->ready;
    size_t pieces;

    pthread_mutex_lock(&watching->lock);
    run_follow_look(&run->follow);
    pthread_mutex_unlock(&watching->lock);
    pieces = read_pieces(watching, &run->follow, bytes);
    run->behind = pieces == TURN_PIECES;
    if (run->behind)
        return false;
    pthread_mutex_lock(&watching->lock);
    run->ready = true;
    if (over)
        run->state = run_follow_state(&run->follow);
    pthread_mutex_unlock(&watching->lock);
    return first || over || pieces > 0;
}

static void free_run(const struct watching *watching, struct watched *run)
{
    if (run->watch >= 0)
        inotify_rm_watch(watching->notify, run->watch);
    run_follow_clear(&run->follow);
    free(run->path);
    free(run->state);
    free(run);
}

/* Takes out those that nobody watches any more. */
static void forget_runs(struct watching *watching)
{
    struct watched **at = &watching->runs;

    pthread_mutex_lock(&watching->lock);
    while (*at) {
        struct watched *run = *at;

        if (run->streams > 0) {
            at = &run->next;
            continue;
        }
        *at = run->next;
        free_run(watching, run);
    }
    pthread_mutex_unlock(&watching->lock);
}

/* The first run, or the one behind `run`. New ones come before all others. */
static struct watched *next_run(struct watching *watching, const struct watched *run)
{
    struct watched *next;

    pthread_mutex_lock(&watching->lock);
    next = run ? run->next : watching->runs;
    pthread_mutex_unlock(&watching->lock);
    return next;
}

/* Whether all have been read to their ends. */
static bool read_runs(struct watching *watching, char bytes[FOLLOW_PIECE])
{
    bool all = true;

    for (struct watched *run = next_run(watching, NULL); run; run = next_run(watching, run)) {
        bool news = !run->state && read_run(watching, run, bytes);

        resume_streams(watching, run, news);
        all = all && !run->behind;
    }
    return all;
}

static void drain(struct watching *watching)
{
    char bytes[4096];
    eventfd_t woken;

    eventfd_read(watching->wake, &woken);
    while (watching->notify >= 0 && read(watching->notify, bytes, sizeof bytes) > 0)
        continue;
}

/* Sleeps until a watcher comes or goes, or, where there is time left till `next_ns`, till then; and
 * behind that until a run's folder changes. */
static void wait_for_news(struct watching *watching, int64_t next_ns)
{
    struct pollfd look[2] = {{.fd = watching->wake, .events = POLLIN},
                             {.fd = watching->notify, .events = POLLIN}};
    int64_t left_ms = (next_ns - clock_monotonic_ns()) / 1000000 + 1;

    if (!next_run(watching, NULL))
        poll(look, 1, -1);
    else if (left_ms <= 0 || poll(look, 1, (int)left_ms) == 0)
        poll(look, 2, LOOK_MS);
    drain(watching);
}

static void *watch_all(void *context)
{
    struct watching *watching = context;
    char *bytes = memory_new(FOLLOW_PIECE, 1);
    int64_t next_ns = 0;
    bool all = true;

    while (!atomic_load(&watching->stop)) {
        if (all)
            wait_for_news(watching, next_ns);
        forget_runs(watching);
        all = read_runs(watching, bytes);
        next_ns = clock_monotonic_ns() + WATCHING_EVERY_MS * 1000000LL;
    }
    free(bytes);
    return NULL;
}

/* --- From without ---------------------------------------------------------------------------- */

struct watching *watching_start(struct workbench *workbench)
{
    struct watching *watching = memory_new(1, sizeof *watching);

    watching->workbench = workbench;
    pthread_mutex_init(&watching->lock, NULL);
    watching->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watching->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watching->wake >= 0 && thread_start(&watching->thread, "watching", watch_all, watching))
        return watching;
    atomic_store(&watching->stop, true);
    watching_free(watching);
    return NULL;
}

/* NULL: the run is not there. */
static struct watched *open_run(struct watching *watching, const char *path)
{
    struct watched *run = memory_new(1, sizeof *run);

    run->path = memory_text(path);
    run->watch = -1;
    if (!run_follow_open(&run->follow, watching->workbench->folder, watching->workbench->root,
                         path)) {
        free_run(watching, run);
        return NULL;
    }
    return run;
}

static void add_run(struct watching *watching, struct watched *run)
{
    char *folder = file_join(watching->workbench->root, run->path);

    if (watching->notify >= 0)
        run->watch = inotify_add_watch(watching->notify, folder,
                                       IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE);
    run->next = watching->runs;
    watching->runs = run;
    free(folder);
}

/* With the lock. One that has ended may have been resumed since. */
static struct watched *find_run(struct watching *watching, const char *path)
{
    struct watched *run = watching->runs;

    while (run && (strcmp(run->path, path) != 0 || run->state))
        run = run->next;
    return run;
}

static struct stream *add_stream(struct watching *watching, struct exchange *exchange,
                                 struct watched *run)
{
    struct stream *stream = memory_new(1, sizeof *stream);

    *stream = (struct stream){.next = watching->streams,
                              .watching = watching,
                              .run = run,
                              .exchange = exchange,
                              .anew = run->follow.anew,
                              .wrote_ns = clock_monotonic_ns()};
    watching->streams = stream;
    watching->count++;
    run->streams++;
    return stream;
}

/* With the lock: the stream of the run that is watched already, or else of `opened`, if there is
 * that, which it takes. NULL: there is neither, or no room. */
static struct stream *begin_stream(struct watching *watching, struct exchange *exchange,
                                   const char *path, struct watched **opened)
{
    struct watched *run = find_run(watching, path);

    if (watching->count >= WATCHING_MOST || atomic_load(&watching->stop) || (!run && !*opened))
        return NULL;
    if (!run) {
        run = *opened;
        *opened = NULL;
        add_run(watching, run);
    }
    return add_stream(watching, exchange, run);
}

static void reply(struct watching *watching, struct exchange *exchange, struct stream *stream)
{
    const struct exchange_source source = {read_stream, end_stream, stream};

    exchange_reply_source(exchange, EXCHANGE_JSON, "text/event-stream", &source, NULL);
    eventfd_write(watching->wake, 1);
}

void watching_reply(struct watching *watching, struct exchange *exchange, const char *path)
{
    struct watched *opened = open_run(watching, path);
    bool there = opened;
    struct stream *stream;

    pthread_mutex_lock(&watching->lock);
    stream = begin_stream(watching, exchange, path, &opened);
    pthread_mutex_unlock(&watching->lock);
    if (opened)
        free_run(watching, opened);
    if (stream)
        reply(watching, exchange, stream);
    else if (!there)
        exchange_refuse(exchange, 404, "the run is not there any more");
    else
        exchange_refuse(exchange, 429,
                        "%d streams are open, and no more may be: close a page that watches a run",
                        WATCHING_MOST);
}

void watching_stop(struct watching *watching)
{
    if (!watching || atomic_load(&watching->stop))
        return;
    atomic_store(&watching->stop, true);
    eventfd_write(watching->wake, 1);
    pthread_join(watching->thread, NULL);
    resume_streams(watching, NULL, true);
}

void watching_free(struct watching *watching)
{
    if (!watching)
        return;
    forget_runs(watching);
    if (watching->notify >= 0)
        close(watching->notify);
    if (watching->wake >= 0)
        close(watching->wake);
    pthread_mutex_destroy(&watching->lock);
    free(watching);
}
