#include "store/attempts.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "plan/order.h"
#include "store/journal.h"
#include "store/summary_file.h"

/* --- Lines of the journal --------------------------------------------------------------------- */

enum line_kind { LINE_OTHER, LINE_BEGINS, LINE_REQUEST, LINE_TEXT, LINE_FINGERPRINT, LINE_SEARCH };

struct line {
    enum line_kind kind;
    size_t step;
    off_t at;          /* where it begins in the journal */
    const char *value; /* what stands behind the colon … */
    size_t length;     /* … less the brace that ends the line */
};

/* By how it begins and ends, since all of them are ours: to parse each would take far longer. */
static struct line read_line(const char *bytes, size_t length, off_t at)
{
    static const struct {
        const char *text;
        enum line_kind kind;
    } kinds[] = {{"\"begins\":", LINE_BEGINS},
                 {"\"request\":", LINE_REQUEST},
                 {"\"text\":", LINE_TEXT},
                 {"\"fingerprint\":", LINE_FINGERPRINT},
                 {"\"search\":", LINE_SEARCH}};
    struct line line = {LINE_OTHER, 0, at, NULL, 0};
    int taken = 0;

    if (length < 2 || strlen(bytes) != length || strcmp(bytes + length - 2, "}\n") != 0 ||
        sscanf(bytes, "{\"step\":%zu,%n", &line.step, &taken) != 1 || taken == 0 ||
        line.step >= ORDER_VISITS_MOST)
        return line;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t key = strlen(kinds[i].text);

        if (strncmp(bytes + taken, kinds[i].text, key) == 0) {
            line.kind = kinds[i].kind;
            line.value = bytes + taken + key;
            line.length = length - 2 - (size_t)taken - key;
        }
    }
    return line;
}

/* A journal that is being read; zero its texts first. */
struct reading {
    char *path;
    FILE *file;
    char *bytes;
    size_t room;
    off_t at; /* where the next line begins */
};

static bool open_journal(struct reading *reading, const struct run *run, struct error *error)
{
    int fd;

    reading->path = file_join(run->folder, journal_file_name);
    fd = file_open_regular(reading->path, error);
    reading->file = fd >= 0 ? fdopen(fd, "r") : NULL;
    return reading->file != NULL;
}

/* The next line; false at the end. */
static bool next_line(struct reading *reading, struct line *line)
{
    ssize_t length = getline(&reading->bytes, &reading->room, reading->file);

    if (length <= 0)
        return false;
    *line = read_line(reading->bytes, (size_t)length, reading->at);
    reading->at += length;
    return true;
}

/* The line that begins at `at`. Lines of one attempt often follow each other, and what is buffered
 * is kept then. */
static bool line_at(struct reading *reading, off_t at, struct line *line)
{
    if (at != reading->at && fseeko(reading->file, at, SEEK_SET) != 0)
        return false;
    reading->at = at;
    return next_line(reading, line);
}

/* Returns `done`, or false where the journal could not be read to its end. */
static bool close_journal(struct reading *reading, bool done, struct error *error)
{
    if (reading->file && ferror(reading->file))
        done = error_set(error, "%s: cannot be read: %s", reading->path, strerror(errno));
    if (reading->file)
        fclose(reading->file);
    free(reading->bytes);
    free(reading->path);
    return done;
}

/* --- Attempts --------------------------------------------------------------------------------- */

/* The last that was begun at the step; NULL: none. */
static struct attempt *last_at(const struct attempts *attempts, size_t step)
{
    size_t number = step < attempts->steps ? attempts->last[step] : 0;

    return number > 0 ? &attempts->attempt[number - 1] : NULL;
}

static void set_last(struct attempts *attempts, size_t step, size_t number)
{
    if (step >= attempts->steps) {
        size_t steps = 2 * step + 64;

        attempts->last = memory_resize(attempts->last, steps, sizeof *attempts->last);
        memset(attempts->last + attempts->steps, 0,
               (steps - attempts->steps) * sizeof *attempts->last);
        attempts->steps = steps;
    }
    attempts->last[step] = number;
}

