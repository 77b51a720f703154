#include "plan/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/word.h"

static const char blanks[] = " \t";

enum { WAVES_LEAST = 3, REQUESTS_LEAST = 10 };

/* The item that begins at `*at`, without blanks around it, for the caller to free; moves on to what
 * follows its comma, or to NULL. */
static char *take_item(const char **at)
{
    const char *begin = *at + strspn(*at, blanks);
    size_t length = strcspn(begin, ",");

    *at = begin[length] ? begin + length + 1 : NULL;
    while (length > 0 && strchr(blanks, begin[length - 1]))
        length--;
    return memory_bytes(begin, length);
}

static bool read_item(const char *item, int64_t most, int64_t *number, struct error *error)
{
    if (!*item)
        return error_set(error, "holds an empty place; write whole numbers such as 1,2,4");
    if (!word_integer(item, number) || *number < 1 || *number > most)
        return error_set(error, "'%.60s' is not a whole number from 1 to %" PRId64, item, most);
    return true;
}

bool sweep_numbers_read(const char *list, int64_t most, struct sweep_numbers *numbers,
                        struct error *error)
{
    bool good = true;

    numbers->number = memory_new(SWEEP_NUMBERS_MOST, sizeof *numbers->number);
    for (const char *at = list; good && at;) {
        char *item = take_item(&at);

        if (numbers->count == SWEEP_NUMBERS_MOST)
            good = error_set(error, "holds more than %d numbers", (int)SWEEP_NUMBERS_MOST);
        else
            good = read_item(item, most, &numbers->number[numbers->count++], error);
        free(item);
    }
    return good;
}

void sweep_numbers_clear(struct sweep_numbers *numbers)
{
    free(numbers->number);
    *numbers = (struct sweep_numbers){0};
}

void sweep_clear(struct sweep *sweep)
{
    sweep_numbers_clear(&sweep->input_tokens);
    sweep_numbers_clear(&sweep->output_tokens);
    sweep_numbers_clear(&sweep->concurrency);
    sweep_grid_clear(&sweep->grid);
}

int64_t sweep_requests(int64_t concurrency)
{
    int64_t waves = (REQUESTS_LEAST + concurrency - 1) / concurrency;

    return concurrency * (waves > WAVES_LEAST ? waves : WAVES_LEAST);
}

/* One model on its way into the rows. */
struct making {
    const struct sweep *sweep;
    const struct sweep_model *model;
    struct rows *rows;
    struct sweep_left_out *left_out;
    bool full;
};

/* A length to run at, and what it has to fit into; 0: anything does. */
struct length {
    int64_t input_tokens, output_tokens, room;
    const struct bundle_tier *tier; /* NULL: not known */
};

static size_t count_concurrencies(const struct making *making, const struct bundle_tier *tier)
{
    if (making->sweep->grid.count > 0)
        return making->sweep->grid.count;
    if (making->sweep->concurrency.count > 0)
        return making->sweep->concurrency.count;
    return tier ? tier->batch_sizes.count : 1;
}

static int64_t concurrency_at(const struct making *making, const struct bundle_tier *tier, size_t i)
{
    if (making->sweep->concurrency.count > 0)
        return making->sweep->concurrency.number[i];
    return tier ? bundle_batch_size(tier, i) : SWEEP_CONCURRENCY;
}

/* A row at `concurrency`, or where that is 0 at a rate. */
static void add_row(struct making *making, const struct length *length, int64_t concurrency,
                    double qps)
{
    int64_t asked = making->sweep->num_requests;
    int64_t enough = concurrency > 0 ? sweep_requests(concurrency) : SWEEP_RATE_REQUESTS;
    bool timed = making->sweep->duration_s > 0;
    struct rows *rows = making->rows;

    making->full = making->full || rows->count == SWEEP_ROWS_MOST;
    if (making->full)
        return;
    rows->row = memory_grow(rows->row, rows->count, sizeof *rows->row);
    rows->row[rows->count++] = (struct row){
        .model_name = memory_text(making->model->name),
        .input_tokens = length->input_tokens,
        .output_tokens = length->output_tokens,
        .num_requests = asked || timed ? asked : enough,
        .concurrent_requests = concurrency,
        .qps = qps,
        .duration_s = making->sweep->duration_s,
        .warmup_requests = making->sweep->warmup_requests,
        .cooldown_requests = making->sweep->cooldown_requests,
    };
}

static void leave_out(struct sweep_left_out *left_out, size_t rows, int64_t tokens, int64_t room)
{
    left_out->rows += rows;
    if (tokens > left_out->tokens) {
        left_out->tokens = tokens;
        left_out->room = room;
    }
}

static void add_length(struct making *making, const struct length *length)
{
    int64_t tokens = length->input_tokens + length->output_tokens;
    size_t count = count_concurrencies(making, length->tier);

    if (length->room && tokens > length->room) {
        leave_out(making->left_out, count, tokens, length->room);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        double load = making->sweep->grid.count > 0 ? making->sweep->grid.load[i] : 0;

        if (making->sweep->grid.count == 0)
            add_row(making, length, concurrency_at(making, length->tier, i), 0);
        else if (making->sweep->grid.open_loop)
            add_row(making, length, 0, load);
        else
            add_row(making, length, (int64_t)load, 0);
    }
}

/* A length that was asked for runs at the smallest tier that holds it, where tiers are known. A
 * length that fits none is counted with the largest tier's batch sizes. */
