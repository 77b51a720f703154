#include "serve/watch/run_plan.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "serve/runs/run_folder.h"
#include "store/manifest.h"

enum { MOST = 256 << 20 }; /* bytes of a manifest */

static cJSON *read_manifest(int folder)
{
    uint64_t length = 0, done = 0;
    int file = run_folder_open_file(folder, manifest_file_name, &length);
    char *bytes = file >= 0 && length <= MOST ? memory_new(length + 1, 1) : NULL;
    cJSON *root;

    while (bytes && done < length) {
        ssize_t got = read(file, bytes + done, length - done);

        if (got <= 0)
            break;
        done += (uint64_t)got;
    }
    if (file >= 0)
        close(file);
    root = bytes ? cJSON_ParseWithLength(bytes, done) : NULL;
    free(bytes);
    return root;
}

static char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return memory_text(cJSON_IsString(item) ? item->valuestring : "");
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static int64_t line_of(double number)
{
    return number >= 0 && number < 1e15 ? (int64_t)number : -1;
}

static void add_row(struct run_plan *plan, const cJSON *row)
{
    const cJSON *mix = cJSON_GetObjectItemCaseSensitive(row, "mix");

    plan->row = memory_grow(plan->row, plan->rows, sizeof *plan->row);
    plan->row[plan->rows++] = (struct plan_row){
        .line = line_of(number_of(row, "line")),
        .model = text_of(row, "model_name"),
        .input_tokens = number_of(row, "input_tokens"),
        .output_tokens = number_of(row, "output_tokens"),
        .num_requests = number_of(row, "num_requests"),
        .duration_s = number_of(row, "duration_s"),
        .concurrent_requests = number_of(row, "concurrent_requests"),
        .qps = number_of(row, "qps"),
        .mix = cJSON_IsString(mix) ? memory_text(mix->valuestring) : NULL,
    };
}

/* Rows stand in the order of their lines. */
static size_t find_row(const struct run_plan *plan, int64_t line)
{
    size_t from = 0, to = plan->rows;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (plan->row[middle].line < line)
            from = middle + 1;
        else
            to = middle;
    }
    return from < plan->rows && plan->row[from].line == line ? from : plan->rows;
}

static void add_visits(struct run_plan *plan, const cJSON *visits)
{
    plan->visit = memory_new((size_t)cJSON_GetArraySize(visits) + 1, sizeof *plan->visit);
    for (const cJSON *visit = visits ? visits->child : NULL; visit; visit = visit->next)
        plan->visit[plan->steps++] =
            find_row(plan, cJSON_IsNumber(visit) ? line_of(visit->valuedouble) : -1);
}

static int by_line(const void *a, const void *b)
{
    const struct plan_row *x = a, *y = b;

    return (x->line > y->line) - (x->line < y->line);
}

bool run_plan_read(int folder, struct run_plan *plan)
{
    cJSON *root = read_manifest(folder);
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(root, "rows");

    *plan = (struct run_plan){
        .name = text_of(root, "run_name"),
        .status = text_of(root, "status"),
        .endpoint = text_of(cJSON_GetObjectItemCaseSensitive(root, "endpoint"), "address"),
    };
    for (const cJSON *row = rows ? rows->child : NULL; row; row = row->next)
        add_row(plan, row);
    if (plan->rows > 0)
        qsort(plan->row, plan->rows, sizeof *plan->row, by_line);
    add_visits(plan, cJSON_GetObjectItemCaseSensitive(root, "visits"));
    cJSON_Delete(root);
    return root;
}

const struct plan_row *run_plan_row(const struct run_plan *plan, size_t step)
{
    return step < plan->steps && plan->visit[step] < plan->rows ? &plan->row[plan->visit[step]]
                                                                : NULL;
}

double run_plan_requests(const struct run_plan *plan)
{
    double requests = 0;

    for (size_t i = 0; i < plan->steps; i++) {
        const struct plan_row *row = run_plan_row(plan, i);

        if (!row || !(row->num_requests > 0))
            return 0;
        requests += row->num_requests;
    }
    return requests;
}

void run_plan_clear(struct run_plan *plan)
{
    for (size_t i = 0; i < plan->rows; i++) {
        free(plan->row[i].model);
        free(plan->row[i].mix);
    }
    free(plan->row);
    free(plan->visit);
    free(plan->name);
    free(plan->status);
    free(plan->endpoint);
    *plan = (struct run_plan){0};
}