static void add_attempt(struct attempts *attempts, const struct line *line)
{
    char *json = memory_bytes(line->value, line->length);
    cJSON *name = cJSON_Parse(json);

    if (cJSON_IsString(name) && !strchr(name->valuestring, '/')) {
        attempts->attempt =
            memory_grow(attempts->attempt, attempts->count, sizeof *attempts->attempt);
        attempts->attempt[attempts->count] =
            (struct attempt){.step = line->step,
                             .number = attempts_at(attempts, line->step) + 1,
                             .name = memory_text(name->valuestring)};
        set_last(attempts, line->step, ++attempts->count);
    }
    cJSON_Delete(name);
    free(json);
}

static void count_object(struct attempt *attempt, const struct line *line)
{
    size_t lines = attempt->requests + attempt->texts;

    attempt->line = memory_grow(attempt->line, lines, sizeof *attempt->line);
    attempt->line[lines] = line->at;
    attempt->requests += line->kind == LINE_REQUEST;
    attempt->texts += line->kind == LINE_TEXT;
}

static void keep(char **object, const struct line *line)
{
    free(*object);
    *object = memory_bytes(line->value, line->length);
}

static void take_line(struct attempts *attempts, const struct line *line)
{
    struct attempt *last = last_at(attempts, line->step);

    if (line->kind == LINE_BEGINS)
        add_attempt(attempts, line);
    else if (last && line->kind == LINE_FINGERPRINT)
        keep(&last->fingerprint, line);
    else if (last && line->kind == LINE_SEARCH)
        keep(&last->search, line);
    else if (last && line->kind != LINE_OTHER)
        count_object(last, line);
}

static int by_step_and_name(const void *a, const void *b, void *context)
{
    const struct attempt *attempt = context;
    const struct attempt *x = &attempt[*(const size_t *)a], *y = &attempt[*(const size_t *)b];

    if (x->step != y->step)
        return (x->step > y->step) - (x->step < y->step);
    return strcmp(x->name, y->name);
}

static void sort_names(struct attempts *attempts)
{
    attempts->by_name = memory_new(attempts->count, sizeof *attempts->by_name);
    for (size_t i = 0; i < attempts->count; i++)
        attempts->by_name[i] = i;
    if (attempts->count > 0)
        qsort_r(attempts->by_name, attempts->count, sizeof *attempts->by_name, by_step_and_name,
                attempts->attempt);
}

bool attempts_read(const struct run *run, struct attempts *attempts, struct error *error)
{
    struct reading reading = {0};
    struct line line;
    bool done;

    *attempts = (struct attempts){0};
    done = open_journal(&reading, run, error);
    while (done && next_line(&reading, &line))
        take_line(attempts, &line);
    sort_names(attempts);
    return close_journal(&reading, done, error);
}

size_t attempts_at(const struct attempts *attempts, size_t step)
{
    const struct attempt *last = last_at(attempts, step);

    return last ? last->number : 0;
}

const struct attempt *attempts_last(const struct attempts *attempts, size_t step)
{
    return last_at(attempts, step);
}

bool attempts_began(const struct attempts *attempts, size_t step, const char *name)
{
    size_t from = 0, to = attempts->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct attempt *attempt = &attempts->attempt[attempts->by_name[middle]];

        if (attempt->step < step || (attempt->step == step && strcmp(attempt->name, name) < 0))
            from = middle + 1;
        else
            to = middle;
    }
    if (from < attempts->count) {
        const struct attempt *attempt = &attempts->attempt[attempts->by_name[from]];

        if (attempt->step == step && strcmp(attempt->name, name) == 0)
            return true;
    }
    return !last_at(attempts, step);
}

/* --- Setting aside ---------------------------------------------------------------------------- */

/* Writes those lines of the attempt that are of the kind. */
static bool copy_to(FILE *out, struct reading *reading, const struct attempt *attempt,
                    enum line_kind kind, struct error *error)
{
    size_t copied = 0;
    struct line line;

