#include "plan/loads.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/word.h"

/* A mapping of what a row asks for to what the bundle has; NULL where it has none. */
struct asked {
    const struct bundle_expert *expert;
    const struct bundle_tier *tier, *last; /* of a session's last turn, which is the longest */
    int64_t tokens, last_tokens;
};

/* A generic endpoint's "Bundle/…/NAME" and "COE/NAME" name the expert behind the last slash. */
static const char *expert_name(const char *model)
{
    bool bundled = strncmp(model, "Bundle/", 7) == 0 || strncmp(model, "COE/", 4) == 0;

    return bundled ? strrchr(model, '/') + 1 : model;
}

static const struct bundle_expert *find_expert(const struct bundle *bundle, const char *model)
{
    const struct bundle_expert *expert = bundle_find_expert(bundle, model);

    return expert ? expert : bundle_find_expert(bundle, expert_name(model));
}

static struct asked find(const struct bundle *bundle, const struct row *row)
{
    struct asked asked = {.expert = find_expert(bundle, row->model_name),
                          .tokens = row->input_tokens + row->output_tokens,
                          .last_tokens = row_tokens_most(row)};

    if (asked.expert)
        asked.tier = bundle_find_tier(asked.expert, asked.tokens);
    if (asked.expert)
        asked.last = bundle_find_tier(asked.expert, asked.last_tokens);
    return asked;
}

double loads_weight_gb(const struct bundle *bundle, const struct row *row)
{
    struct asked asked = find(bundle, row);

    return asked.expert && asked.expert->weight_gb > 0 ? asked.expert->weight_gb : NAN;
}

bool loads_find(const struct bundle *bundle, const char *model, int64_t tokens,
                struct bundle_configuration *found)
{
    const struct bundle_expert *expert = find_expert(bundle, model);
    const struct bundle_tier *tier = expert ? bundle_find_tier(expert, tokens) : NULL;

    if (!tier)
        return false;
    *found = (struct bundle_configuration){expert, tier, 0};
    return true;
}

int64_t loads_context(const struct bundle *bundle, const char *model)
{
    const struct bundle_expert *expert = find_expert(bundle, model);

    return expert && expert->tiers.count > 0 ? bundle_tier(expert, expert->tiers.count - 1)->tokens
                                             : 0;
}

/* --- Advice ----------------------------------------------------------------------------------- */

static const char *name_at(const void *experts, size_t i)
{
    return ((const struct bundle_expert *)experts)[i].name;
}

/* Whether the template, or a fiftieth more tokens than were meant, would not fit any more. */
static bool is_narrow(const struct asked *asked)
{
    int64_t margin = asked->tier->tokens / 50;

    if (margin < asked->expert->template_tokens)
        margin = asked->expert->template_tokens;
    return asked->tokens + margin > asked->tier->tokens;
}

static void advise(const struct bundle *bundle, const struct row *row, const char *file,
                   struct faults *warnings)
{
    const struct asked asked = find(bundle, row);

    if (!asked.expert) {
        const char *near = word_nearest(expert_name(row->model_name), bundle->experts.items,
                                        bundle->experts.count, name_at);

        faults_add(warnings, file, row->line, "the bundle does not list the model '%s'%s%s%s",
                   row->model_name, near ? " (did you mean '" : "", near ? near : "",
                   near ? "'?)" : "");
    } else if (!asked.last) {
        faults_add(
            warnings, file, row->line,
            "%s are %" PRId64 " tokens; the longest tier of '%s' in the bundle holds %" PRId64,
            row_has_sessions(row) ? "the last turn's prompt and response" : "input and output",
            asked.last_tokens, asked.expert->name,
            bundle_tier(asked.expert, asked.expert->tiers.count - 1)->tokens);
    } else if (asked.last != asked.tier) {
        faults_add(warnings, file, row->line,
                   "a session's turns run in more than one tier of '%s': the first in that of "
                   "%" PRId64 " tokens, the last in that of %" PRId64
                   "; the node may switch between them",
                   asked.expert->name, asked.tier->tokens, asked.last->tokens);
    } else if (is_narrow(&asked)) {
        faults_add(warnings, file, row->line,
                   "input and output are %" PRId64 " tokens, so near the tier of %" PRId64
                   " that the chat template or another tokenizer may carry them over it",
                   asked.tokens, asked.tier->tokens);
    }
}

