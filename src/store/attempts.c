#include "store/attempts.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/journal.h"
#include "store/summary_file.h"

/* --- Lines of the journal --------------------------------------------------------------------- */

enum line_kind { LINE_OTHER, LINE_BEGINS, LINE_REQUEST, LINE_TEXT };

struct line {
    enum line_kind kind;
    size_t step;
    const char *value; /* what stands behind the colon … */
    size_t length;     /* … less the brace that ends the line */
};

/* By how it begins and ends, since all of them are ours: to parse each would take far longer. */
static struct line read_line(const char *bytes, size_t length)
{
    static const struct {
        const char *text;
        enum line_kind kind;
    } kinds[] = {
        {"\"begins\":", LINE_BEGINS}, {"\"request\":", LINE_REQUEST}, {"\"text\":", LINE_TEXT}};
    struct line line = {LINE_OTHER, 0, NULL, 0};
    int taken = 0;

    if (length < 2 || strlen(bytes) != length || strcmp(bytes + length - 2, "}\n") != 0 ||
        sscanf(bytes, "{\"step\":%zu,%n", &line.step, &taken) != 1 || taken == 0)
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

/* Calls `take` for each line of the run's journal. */
static bool read_journal(const struct run *run, void *context,
                         void (*take)(void *context, const struct line *line), struct error *error)
{
    char *path = file_join(run->folder, journal_file_name);
    FILE *file = fopen(path, "re");
    char *bytes = NULL;
    size_t room = 0;
    ssize_t length;
    bool done = file != NULL;

    while (file && (length = getline(&bytes, &room, file)) > 0) {
        struct line line = read_line(bytes, (size_t)length);

        take(context, &line);
    }
    if (!file || ferror(file))
        done = error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    if (file)
        fclose(file);
    free(bytes);
    free(path);
    return done;
}

/* --- Attempts --------------------------------------------------------------------------------- */

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
        attempts->count++;
    }
    cJSON_Delete(name);
    free(json);
}

/* The last that was begun at the step; NULL: none. */
static struct attempt *last_at(const struct attempts *attempts, size_t step)
{
    for (size_t i = attempts->count; i > 0; i--) {
        if (attempts->attempt[i - 1].step == step)
            return &attempts->attempt[i - 1];
    }
    return NULL;
}

static void count_line(void *context, const struct line *line)
{
    struct attempts *attempts = context;
    struct attempt *last;

    if (line->kind == LINE_BEGINS)
        add_attempt(attempts, line);
    if (line->kind != LINE_REQUEST && line->kind != LINE_TEXT)
        return;
    last = last_at(attempts, line->step);
    if (last && line->kind == LINE_REQUEST)
        last->requests++;
    else if (last)
        last->texts++;
}

bool attempts_read(const struct run *run, struct attempts *attempts, struct error *error)
{
    *attempts = (struct attempts){0};
    return read_journal(run, attempts, count_line, error);
}

size_t attempts_at(const struct attempts *attempts, size_t step)
{
    const struct attempt *last = last_at(attempts, step);

    return last ? last->number : 0;
}

/* --- Setting aside ---------------------------------------------------------------------------- */

/* Lines of one attempt on their way to a file. */
struct copying {
    const struct attempt *attempt;
    enum line_kind kind;
    size_t begun; /* attempts at the step so far */
    size_t copied;
    FILE *out;
};

static void copy_line(void *context, const struct line *line)
{
    struct copying *copying = context;

    if (line->step != copying->attempt->step)
        return;
    copying->begun += line->kind == LINE_BEGINS;
    if (line->kind != copying->kind || copying->begun != copying->attempt->number)
        return;
    if (copying->kind == LINE_REQUEST)
        fputs(copying->copied == 0 ? "\n" : ",\n", copying->out);
    fwrite(line->value, 1, line->length, copying->out);
    if (copying->kind == LINE_TEXT)
        fputc('\n', copying->out);
    copying->copied++;
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
    struct copying copying = {.attempt = attempt, .kind = kind};
    char *path = aside_path(run, attempt, ending);
    struct file_draft draft;
    bool done = file_exists(path);

    if (!done && file_draft_begin(&draft, path, error)) {
        copying.out = draft.out;
        if (kind == LINE_REQUEST)
            fputc('[', draft.out);
        done = read_journal(run, &copying, copy_line, error);
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
    for (size_t i = 0; i < attempts->count; i++)
        free(attempts->attempt[i].name);
    free(attempts->attempt);
    *attempts = (struct attempts){0};
}
