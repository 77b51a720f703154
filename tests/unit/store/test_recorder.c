/* The recorder: what rows hand over stands in the journal, whole and in order, and no row waits
 * while there is room in line. */
#include "store/recorder.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "records.h"
#include "support.h"

enum { MOST_CHUNKS = 2 * RECORDER_CHUNKS_KEPT, ROWS = 4, EACH = RECORDER_ROOM };

/* The recorder's fdatasync is this one: a disk that a test can break. */
static atomic_int sync_failure, syncs;

int fdatasync(int fd)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return -1;
    atomic_fetch_add(&syncs, 1);
    errno = atomic_load(&sync_failure);
    return errno ? -1 : 0;
}

static void sleep_a_little(void)
{
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

/* Hands request `index` over, with as many chunks as asked. */
static bool put(struct recorder *recorder, struct recording *recording, size_t index, size_t chunks,
                struct error *error)
{
    static struct chunk none[MOST_CHUNKS];
    struct request request = request_begun();
    struct figures figures = no_figures();

    request.index = request.record = index;
    request.chunks = none;
    request.chunk_count = chunks;
    return recorder_put(recorder, recording, &request, &figures, NULL, error);
}

static void expect_put(struct recorder *recorder, struct recording *recording, size_t index)
{
    struct error error = {""};

    if (!put(recorder, recording, index, index % 7, &error))
        fail_msg("%s", error.text);
}

/* The journal's lines as JSON; each must end and be whole. */
static cJSON *journal_lines(void)
{
    char *whole = support_read("journal.jsonl");
    cJSON *lines = cJSON_CreateArray();
    char *line = whole;

    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        cJSON *object;

        *end = '\0';
        object = cJSON_Parse(line);
        if (!object)
            fail_msg("no whole line: %s", line);
        cJSON_AddItemToArray(lines, object);
    }
    expect_text("behind the last line", line, "");
    free(whole);
    return lines;
}

static size_t number_at(const cJSON *object, const char *key)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);

    assert_true(cJSON_IsNumber(number));
    return (size_t)number->valuedouble;
}

static size_t index_of(const cJSON *line)
{
    return number_at(cJSON_GetObjectItemCaseSensitive(line, "request"), "request_index");
}

static size_t chunks_of(const cJSON *line)
{
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(line, "request");

    return (size_t)cJSON_GetArraySize(
        cJSON_GetObjectItemCaseSensitive(request, "client_inter_token_latencies_s"));
}

/* Room for chunks is used again and again: no record may show another's. */
static void test_records_stand_in_the_journal_in_their_order(void **state)
{
    static const size_t indices[] = {2, 0, 1, 100, 3}, chunks[] = {3, MOST_CHUNKS, 0, 300, 1};
    struct recorder recorder = {0};
    struct recording recording = {.step = 7};
    struct text again = {0};
    struct error error = {""};
    cJSON *lines;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    for (size_t i = 0; i < COUNT_OF(indices); i++) {
        assert_true(put(&recorder, &recording, indices[i], chunks[i], &error));
        assert_true(recorder_drain(&recorder, &recording, &error));
        assert_int_equal(atomic_load(&recording.written), i + 1);
    }
    assert_int_equal(recording.places.count, 101);
    assert_true(recording.fill_most == 1 && recording.wait_ns == 0);
    lines = journal_lines();
    assert_int_equal(cJSON_GetArraySize(lines), COUNT_OF(indices));
    for (size_t i = 0; i < COUNT_OF(indices); i++) {
        const cJSON *line = cJSON_GetArrayItem(lines, (int)i);

        assert_int_equal(number_at(line, "step"), 7);
        assert_int_equal(index_of(line), indices[i]);
        assert_int_equal(chunks_of(line), chunks[i]);
        text_reset(&again);
        assert_true(
            journal_read(&recorder.journal, recording.places.place[indices[i]], &again, &error));
        expect_part("where it stands", again.bytes, "{\"error_code\":");
        assert_int_equal(again.bytes[again.length - 1], '}');
    }
    cJSON_Delete(lines);
    text_clear(&again);
    recording_clear(&recording);
    recorder_stop(&recorder);
}

