#include "export/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/kit_file.h"
#include "store/responses.h"

static bool write_summary(const struct results *run, const struct step *step, const char *folder,
                          struct error *error)
{
    char *path = memory_printf("%s/%s_summary.json", folder, step->name);
    struct text json = {0};
    bool done = kit_file_add_summary(run->folder, step->name, &json, error) &&
                file_write(path, json.bytes, json.length, error);

    text_clear(&json);
    free(path);
    return done;
}

static bool write_responses(const struct results *run, const struct step *step, const char *folder,
                            struct error *error)
{
    struct file_draft draft;
    char *path;
    bool done;

    if (!responses_are_there(run->folder, step->name, STEP_LOAD))
        return true;
    path = memory_printf("%s/%s_%s.json", folder, step->name, responses_ending(STEP_LOAD));
    done = file_draft_begin(&draft, path, error);
    if (done) {
        done = kit_file_write_responses(run->folder, step->name, draft.out, error);
        done = file_draft_end(&draft, done, error);
    }
    free(path);
    return done;
}

static bool copy_bytes(const char *from, FILE *out, struct error *error)
{
    int in = file_open_regular(from, error);
    char bytes[1 << 14];
    ssize_t got;

    if (in < 0)
        return false;
    while ((got = read(in, bytes, sizeof bytes)) > 0)
        fwrite(bytes, 1, (size_t)got, out);
    close(in);
    return got == 0 || error_set(error, "%s: cannot be read", from);
}

static bool copy_texts(const struct results *run, const struct step *step, const char *folder,
                       struct error *error)
{
    static const char ending[] = "_response_texts.jsonl";
    char *from = memory_printf("%s/%s%s", run->folder, step->name, ending);
    char *to = memory_printf("%s/%s%s", folder, step->name, ending);
    struct file_draft draft;
    bool there = file_exists(from), done = !there || file_draft_begin(&draft, to, error);

    if (there && done) {
        done = copy_bytes(from, draft.out, error);
        done = file_draft_end(&draft, done, error);
    }
    free(from);
    free(to);
    return done;
}

bool kit_write(const struct results *run, const char *folder, struct error *error)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct step *step = &run->step[i];

        if (!write_responses(run, step, folder, error) || !copy_texts(run, step, folder, error) ||
            !write_summary(run, step, folder, error))
            return false;
    }
    return true;
}
