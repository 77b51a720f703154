#include "store/recorder.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/thread.h"
#include "store/response.h"

static const int64_t sync_every_ns = CLOCK_NS_PER_S;

/* A full line opens again when it has room for so many: to wake a row for each would cost more
 * than to write its record. */
static const size_t room_again = RECORDER_ROOM / 16;

/* A record in line, or room for one. */
struct recorder_entry {
    struct recorder_entry *next;
    struct recording *recording;
    struct request request; /* its chunks are the entry's own, kept from use to use */
    struct figures figures;
    bool keeps_texts;
    struct text prompt, completion; /* where it keeps texts; room as for chunks */
    size_t text_bytes;
};

/* --- The rows' side ---------------------------------------------------------------------------*/

static void wait_for_room(struct recorder *recorder, struct recording *recording)
{
    int64_t since_ns;

    if (!recorder->full || recorder->failed)
        return;
    since_ns = clock_monotonic_ns();
    recorder->waiting++;
    while (recorder->full && !recorder->failed)
        pthread_cond_wait(&recorder->room, &recorder->lock);
    recorder->waiting--;
    recording->wait_ns += clock_monotonic_ns() - since_ns;
}

static bool is_full(const struct recorder *recorder)
{
    return !recorder->idle || recorder->text_bytes >= RECORDER_TEXTS_MOST;
}

/* An entry to fill, with texts of `text_bytes`; NULL where nothing can be written any more. */
static struct recorder_entry *take_idle(struct recorder *recorder, struct recording *recording,
                                        size_t text_bytes, struct error *error)
{
    struct recorder_entry *entry = NULL;

    pthread_mutex_lock(&recorder->lock);
    wait_for_room(recorder, recording);
    if (recorder->failed) {
        *error = recorder->error;
    } else {
        entry = recorder->idle;
        recorder->idle = entry->next;
        entry->text_bytes = text_bytes;
        recorder->fill++;
        recorder->text_bytes += text_bytes;
        recorder->full = is_full(recorder);
        recording->left++;
        if (recorder->fill > recording->fill_most)
            recording->fill_most = recorder->fill;
    }
    pthread_mutex_unlock(&recorder->lock);
    return entry;
}

static void fill_in_texts(struct recorder_entry *entry, const struct request_texts *texts)
{
    entry->keeps_texts = texts != NULL;
    if (!texts)
        return;
    text_reset(&entry->prompt);
    text_reset(&entry->completion);
    text_add_string(&entry->prompt, texts->prompt);
    text_add_string(&entry->completion, texts->completion);
}

static void fill_in(struct recorder_entry *entry, struct recording *recording,
                    const struct request *request, const struct figures *figures)
{
    struct chunk *chunks = entry->request.chunks;
    size_t room = entry->request.chunk_room;

    if (request->chunk_count > room) {
        room = room ? room : 256;
        while (room < request->chunk_count)
            room *= 2;
        chunks = memory_resize(chunks, room, sizeof *chunks);
    }
    if (request->chunk_count > 0)
        memcpy(chunks, request->chunks, request->chunk_count * sizeof *chunks);
    entry->request = *request;
    entry->request.chunks = chunks;
    entry->request.chunk_room = room;
    entry->figures = *figures;
    entry->recording = recording;
    entry->next = NULL;
}

static void hand_over(struct recorder *recorder, struct recorder_entry *entry)
{
    pthread_mutex_lock(&recorder->lock);
    if (recorder->last)
        recorder->last->next = entry;
    else
        recorder->first = entry;
    recorder->last = entry;
    pthread_mutex_unlock(&recorder->lock);
    pthread_cond_signal(&recorder->handed_over);
}

bool recorder_put(struct recorder *recorder, struct recording *recording,
                  const struct request *request, const struct figures *figures,
                  const struct request_texts *texts, struct error *error)
{
    size_t text_bytes = texts ? strlen(texts->prompt) + strlen(texts->completion) : 0;
    struct recorder_entry *entry = take_idle(recorder, recording, text_bytes, error);

    if (!entry)
        return false;
    fill_in(entry, recording, request, figures);
    fill_in_texts(entry, texts);
    hand_over(recorder, entry);
    return true;
}