static void test_nothing_to_wait_for(void **state)
{
    struct recorder recorder = {0};
    struct recording recording = {0};
    struct error error = {""};

    (void)state;
    recorder_stop(&recorder);
    assert_false(recorder_start(&recorder, "no/journal.jsonl", &error));
    expect_part("no folder", error.text, "no/journal.jsonl: cannot be written: No such file");
    recorder_stop(&recorder);
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    assert_true(recorder_drain(&recorder, &recording, &error));
    recorder_stop(&recorder);
    recorder_stop(&recorder);
}

static void test_stop_writes_what_stands_in_line(void **state)
{
    struct recorder recorder = {0};
    struct recording recording = {0};
    struct error error = {""};
    int syncs_before = atomic_load(&syncs);
    cJSON *lines;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    for (size_t i = 0; i < 100; i++)
        expect_put(&recorder, &recording, i);
    recorder_stop(&recorder);
    lines = journal_lines();
    assert_int_equal(cJSON_GetArraySize(lines), 100);
    assert_int_not_equal(atomic_load(&syncs), syncs_before);
    cJSON_Delete(lines);
    recording_clear(&recording);
}

/* --- A full line ------------------------------------------------------------------------------*/

struct row_thread {
    struct recorder *recorder;
    struct recording recording;
    size_t requests;
    atomic_bool done;
};

static void *put_all(void *context)
{
    struct row_thread *row = context;
    struct error error;

    for (size_t i = 0; i < row->requests; i++)
        put(row->recorder, &row->recording, i, i % 7, &error); /* what fails is found missing */
    atomic_store(&row->done, true);
    return NULL;
}

static bool is_waiting(struct recorder *recorder)
{
    bool waiting;

    pthread_mutex_lock(&recorder->lock);
    waiting = recorder->waiting > 0;
    pthread_mutex_unlock(&recorder->lock);
    return waiting;
}

/* While the journal's lock is held no line is written: a disk that stands still. */
static void test_only_a_full_line_waits_and_for_how_long_is_counted(void **state)
{
    struct recorder recorder = {0};
    struct row_thread row = {.recorder = &recorder, .requests = RECORDER_ROOM + 1};
    struct error error = {""};
    pthread_t thread;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    pthread_mutex_lock(&recorder.journal.lock);
    assert_int_equal(pthread_create(&thread, NULL, put_all, &row), 0);
    for (int i = 0; i < 10000 && !is_waiting(&recorder); i++)
        sleep_a_little();
    sleep_a_little();
    assert_true(is_waiting(&recorder));
    assert_false(atomic_load(&row.done));
    assert_int_equal(recorder.fill, RECORDER_ROOM);
    assert_int_equal(atomic_load(&row.recording.written), 0);
    pthread_mutex_unlock(&recorder.journal.lock);
    pthread_join(thread, NULL);
    assert_true(recorder_drain(&recorder, &row.recording, &error));
    assert_int_equal(row.recording.fill_most, RECORDER_ROOM);
    assert_in_range(row.recording.wait_ns, 1000000, 60 * CLOCK_NS_PER_S);
    assert_int_equal(atomic_load(&row.recording.written), RECORDER_ROOM + 1);
    recording_clear(&row.recording);
    recorder_stop(&recorder);
}

/* --- What was said ----------------------------------------------------------------------------*/

static bool put_texts(struct recorder *recorder, struct recording *recording, size_t index,
                      const char *prompt, const char *completion, struct error *error)
{
    const struct request_texts texts = {prompt, completion};
    struct request request = request_begun();
    struct figures figures = no_figures();

    request.index = request.record = index;
    return recorder_put(recorder, recording, &request, &figures, &texts, error);
}

