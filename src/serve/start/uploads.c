/* Files that drafts name: data sets, pictures, traces, rows. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "serve/http/body_file.h"
#include "serve/http/exchange.h"
#include "serve/own_folder.h"
#include "serve/responders.h"
#include "serve/workbench.h"

enum { NAME_MOST = 255, ENDING_MOST = 8 };

static const char *const kinds[] = {"dataset", "image", "trace", "rows"};

static bool is_kind(const char *word)
{
    for (size_t i = 0; word && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(word, kinds[i]) == 0)
            return true;
    }
    return false;
}

/* ".jsonl" of "Prompts.JSONL": what is behind the last point, where it is letters and digits; ""
 * where there is none. It tells readers what the file is. */
static void take_ending(const char *name, char ending[ENDING_MOST + 2])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const char *point = strrchr(name, '.');
    size_t length = point ? strlen(point + 1) : 0;

    ending[0] = '\0';
    if (length == 0 || length > ENDING_MOST || strspn(point + 1, letters) != length)
        return;
    for (size_t i = 0; i <= length + 1; i++)
        ending[i] = (char)(point[i] >= 'A' && point[i] <= 'Z' ? point[i] | 0x20 : point[i]);
}

/* The path that leads there from everywhere. */
static char *reference_of(const struct workbench *workbench, const char *name)
{
    char *below = memory_printf("%s/%s", body_file_folder, name);
    char *path = own_folder_path(workbench, below), *whole = realpath(path, NULL);

    free(below);
    if (!whole)
        return path;
    free(path);
    return whole;
}

static void reply_kept(const struct workbench *workbench, struct exchange *exchange,
                       const char *name, uint64_t length)
{
    char *reference = reference_of(workbench, name);
    struct text json = {0};

    text_printf(&json, "{\"name\":\"%s\",\"reference\":", name);
    text_add_json(&json, reference);
    text_printf(&json, ",\"bytes\":%llu}\n", (unsigned long long)length);
    exchange_reply(exchange, 201, EXCHANGE_JSON, "application/json", &json);
    free(reference);
}

void respond_upload(struct workbench *workbench, struct exchange *exchange)
{
    const char *kind = exchange_query(exchange, "kind"), *name = exchange_query(exchange, "name");
    struct body_file *file = exchange_body_file(exchange);
    char ending[ENDING_MOST + 2], *kept;
    uint64_t length = 0;
    struct error error;

    if (!is_kind(kind)) {
        exchange_refuse(exchange, 400, "kind: is none of dataset, image, trace, rows");
        return;
    }
    if (!name || !name[0] || strlen(name) > NAME_MOST) {
        exchange_refuse(exchange, 400, "name: is not the file's own name of at most %d bytes",
                        NAME_MOST);
        return;
    }
    if (!file) {
        exchange_refuse(exchange, 400, "the file is empty");
        return;
    }
    take_ending(name, ending);
    kept = body_file_keep(file, ending, &length, &error);
    if (kept)
        reply_kept(workbench, exchange, kept, length);
    else
        exchange_refuse(exchange, 507, "%s", error.text);
    free(kept);
}