bool recorder_drain(struct recorder *recorder, struct recording *recording, struct error *error)
{
    bool done;

    pthread_mutex_lock(&recorder->lock);
    while (recording->left > 0)
        pthread_cond_wait(&recorder->drained, &recorder->lock);
    done = !recorder->failed;
    if (!done)
        *error = recorder->error;
    pthread_mutex_unlock(&recorder->lock);
    return done;
}

/* --- The thread's side ------------------------------------------------------------------------*/

/* What the thread keeps from record to record. */
struct writer {
    struct recorder *recorder;
    struct text object;
    int64_t sync_due_ns; /* CLOCK_NEVER: all of it is on the disk */
};

static void keep_failure(struct recorder *recorder, const struct error *error)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->failed = true;
    recorder->error = *error;
    pthread_cond_broadcast(&recorder->room);
    pthread_mutex_unlock(&recorder->lock);
}

/* False: the moment to sync has come first. */
static bool wait_for_rows(struct recorder *recorder, int64_t sync_due_ns)
{
    struct timespec due = {sync_due_ns / CLOCK_NS_PER_S, sync_due_ns % CLOCK_NS_PER_S};

    if (sync_due_ns == CLOCK_NEVER)
        return pthread_cond_wait(&recorder->handed_over, &recorder->lock) == 0;
    return pthread_cond_timedwait(&recorder->handed_over, &recorder->lock, &due) == 0;
}

/* The next in line, NULL where it is time to sync. False: it shall stop, and the line is empty. */
static bool take_next(struct writer *writer, struct recorder_entry **entry)
{
    struct recorder *recorder = writer->recorder;
    bool in_time = true, continues;

    pthread_mutex_lock(&recorder->lock);
    while (!recorder->first && !recorder->stopping && in_time)
        in_time = wait_for_rows(recorder, writer->sync_due_ns);
    *entry = recorder->first;
    if (recorder->first)
        recorder->first = recorder->first->next;
    if (!recorder->first)
        recorder->last = NULL;
    continues = *entry || !recorder->stopping;
    pthread_mutex_unlock(&recorder->lock);
    return continues;
}

static bool write_record(struct writer *writer, const struct recorder_entry *entry,
                         struct error *error)
{
    struct recording *recording = entry->recording;
    struct journal_place place;

    text_reset(&writer->object);
    response_add_json(&entry->request, &entry->figures, &writer->object);
    if (!journal_add_object(&writer->recorder->journal, recording->step, "request", &writer->object,
                            &place, error))
        return false;
    journal_places_set(&recording->places, entry->request.record, place);
    return true;
}

static void give_text_back(struct text *text)
{
    if (text->room > RECORDER_TEXTS_KEPT)
        text_clear(text);
}

static bool write_texts(struct writer *writer, const struct recorder_entry *entry,
                        struct error *error)
{
    struct recording *recording = entry->recording;
    const struct request_texts texts = {entry->prompt.bytes, entry->completion.bytes};
    struct journal_place place;
    bool done;

    text_reset(&writer->object);
    response_add_texts(&entry->request, &texts, &writer->object);
    done = journal_add_object(&writer->recorder->journal, recording->step, "text", &writer->object,
                              &place, error);
    if (done)
        journal_places_set(&recording->text_places, entry->request.record, place);
    give_text_back(&writer->object);
    return done;
}

static void write_entry(struct writer *writer, const struct recorder_entry *entry)
{
    struct error error;

    /* The text first: whoever finds the request in the journal finds its texts. */
    if ((entry->keeps_texts && !write_texts(writer, entry, &error)) ||
        !write_record(writer, entry, &error)) {
        keep_failure(writer->recorder, &error);
        return;
    }
    atomic_fetch_add(&entry->recording->written, 1);
    if (writer->sync_due_ns == CLOCK_NEVER)
        writer->sync_due_ns = clock_monotonic_ns() + sync_every_ns;
}

static void open_line(struct recorder *recorder)
{
    if (!recorder->full || recorder->fill > RECORDER_ROOM - room_again || is_full(recorder))
        return;
    recorder->full = false;
    pthread_cond_broadcast(&recorder->room);
}

