#include "sim/bundle_behaviour.h"

#include "core/yaml.h"

const char *const bundle_usage_names[] = {"full",         "plain", "every-chunk",
                                          "last-content", "never", NULL};
const char *const bundle_reasoning_keys[] = {"reasoning", "reasoning_content", NULL};

const char *const bundle_fault_names[] = {
    [BUNDLE_FAULT_RESET] = "reset",
    [BUNDLE_FAULT_RESET_STREAM] = "reset-stream",
    [BUNDLE_FAULT_STALL] = "stall",
    [BUNDLE_FAULT_NO_END] = "no-end",
    [BUNDLE_FAULT_CUT] = "cut",
    [BUNDLE_FAULT_BAD_JSON] = "bad-json",
    [BUNDLE_FAULT_ERROR_EVENT] = "error-event",
    [BUNDLE_FAULT_HUGE_EVENT] = "huge-event",
    [BUNDLE_FAULT_HANG_UP] = "hang-up",
    [BUNDLE_FAULT_ERROR_500] = "error-500",
    [BUNDLE_FAULT_ERROR_502] = "error-502",
    [BUNDLE_FAULT_ERROR_503] = "error-503",
    [BUNDLE_FAULT_SLOW_HEAD] = "slow-head",
    [BUNDLE_FAULT_LISTENER_CLOSED] = "listener-closed",
    NULL,
};

static const double most_count = 1e9, most_s = 3600;

/* clang-format off */
const struct setting bundle_behaviour_table[] = {
    {"usage", SETTING_CHOICE, offsetof(struct bundle_behaviour, usage), .fallback = "full",
     .choices = bundle_usage_names,
     .help = "full: counts and the server's times; plain: counts; or where they stand; or never"},
    {"null_usage", SETTING_TRUTH, offsetof(struct bundle_behaviour, null_usage),
     .fallback = "false", .help = "send \"usage\":null in every chunk without usage"},
    {"timings", SETTING_TRUTH, offsetof(struct bundle_behaviour, timings), .fallback = "false",
     .help = "send llama.cpp's timings in OpenAI's dialects, beside usage or in its place"},
    {"tokens_per_chunk", SETTING_INTEGER, offsetof(struct bundle_behaviour, tokens_per_chunk),
     .fallback = "1", .least = 1, .most = most_count, .unit = "tokens",
     .help = "how many go out together, in one event"},
    {"role_chunk", SETTING_TRUTH, offsetof(struct bundle_behaviour, role_chunk),
     .fallback = "false", .help = "send the role at once in a chunk of its own, not with each token"},
    {"reasoning_tokens", SETTING_INTEGER, offsetof(struct bundle_behaviour, reasoning_tokens),
     .fallback = "0", .least = 0, .most = most_count, .unit = "tokens",
     .help = "how many of a response's first tokens are reasoning"},
    {"reasoning_key", SETTING_CHOICE, offsetof(struct bundle_behaviour, reasoning_key),
     .fallback = "reasoning", .choices = bundle_reasoning_keys,
     .help = "the member that holds reasoning"},
    {"keep_alive_s", SETTING_NUMBER, offsetof(struct bundle_behaviour, keep_alive_s),
     .fallback = "0", .least = 0, .most = most_s, .unit = "s",
     .help = "send a comment after each such silence, even before the first token; 0: none"},
    {"keep_alive_as_data", SETTING_TRUTH, offsetof(struct bundle_behaviour, keep_alive_as_data),
     .fallback = "false", .help = "write the comment behind data:, as some proxies do"},
    {"loading_text", SETTING_TEXT, offsetof(struct bundle_behaviour, loading_text),
     .help = "content sent at once, while the model may still load, as some proxies do"},
    {"buffered", SETTING_TRUTH, offsetof(struct bundle_behaviour, buffered), .fallback = "false",
     .help = "hold a stream back until its last token is out, as some proxies do"},
    {"crlf", SETTING_TRUTH, offsetof(struct bundle_behaviour, crlf), .fallback = "false",
     .help = "end a stream's lines with CR LF"},
    {"no_space", SETTING_TRUTH, offsetof(struct bundle_behaviour, no_space), .fallback = "false",
     .help = "write data:{…} without the space"},
    {"event_fields", SETTING_TRUTH, offsetof(struct bundle_behaviour, event_fields),
     .fallback = "false", .help = "write 'event: message' before each data line"},
    {"bytes_per_piece", SETTING_INTEGER, offsetof(struct bundle_behaviour, bytes_per_piece),
     .fallback = "0", .least = 0, .most = most_count, .unit = "bytes",
     .help = "cut events into chunks of so many bytes; 0: one chunk for each event"},
    {"no_finish_reason", SETTING_TRUTH, offsetof(struct bundle_behaviour, no_finish_reason),
     .fallback = "false", .help = "never give a finish reason"},
    {"always_completed", SETTING_TRUTH, offsetof(struct bundle_behaviour, always_completed),
     .fallback = "false", .help = "call each of /v1/responses completed, as llama.cpp does"},
    {"no_done", SETTING_TRUTH, offsetof(struct bundle_behaviour, no_done), .fallback = "false",
     .help = "end a stream without [DONE]"},
    {"reject_unknown", SETTING_TRUTH, offsetof(struct bundle_behaviour, reject_unknown),
     .fallback = "false", .help = "refuse fields that the API's documents do not know (400)"},
    {"whole_answers", SETTING_TRUTH, offsetof(struct bundle_behaviour, whole_answers),
     .fallback = "false", .help = "never stream, whatever is asked"},
    {"max_requests_per_s", SETTING_NUMBER, offsetof(struct bundle_behaviour, max_requests_per_s),
     .fallback = "0", .least = 0, .most = most_count, .unit = "requests/s",
     .help = "refuse what comes faster (429); 0: any"},
    {"retry_after_s", SETTING_INTEGER, offsetof(struct bundle_behaviour, retry_after_s),
     .fallback = "1", .least = 0, .most = most_s, .unit = "s",
     .help = "the Retry-After of a 429; 0: none"},
    {0},
};