/* Room for texts is used again too. */
static void test_what_was_said_stands_in_the_journal(void **state)
{
    static const char *const lines[] = {
        "{\"prompt\":{\"name\":\"words\",\"template\":\"\\u000aone\"},"
        "\"completion\":\"a \\\"long\\\" answer\",\"request_index\":2}",
        "{\"prompt\":{\"name\":\"words\",\"template\":\"\"},"
        "\"completion\":\"\",\"request_index\":0}",
    };
    struct recorder recorder = {0};
    struct recording recording = {0};
    struct text again = {0};
    struct error error = {""};
    cJSON *journal;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    assert_true(put_texts(&recorder, &recording, 2, "\\u000aone", "a \"long\" answer", &error));
    assert_true(put(&recorder, &recording, 1, 3, &error));
    assert_true(recorder_drain(&recorder, &recording, &error));
    assert_true(put_texts(&recorder, &recording, 0, "", "", &error));
    assert_true(recorder_drain(&recorder, &recording, &error));
    assert_int_equal(recording.text_places.count, 3);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        text_reset(&again);
        assert_true(journal_read(&recorder.journal, recording.text_places.place[2 - 2 * i], &again,
                                 &error));
        assert_string_equal(again.bytes, lines[i]);
        /* Whoever finds the request there finds its text as well. */
        assert_true(recording.text_places.place[2 - 2 * i].at <
                    recording.places.place[2 - 2 * i].at);
    }
    assert_int_equal(recording.text_places.place[1].length, 0);
    journal = journal_lines();
    assert_int_equal(cJSON_GetArraySize(journal), 5);
    cJSON_Delete(journal);
    text_clear(&again);
    recording_clear(&recording);
    recorder_stop(&recorder);
}

struct talk_thread {
    struct recorder *recorder;
    struct recording recording;
    char *completion;
    size_t requests;
    atomic_size_t put;
};

static void *talk(void *context)
{
    struct talk_thread *row = context;
    struct error error;

    for (size_t i = 0; i < row->requests; i++) {
        put_texts(row->recorder, &row->recording, i, "", row->completion, &error);
        atomic_fetch_add(&row->put, 1);
    }
    return NULL;
}

/* Again a disk that stands still: long texts do not pile up in memory. */
static void test_a_line_is_full_of_long_texts_too(void **state)
{
    enum { LENGTH = 1 << 20, FIT = RECORDER_TEXTS_MOST / LENGTH };
    struct recorder recorder = {0};
    struct talk_thread row = {.recorder = &recorder, .requests = FIT + 10};
    struct error error = {""};
    pthread_t thread;

    (void)state;
    row.completion = memory_new(LENGTH + 1, 1);
    memset(row.completion, 'a', LENGTH);
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    pthread_mutex_lock(&recorder.journal.lock);
    assert_int_equal(pthread_create(&thread, NULL, talk, &row), 0);
    for (int i = 0; i < 10000 && !is_waiting(&recorder); i++)
        sleep_a_little();
    sleep_a_little();
    assert_true(is_waiting(&recorder));
    assert_int_equal(atomic_load(&row.put), FIT);
    pthread_mutex_unlock(&recorder.journal.lock);
    pthread_join(thread, NULL);
    assert_true(recorder_drain(&recorder, &row.recording, &error));
    assert_int_equal(row.recording.text_places.count, FIT + 10);
    assert_true(row.recording.wait_ns > 0);
    assert_int_equal(recorder.text_bytes, 0);
    recording_clear(&row.recording);
    recorder_stop(&recorder);
    free(row.completion);
}

static void test_rows_beside_each_other_each_keep_their_order(void **state)
{
    struct recorder recorder = {0};
    struct row_thread row[ROWS] = {0};
    pthread_t thread[ROWS];
    size_t next[ROWS] = {0};
    struct error error = {""};
    const cJSON *line;
    cJSON *lines;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    for (size_t i = 0; i < ROWS; i++) {
        row[i].recorder = &recorder;
        row[i].recording.step = i;
        row[i].requests = EACH;
        assert_int_equal(pthread_create(&thread[i], NULL, put_all, &row[i]), 0);
    }
    for (size_t i = 0; i < ROWS; i++) {
        pthread_join(thread[i], NULL);
        assert_true(recorder_drain(&recorder, &row[i].recording, &error));
        assert_int_equal(atomic_load(&row[i].recording.written), EACH);
        assert_int_equal(row[i].recording.places.count, EACH);
        recording_clear(&row[i].recording);
    }
    lines = journal_lines();
    assert_int_equal(cJSON_GetArraySize(lines), ROWS * EACH);
    cJSON_ArrayForEach(line, lines)
    {
        size_t step = number_at(line, "step");

        assert_in_range(step, 0, ROWS - 1);
        assert_int_equal(index_of(line), next[step]);
        assert_int_equal(chunks_of(line), next[step] % 7);
        next[step]++;
    }
    cJSON_Delete(lines);
    recorder_stop(&recorder);
}

