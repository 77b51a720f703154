#include "job/ranks_plan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/given.h"
#include "core/memory.h"
#include "job/ranks_words.h"

/* More than any input file may have. */
static const size_t file_most = (size_t)1 << 30;

/* --- Packing ---------------------------------------------------------------------------------- */

static void pack_text(struct text *bytes, const char *text)
{
    pack_bytes(bytes, text ? text : "", text ? strlen(text) : 0);
}

static bool is_file(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool pack_files(struct text *bytes, struct error *error)
{
    struct text content = {0};
    size_t files = 0;
    bool done = true;

    for (size_t i = 0; i < given_noted_count(); i++)
        files += is_file(given_noted(i));
    pack_number(bytes, (int64_t)files);
    for (size_t i = 0; i < given_noted_count() && done; i++) {
        if (!is_file(given_noted(i)))
            continue;
        text_reset(&content);
        done = file_read(given_noted(i), file_most, &content, error);
        pack_text(bytes, given_noted(i));
        pack_bytes(bytes, content.bytes, content.length);
    }
    text_clear(&content);
    return done;
}

bool ranks_plan_pack(const struct preparation *preparation, struct text *bytes, struct error *error)
{
    char *seed = memory_printf("seed=%lld", (long long)preparation->settings.seed);

    pack_text(bytes, getenv("HOME"));
    pack_text(bytes, preparation->config_path);
    pack_text(bytes, preparation->endpoint.address);
    pack_text(bytes, preparation->endpoint.query);
    pack_text(bytes, preparation->endpoint.key);
    pack_number(bytes, (int64_t)preparation->overrides + 1);
    for (size_t i = 0; i < preparation->overrides; i++)
        pack_text(bytes, preparation->override[i].assignment);
    pack_text(bytes, seed);
    free(seed);
    return pack_files(bytes, error);
}

/* --- Making it again -------------------------------------------------------------------------- */

static bool take_files(struct unpacking *unpacking, struct error *error)
{
    int64_t files = unpack_number(unpacking);
    bool done = true;

    given_begin();
    for (int64_t i = 0; i < files && done && !unpacking->broken; i++) {
        char *path = ranks_unpack_text(unpacking);
        size_t length;
        const char *content = unpack_bytes(unpacking, &length);
        const struct text bytes = {.bytes = (char *)content, .length = length};

        done = given_add(path, &bytes, error);
        free(path);
    }
    return done;
}

static bool unpack_plan(struct unpacking *unpacking, struct ranks_given *given, struct error *error)
{
    char *home = ranks_unpack_text(unpacking);

    setenv("HOME", home, 1); /* `~` is rank 0's */
    free(home);
    given->config = ranks_unpack_text(unpacking);
    given->address = ranks_unpack_text(unpacking);
    given->query = ranks_unpack_text(unpacking);
    given->key = ranks_unpack_text(unpacking);
    given->sets = (size_t)unpack_number(unpacking);
    given->sets = given->sets <= unpacking->left / 8 ? given->sets : 0;
    given->set = memory_new(given->sets + 1, sizeof *given->set);
    for (size_t i = 0; i < given->sets; i++)
        given->set[i] = ranks_unpack_text(unpacking);
    if (!take_files(unpacking, error))
        return false;
    return unpack_done(unpacking) || error_set(error, "the plan did not come whole from rank 0");
}

bool ranks_plan_make(struct unpacking *unpacking, struct ranks_given *given,
                     struct preparation *preparation, struct error *error)
{
    struct prepare_options options = {
        .made = true, .config_is_named = true, .offline = true, .follows = true};
    struct faults faults = {0};
    bool done = unpack_plan(unpacking, given, error);

    options.set = (const char *const *)given->set;
    options.sets = given->sets;
    options.address = given->address;
    options.key = given->key;
    options.query = given->query && *given->query ? given->query : NULL;
    if (done && !prepare(preparation, &options, given->config, &faults))
        done = error_set(error, "it cannot make the plan that rank 0 has: %.800s",
                         faults.count > 0 ? faults.text[0] : "no fault was told");
    faults_clear(&faults);
    return done;
}

static void forget(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void ranks_given_clear(struct ranks_given *given)
{
    for (size_t i = 0; i < given->sets; i++)
        free(given->set[i]);
    free(given->set);
    free(given->config);
    free(given->address);
    forget(given->query);
    forget(given->key);
    *given = (struct ranks_given){0};
}

/* --- The digest ------------------------------------------------------------------------------- */

static void add_row(struct text *text, const struct row *row)
{
    text_printf(text, "%s %lld %lld %a %a %lld %a %lld %lld %lld", row->model_name,
                (long long)row->input_tokens, (long long)row->output_tokens,
                row->stddev_input_tokens, row->stddev_output_tokens, (long long)row->num_requests,
                row->duration_s, (long long)row->warmup_requests, (long long)row->cooldown_requests,
                (long long)row->concurrent_requests);
    text_printf(text, " %a %d %a %a %d %lld %lld %lld %lld %a %d %s\n", row->qps,
                row->qps_distribution, row->burstiness, row->qps_end, row->qps_ramp,
                (long long)row->max_in_flight, (long long)row->prefix_tokens, (long long)row->turns,
                (long long)row->turn_input_tokens, row->think_time_s, row->multimodal_img_size,
                row->dataset ? row->dataset : "");
}

/* What it has in common with others, and its trace. */
static void add_visit(struct text *text, const struct row *row)
{
    text_printf(text, "%s %a %lld %s %a %a %a %lld %d %d\n", row->mix ? row->mix : "", row->share,
                (long long)row->mix_requests, row->trace ? row->trace : "", row->trace_speed,
                row->trace_from_s, row->trace_for_s, (long long)row->trace_context,
                row->trace_reuses, row->warmup);
}

static void add_inputs(struct text *text, const struct preparation *preparation)
{
    const char **inputs = sources_files(&preparation->sources);
    struct error error;
    char hex[65] = "";

    for (size_t i = 0; inputs[i]; i++)
        text_printf(text, "%s %s\n", inputs[i],
                    file_digest(inputs[i], hex, &error) ? hex : error.text);
    free(inputs);
}

void ranks_plan_digest(const struct preparation *preparation, char hex[65])
{
    const struct settings *settings = &preparation->settings;
    const struct order *order = &preparation->order;
    struct text text = {0};

    text_printf(&text, "%s %lld %lld %d %s %s\n", COEBENCH_VERSION, (long long)settings->seed,
                (long long)settings->probe.steady, settings->ignore_eos,
                preparation->target.dialect->name, preparation->endpoint.address);
    for (size_t i = 0; i < order->count; i++) {
        text_printf(&text, "%zu %zu ", order->visit[i].row, order->visit[i].pass);
        add_row(&text, &preparation->rows.row[order->visit[i].row]);
        add_visit(&text, &preparation->rows.row[order->visit[i].row]);
    }
    add_inputs(&text, preparation);
    file_sha256(text.bytes, text.length, hex);
    text_clear(&text);
}