static void add_asked(struct making *making, int64_t input_tokens, int64_t output_tokens)
{
    const struct bundle_expert *expert = making->model->expert;
    struct length length = {input_tokens, output_tokens, making->model->context_tokens, NULL};

    if (expert) {
        length.tier = bundle_find_tier(expert, input_tokens + output_tokens);
        if (!length.tier)
            length.tier = bundle_tier(expert, expert->tiers.count - 1);
    }
    add_length(making, &length);
}

/* A tier's own length lies halfway between it and the tier below, so that neither the chat
 * template's tokens nor a tokenizer that counts otherwise move a row to another tier. */
static void add_tier(struct making *making, size_t i, int64_t output_tokens)
{
    const struct bundle_expert *expert = making->model->expert;
    const struct bundle_tier *tier = bundle_tier(expert, i);
    int64_t below = i > 0 ? bundle_tier(expert, i - 1)->tokens : 0;
    int64_t input_tokens = below + (tier->tokens - below + 1) / 2 - output_tokens;

    add_length(making, &(struct length){input_tokens > 1 ? input_tokens : 1, output_tokens,
                                        tier->tokens, tier});
}

static void add_outputs(struct making *making, size_t input, bool by_tier)
{
    const struct sweep_numbers *inputs = &making->sweep->input_tokens;
    const struct sweep_numbers *outputs = &making->sweep->output_tokens;
    int64_t input_tokens = inputs->count > 0 ? inputs->number[input] : SWEEP_INPUT_TOKENS;

    for (size_t i = 0; i < (outputs->count > 0 ? outputs->count : 1) && !making->full; i++) {
        int64_t output_tokens = outputs->count > 0 ? outputs->number[i] : SWEEP_OUTPUT_TOKENS;

        if (by_tier)
            add_tier(making, input, output_tokens);
        else
            add_asked(making, input_tokens, output_tokens);
    }
}

bool sweep_add_model(const struct sweep *sweep, const struct sweep_model *model, struct rows *rows,
                     struct sweep_left_out *left_out, struct error *error)
{
    struct making making = {sweep, model, rows, left_out, false};
    bool by_tier = model->expert && sweep->input_tokens.count == 0;
    size_t inputs = by_tier                         ? model->expert->tiers.count
                    : sweep->input_tokens.count > 0 ? sweep->input_tokens.count
                                                    : 1;

    for (size_t i = 0; i < inputs && !making.full; i++)
        add_outputs(&making, i, by_tier);
    return !making.full ||
           error_set(error, "these are more than %d rows; ask for fewer models or numbers",
                     (int)SWEEP_ROWS_MOST);
}

/* A reader takes blanks at the ends of a cell away unless it is quoted. */
static bool needs_quotes(const char *cell)
{
    size_t length = strlen(cell);

    return strpbrk(cell, ",\"\r\n") ||
           (length > 0 && (strchr(blanks, cell[0]) || strchr(blanks, cell[length - 1])));
}

static void add_cell(struct text *text, const char *cell)
{
    if (!needs_quotes(cell)) {
        text_add_string(text, cell);
        return;
    }
    text_add_char(text, '"');
    for (; *cell; cell++) {
        if (*cell == '"')
            text_add_char(text, '"');
        text_add_char(text, *cell);
    }
    text_add_char(text, '"');
}

/* 0 is an empty cell. */
static void add_number(struct text *text, double number)
{
    text_add_char(text, ',');
    if (number > 0 && number == floor(number))
        text_printf(text, "%.0f", number);
    else if (number > 0)
        text_add_number(text, number);
}

/* A column that our own rows may have. */
struct own_column {
    const char *name;
    double (*of)(const struct row *row);
};

static double duration_of(const struct row *row)
{
    return row->duration_s;
}

static double warmup_of(const struct row *row)
{
    return (double)row->warmup_requests;
}

static double cooldown_of(const struct row *row)
{
    return (double)row->cooldown_requests;
}

static const struct own_column own_columns[] = {
    {"duration_s", duration_of},
    {"warmup_requests", warmup_of},
    {"cooldown_requests", cooldown_of},
};

enum { OWN_COLUMNS = sizeof own_columns / sizeof *own_columns };

static bool any_has(const struct rows *rows, const struct own_column *column)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (column->of(&rows->row[i]) > 0)
            return true;
    }
    return false;
}

void sweep_add_csv(struct text *text, const struct rows *rows, const struct sweep_alike *alike)
{
    bool own[OWN_COLUMNS];

    text_add_string(text, "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,"
                          "qps,qps_distribution,multimodal_img_size");
    for (size_t k = 0; k < OWN_COLUMNS; k++) {
        own[k] = any_has(rows, &own_columns[k]);
        if (own[k])
            text_printf(text, ",%s", own_columns[k].name);
    }
    text_printf(text, "%s\n", alike->names);
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        add_cell(text, row->model_name);
        text_printf(text, ",%" PRId64 ",%" PRId64, row->input_tokens, row->output_tokens);
        add_number(text, (double)row->num_requests);
        add_number(text, (double)row->concurrent_requests);
        add_number(text, row->qps);
        text_add_string(text, ",,");
        for (size_t k = 0; k < OWN_COLUMNS; k++) {
            if (own[k])
                add_number(text, own_columns[k].of(row));
        }
        text_printf(text, "%s\n", alike->cells);
    }
}