/* --- Disks that fail --------------------------------------------------------------------------*/

static void limit_file_size(rlim_t most)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = most;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A limit on the file's size tears a line as a full disk would: part of it still fits. */
static void test_a_full_disk_is_reported_and_leaves_whole_lines(void **state)
{
    struct recorder recorder = {0};
    struct recording recording = {0};
    struct error error = {""}, later = {""};
    size_t handed_over = 0;
    struct stat about;
    cJSON *lines;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    limit_file_size(20000);
    while (handed_over < 2 * RECORDER_ROOM && put(&recorder, &recording, handed_over, 0, &error))
        handed_over++;
    assert_false(recorder_drain(&recorder, &recording, &error));
    limit_file_size(RLIM_INFINITY);
    expect_part("why", error.text, "journal.jsonl: cannot be written: File too large");
    assert_int_equal(recording.left, 0);
    assert_false(put(&recorder, &recording, 5000, 0, &later));
    expect_text("the same later", later.text, error.text);
    lines = journal_lines();
    assert_in_range(cJSON_GetArraySize(lines), 1, handed_over);
    assert_int_equal(cJSON_GetArraySize(lines), atomic_load(&recording.written));
    assert_int_equal(stat("journal.jsonl", &about), 0);
    assert_int_equal(recorder.journal.size, about.st_size);
    cJSON_Delete(lines);
    recording_clear(&recording);
    recorder_stop(&recorder);
}

static void test_texts_that_do_not_fit_are_reported(void **state)
{
    struct recorder recorder = {0};
    struct recording recording = {0};
    struct error error = {""};
    char *completion = memory_new(20001, 1);

    (void)state;
    memset(completion, 'a', 20000);
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    limit_file_size(20000);
    assert_true(put_texts(&recorder, &recording, 0, "", completion, &error));
    assert_false(recorder_drain(&recorder, &recording, &error));
    limit_file_size(RLIM_INFINITY);
    expect_part("why", error.text, "journal.jsonl: cannot be written: File too large");
    assert_int_equal(recording.text_places.count, 0);
    recording_clear(&recording);
    recorder_stop(&recorder);
    free(completion);
}

/* Nobody asks for it: what is new is synced by itself. */
static void test_a_disk_that_keeps_nothing_is_reported(void **state)
{
    struct recorder recorder = {0};
    struct recording recording = {0};
    struct error error = {""};
    bool kept = true;

    (void)state;
    assert_true(recorder_start(&recorder, "journal.jsonl", &error));
    atomic_store(&sync_failure, EIO);
    expect_put(&recorder, &recording, 0);
    for (int i = 0; i < 20000 && kept; i++) {
        kept = recorder_drain(&recorder, &recording, &error);
        sleep_a_little();
    }
    atomic_store(&sync_failure, 0);
    assert_false(kept);
    expect_part("why", error.text, "journal.jsonl: cannot be written: Input/output error");
    assert_false(put(&recorder, &recording, 1, 0, &error));
    recording_clear(&recording);
    recorder_stop(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_records_stand_in_the_journal_in_their_order),
        in_folder(test_nothing_to_wait_for),
        in_folder(test_stop_writes_what_stands_in_line),
        in_folder(test_only_a_full_line_waits_and_for_how_long_is_counted),
        in_folder(test_what_was_said_stands_in_the_journal),
        in_folder(test_a_line_is_full_of_long_texts_too),
        in_folder(test_rows_beside_each_other_each_keep_their_order),
        in_folder(test_a_full_disk_is_reported_and_leaves_whole_lines),
        in_folder(test_texts_that_do_not_fit_are_reported),
        in_folder(test_a_disk_that_keeps_nothing_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