void loads_advise(const struct bundle *bundle, const struct rows *rows, const char *file,
                  struct faults *warnings)
{
    for (size_t i = 0; i < rows->count; i++)
        advise(bundle, &rows->row[i], file, warnings);
}

/* --- Configurations --------------------------------------------------------------------------- */

/* Whether a row at this tier may run at its `i`-th batch size. */
static bool may_run(const struct bundle_tier *tier, size_t i, const struct row *row)
{
    int64_t size = bundle_batch_size(tier, i);
    int64_t most = row->concurrent_requests, requests = row_requests_most(row);

    if (most == 0)
        return size <= bundle_find_batch_size(tier, requests);
    if (most > requests)
        most = requests;
    return size == bundle_find_batch_size(tier, 1) || size == bundle_find_batch_size(tier, most) ||
           (most > 1 && size == bundle_find_batch_size(tier, most - 1));
}

/* What it may load of one tier. */
static void add_tier(struct text *text, const struct asked *asked, const struct bundle_tier *tier,
                     const struct row *row)
{
    bool first = true;

    for (size_t i = 0; i < tier->batch_sizes.count; i++) {
        struct bundle_configuration configuration = {asked->expert, tier,
                                                     bundle_batch_size(tier, i)};

        if (!may_run(tier, i, row))
            continue;
        if (first && text->length > 0)
            text_add_string(text, ", ");
        if (first)
            bundle_add_name(text, &configuration);
        else
            text_printf(text, ", BS%" PRId64, configuration.batch_size);
        first = false;
    }
}

/* Whether turns of the row's sessions run in that tier, or all its requests. */
static bool runs_in(const struct asked *asked, const struct bundle_tier *tier)
{
    return asked->tier && tier->tokens >= asked->tier->tokens &&
           tier->tokens <= (asked->last ? asked->last : asked->tier)->tokens;
}

void loads_add(struct text *text, const struct bundle *bundle, const struct row *row)
{
    const struct asked asked = find(bundle, row);

    for (size_t t = 0; asked.tier && t < asked.expert->tiers.count; t++) {
        if (runs_in(&asked, bundle_tier(asked.expert, t)))
            add_tier(text, &asked, bundle_tier(asked.expert, t), row);
    }
}

bool loads_add_one(struct text *text, const struct bundle *bundle, const struct row *row,
                   double batch_size)
{
    const struct asked asked = find(bundle, row);

    for (size_t i = 0; asked.tier && i < asked.tier->batch_sizes.count; i++) {
        struct bundle_configuration configuration = {asked.expert, asked.tier,
                                                     bundle_batch_size(asked.tier, i)};

        if ((double)configuration.batch_size != batch_size)
            continue;
        bundle_add_name(text, &configuration);
        return true;
    }
    return false;
}

static bool any_may_run(const struct bundle *bundle, const struct rows *rows,
                        const struct bundle_expert *expert, const struct bundle_tier *tier,
                        size_t i)
{
    for (size_t k = 0; k < rows->count; k++) {
        const struct asked asked = find(bundle, &rows->row[k]);

        if (asked.expert == expert && runs_in(&asked, tier) && may_run(tier, i, &rows->row[k]))
            return true;
    }
    return false;
}

struct loads_total loads_total(const struct bundle *bundle, const struct rows *rows)
{
    struct loads_total total = {0};

    for (size_t e = 0; e < bundle->experts.count; e++) {
        const struct bundle_expert *expert = bundle_expert(bundle, e);

        for (size_t t = 0; t < expert->tiers.count; t++) {
            const struct bundle_tier *tier = bundle_tier(expert, t);

            for (size_t i = 0; i < tier->batch_sizes.count; i++) {
                if (any_may_run(bundle, rows, expert, tier, i)) {
                    total.configurations++;
                    total.gb += expert->weight_gb;
                }
            }
        }
    }
    return total;
}