/* Nothing of the recording may be touched after this: its row may have waited for this one. */
static void give_back(struct recorder *recorder, struct recorder_entry *entry)
{
    if (entry->request.chunk_room > RECORDER_CHUNKS_KEPT) {
        free(entry->request.chunks);
        entry->request.chunks = NULL;
        entry->request.chunk_room = 0;
    }
    give_text_back(&entry->prompt);
    give_text_back(&entry->completion);
    pthread_mutex_lock(&recorder->lock);
    entry->next = recorder->idle;
    recorder->idle = entry;
    recorder->fill--;
    recorder->text_bytes -= entry->text_bytes;
    open_line(recorder);
    if (--entry->recording->left == 0)
        pthread_cond_broadcast(&recorder->drained);
    pthread_mutex_unlock(&recorder->lock);
}

static void sync_when_due(struct writer *writer, bool stopping)
{
    struct error error;

    if (writer->sync_due_ns == CLOCK_NEVER ||
        (!stopping && clock_monotonic_ns() < writer->sync_due_ns))
        return;
    writer->sync_due_ns = CLOCK_NEVER;
    if (!writer->recorder->failed && !journal_sync(&writer->recorder->journal, &error))
        keep_failure(writer->recorder, &error);
}

static void *write_records(void *context)
{
    struct writer writer = {.recorder = context, .sync_due_ns = CLOCK_NEVER};
    struct recorder *recorder = writer.recorder;
    struct recorder_entry *entry;

    while (take_next(&writer, &entry)) {
        if (entry && !recorder->failed) /* which nobody but this thread sets */
            write_entry(&writer, entry);
        if (entry)
            give_back(recorder, entry);
        sync_when_due(&writer, false);
    }
    sync_when_due(&writer, true);
    text_clear(&writer.object);
    return NULL;
}

/* --- From start to stop -----------------------------------------------------------------------*/

static void make_entries(struct recorder *recorder)
{
    recorder->entry = memory_new(RECORDER_ROOM, sizeof *recorder->entry);
    for (size_t i = 0; i + 1 < RECORDER_ROOM; i++)
        recorder->entry[i].next = &recorder->entry[i + 1];
    recorder->idle = recorder->entry;
}

static void make_conditions(struct recorder *recorder)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&recorder->handed_over, &monotonic);
    pthread_cond_init(&recorder->room, &monotonic);
    pthread_cond_init(&recorder->drained, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&recorder->lock, NULL);
}

/* With a journal that is open. */
static bool start(struct recorder *recorder, struct error *error)
{
    make_entries(recorder);
    make_conditions(recorder);
    recorder->running = thread_start(&recorder->thread, "journal", write_records, recorder);
    return recorder->running ||
           error_set(error, "%s: this machine starts no thread to write it with",
                     recorder->journal.path);
}

bool recorder_start(struct recorder *recorder, const char *path, struct error *error)
{
    *recorder = (struct recorder){0};
    return journal_open(&recorder->journal, path, error) && start(recorder, error);
}

bool recorder_resume(struct recorder *recorder, const char *path, struct error *error)
{
    *recorder = (struct recorder){0};
    return journal_reopen(&recorder->journal, path, error) && start(recorder, error);
}

void recorder_stop(struct recorder *recorder)
{
    if (recorder->running) {
        pthread_mutex_lock(&recorder->lock);
        recorder->stopping = true;
        pthread_cond_signal(&recorder->handed_over);
        pthread_mutex_unlock(&recorder->lock);
        pthread_join(recorder->thread, NULL);
    }
    if (recorder->entry) {
        for (size_t i = 0; i < RECORDER_ROOM; i++) {
            free(recorder->entry[i].request.chunks);
            text_clear(&recorder->entry[i].prompt);
            text_clear(&recorder->entry[i].completion);
        }
        free(recorder->entry);
        pthread_cond_destroy(&recorder->handed_over);
        pthread_cond_destroy(&recorder->room);
        pthread_cond_destroy(&recorder->drained);
        pthread_mutex_destroy(&recorder->lock);
    }
    journal_close(&recorder->journal);
    *recorder = (struct recorder){.journal.fd = -1};
}

void recording_clear(struct recording *recording)
{
    journal_places_clear(&recording->places);
    journal_places_clear(&recording->text_places);
    *recording = (struct recording){0};
}