    for (size_t i = 0; i < attempt->requests + attempt->texts; i++) {
        if (!line_at(reading, attempt->line[i], &line))
            return error_set(error, "%s: ends before a line that it had", reading->path);
        if (line.kind != kind)
            continue;
        if (kind == LINE_REQUEST)
            fputs(copied == 0 ? "\n" : ",\n", out);
        fwrite(line.value, 1, line.length, out);
        if (kind == LINE_TEXT)
            fputc('\n', out);
        copied++;
    }
    return true;
}

/* "<name>_attempt_<number><ending>" */
static char *aside_path(const struct run *run, const struct attempt *attempt, const char *ending)
{
    return memory_printf("%s/%s_attempt_%zu%s", run->folder, attempt->name, attempt->number,
                         ending);
}

static bool copy_lines(const struct run *run, const struct attempt *attempt, enum line_kind kind,
                       const char *ending, struct error *error)
{
    char *path = aside_path(run, attempt, ending);
    struct file_draft draft;
    bool done = file_exists(path);

    if (!done && file_draft_begin(&draft, path, error)) {
        struct reading reading = {0};

        if (kind == LINE_REQUEST)
            fputc('[', draft.out);
        done = open_journal(&reading, run, error) &&
               copy_to(draft.out, &reading, attempt, kind, error);
        done = close_journal(&reading, done, error);
        if (kind == LINE_REQUEST)
            fputs("\n]\n", draft.out);
        done = file_draft_end(&draft, done, error);
    }
    free(path);
    return done;
}

/* Takes what is there of its files out of the way: to the new name, or with NULL for good. */
static bool move(const struct run *run, const struct attempt *attempt, const char *from,
                 const char *to, struct error *error)
{
    char *old = run_path(run, attempt->name, from);
    char *new = to ? aside_path(run, attempt, to) : NULL;
    bool done = (new ? rename(old, new) : unlink(old)) == 0 || errno == ENOENT;

    if (!done)
        error_set(error, "%s: cannot be set aside: %s", old, strerror(errno));
    free(old);
    free(new);
    return done;
}

/* Each file of a step, and what it is called once its attempt is set aside. */
static const struct {
    const char *of_step, *aside;
} files[] = {{"_probe.json", "_probe.json"},
             {"_phases.json", "_phases.json"},
             {"_response_texts.jsonl", "_texts.jsonl"},
             {"_individual_responses.json", ".json"},
             {"_summary.json", "_figures.json"}};

static bool move_all(const struct run *run, const struct attempt *attempt, bool keep,
                     struct error *error)
{
    bool done = true;

    for (size_t i = 0; i < sizeof files / sizeof *files && done; i++)
        done = move(run, attempt, files[i].of_step, keep ? files[i].aside : NULL, error);
    return done;
}

/* The summary goes last: until then the attempt counts as one that was summed up, and what of its
 * files was moved is moved. Without one, the journal has all there is. */
bool attempts_set_aside(const struct run *run, const struct attempt *attempt, struct error *error)
{
    char *figures = aside_path(run, attempt, "_figures.json");
    char *summary = summary_file_path(run->folder, attempt->name);
    bool done, summed = file_exists(summary) || file_exists(figures);

    if (summed)
        done = move_all(run, attempt, true, error);
    else
        done =
            (attempt->requests == 0 || copy_lines(run, attempt, LINE_REQUEST, ".json", error)) &&
            (attempt->texts == 0 || copy_lines(run, attempt, LINE_TEXT, "_texts.jsonl", error)) &&
            move_all(run, attempt, false, error);
    free(figures);
    free(summary);
    return done;
}

void attempts_clear(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++) {
        free(attempts->attempt[i].name);
        free(attempts->attempt[i].line);
        free(attempts->attempt[i].fingerprint);
        free(attempts->attempt[i].search);
    }
    free(attempts->attempt);
    free(attempts->last);
    free(attempts->by_name);
    *attempts = (struct attempts){0};
}