const struct setting bundle_fault_table[] = {
    {"kind", SETTING_CHOICE, offsetof(struct bundle_fault, kind), .required = true,
     .choices = bundle_fault_names, .help = "what goes wrong, such as reset or stall"},
    {"probability", SETTING_NUMBER, offsetof(struct bundle_fault, probability), .least = 1e-9,
     .most = 1, .help = "how likely it strikes a request; follows from the seed"},
    {"request", SETTING_INTEGER, offsetof(struct bundle_fault, request), .least = 1,
     .most = most_count, .help = "the one request it strikes, from 1"},
    {"after_tokens", SETTING_INTEGER, offsetof(struct bundle_fault, after_tokens),
     .fallback = "1", .least = 0, .most = most_count, .unit = "tokens",
     .help = "how much of the stream goes out before"},
    {"duration_s", SETTING_NUMBER, offsetof(struct bundle_fault, duration_s), .fallback = "1",
     .least = 0, .most = most_s, .unit = "s",
     .help = "how long a stall, a slow head or a closed listener lasts"},
    {"model", SETTING_TEXT, offsetof(struct bundle_fault, model),
     .help = "the only model whose requests it strikes"},
    {0},
};
/* clang-format on */

static void check_fault(const struct bundle_fault *fault, const struct bundle *bundle,
                        const struct yaml *place, struct faults *faults)
{
    const struct yaml *model = setting_place(place, "model");
    const char *kind = bundle_fault_names[fault->kind];

    if ((fault->probability > 0) == (fault->request > 0))
        faults_add(faults, place->source, place->line,
                   "%s: say when it strikes, with either 'probability' or 'request'", kind);
    if (fault->model && !bundle_find_expert(bundle, fault->model))
        faults_add(faults, model->source, model->line, "%s: there is no expert '%s' in this file",
                   kind, fault->model);
}

void bundle_check_faults(const struct setting_list *list, const struct bundle *bundle,
                         const struct yaml *root, struct faults *faults)
{
    const struct yaml *place = setting_place(root, "faults");

    for (size_t i = 0; i < list->count; i++)
        check_fault((const struct bundle_fault *)list->items + i, bundle, place->value[i], faults);
}
