/* Skimming an event against reading it whole: events as servers send them, and a check that fails
 * where the two ways differ. Used by the unit test and by the fuzzer. */
#ifndef FAST_PARSE_H
#define FAST_PARSE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/anthropic.h"
#include "wire/ollama.h"
#include "wire/openai.h"
#include "wire/openai_completions.h"
#include "wire/openai_responses.h"
#include "wire/sambastudio.h"
#include "wire/tgi.h"

static inline bool fast_parse_same(const struct event *a, const struct event *b)
{
    return a->content == b->content && a->reasoning == b->reasoning && a->whole == b->whole &&
           a->done == b->done && a->has_usage == b->has_usage && a->failed == b->failed &&
           a->malformed == b->malformed && a->keep_alive == b->keep_alive &&
           strcmp(a->finish_reason, b->finish_reason) == 0 &&
           (!a->has_usage ||
            (a->alone == b->alone && memcmp(&a->usage, &b->usage, sizeof a->usage) == 0 &&
             strcmp(a->id, b->id) == 0)) &&
           (!(a->failed || a->malformed) || strcmp(a->message, b->message) == 0);
}

/* Whether an event alone adds text just where it is said to have some; one that failed may. */
static inline bool fast_parse_text_fits(const struct dialect *dialect, const char *payload,
                                        size_t length, const struct event *event)
{
    struct text response = {0};
    bool fits;

    dialect->add_content(payload, length, &response);
    fits = event->failed || (response.length > 0) == (event->content || event->whole);
    text_clear(&response);
    return fits;
}

/* Takes an event both ways, in a block that ends where it ends, and ends the program where they
 * differ. Returns whether skimming it was enough. */
static inline bool fast_parse_check(const struct dialect *dialect, const char *bytes, size_t length)
{
    char *payload = memory_new(1, length ? length : 1);
    static struct scan_previous before; /* as in an answer: the event that was checked last */
    struct scan_previous none = {0};
    struct event alone, taken, read;
    bool parsed_fast;

    memset(&alone, 0x3c, sizeof alone);
    memset(&taken, 0xa5, sizeof taken);
    memset(&read, 0x5a, sizeof read);
    memcpy(payload, bytes, length);
    parsed_fast = dialect->fast_parse_event(payload, length, &none, &alone);
    dialect_take_event(dialect, payload, length, &none, &alone);
    dialect_take_event(dialect, payload, length, &before, &taken);
    dialect->read_event(payload, length, &read);
    if (!fast_parse_same(&alone, &read) || !fast_parse_same(&taken, &read) ||
        !fast_parse_text_fits(dialect, payload, length, &read)) {
        fprintf(stderr, "%s says two things of: %.*s\n", dialect->name, (int)length, bytes);
        abort();
    }
    free(payload);
    scan_forget(&none);
    return parsed_fast;
}

#define FAST_PARSE_DELTA(members)                                                                  \
    "{\"id\":\"6aab7b9d\",\"object\":\"chat.completion.chunk\",\"created\":1764022114.350458,"     \
    "\"choices\":[{\"index\":0,\"delta\":{" members "},\"finish_reason\":null}],\"usage\":null}"
#define FAST_PARSE_V2(value) "{\"result\":{\"items\":[{\"id\":\"item1\",\"value\":{" value "}}]}}"
#define FAST_PARSE_V1(value) "{\"result\":{\"responses\":[{" value "}]}}"

enum { FAST_PARSE_OPENAI = 1, FAST_PARSE_V2_TOO = 2, FAST_PARSE_V1_TOO = 4 };

/* Each with the dialects that need not read it whole. */
/* clang-format off */
static const struct {
    const char *payload;
    int parsed_fast;
} fast_parse_events[] = {
    {FAST_PARSE_DELTA("\"role\":\"assistant\",\"content\":\"\""), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":\" the\""), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":\"\\u00e9\\n \\\"quoted\\\"\",\"tool_calls\":null"), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":\"\xf0\x9f\x8d\x92 \xe2\x80\xa8\""), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":null,\"reasoning\":\"so\""), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"reasoning_content\":\"so\",\"channel\":\"analysis\""), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":5"), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":\"a\",\"refusal\":null,\"tool_calls\":[],\"audio\":{},\"thinking\":\"\""), FAST_PARSE_OPENAI},
    {FAST_PARSE_DELTA("\"content\":\"a\",\"refusals\":\"b\",\"tool\":[1],\"call\":{\"refusal\":\"b\"}"), FAST_PARSE_OPENAI},
    {"{\"x_groq\":null,\"timings\":{},\"details\":[],\"eval_count\":false,\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", FAST_PARSE_OPENAI},
    {"{\"audio\":5,\"choices\":[{\"refusal\":\"b\",\"delta\":{\"content\":\"a\",\"timings\":{\"prompt_n\":5}}}]}", FAST_PARSE_OPENAI},
    {"{\"choices\": [ {\"delta\": {\"content\": \"a\"}, \"finish_reason\": \"stop\"} ] }", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"delta\":{\"reasoning\":\"b\"}}]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"a reason that is longer than its room\"}]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"\"}]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":7}]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\",\"error\":null}]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[],\"detail\":\"d\",\"message\":\"m\",\"error\":false}", FAST_PARSE_OPENAI},
    {"{\"choices\":[null]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[[{\"delta\":{\"content\":\"a\"}}]]}", FAST_PARSE_OPENAI},
    {"{\"choices\":{\"\":{\"delta\":{\"content\":\"a\"}}}}", FAST_PARSE_OPENAI},
    {"{\"choices\":null,\"error\":null}", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":null}]}", FAST_PARSE_OPENAI},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":[]}", FAST_PARSE_OPENAI},
    /* what is too rare, or says too much, to skim */
    {FAST_PARSE_DELTA("\"content\":[\"a\"]"), 0},
    {FAST_PARSE_DELTA("\"content\":[]"), 0},
    {FAST_PARSE_DELTA("\"content\":{\"text\":\"a\"}"), 0},
    {FAST_PARSE_DELTA("\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"b\"}]}]"), 0},
    {FAST_PARSE_DELTA("\"content\":[{\"type\":\"image_url\"},null,5,[\"a\"],{\"text\":{\"text\":\"a\"}},{\"type\":\"thinking\",\"thinking\":\"\"}]"), 0},
    {FAST_PARSE_DELTA("\"content\":\"\",\"thinking\":\"a\""), 0},
    {FAST_PARSE_DELTA("\"reasoning_content\":[{\"text\":\"a\"}]"), 0},
    {FAST_PARSE_DELTA("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"a\"}]"), 0},
    {FAST_PARSE_DELTA("\"refusal\":\"a\""), 0},
    {FAST_PARSE_DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]"), 0},
    {FAST_PARSE_DELTA("\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"a\\\": 1}\"}},{\"function\":{\"arguments\":{}}}]"), 0},
    {FAST_PARSE_DELTA("\"function_call\":{\"arguments\":\"{\"}"), 0},
    {FAST_PARSE_DELTA("\"audio\":{\"transcript\":\"a\"}"), 0},
    {FAST_PARSE_DELTA("\"refusal\":null,\"refusal\":\"\",\"tool_calls\":5"), 0},
    {FAST_PARSE_DELTA("\"content\":\"a\"") FAST_PARSE_DELTA("\"content\":\"b\""), 0},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"x_groq\":{\"usage\":{\"prompt_tokens\":5,\"prompt_time\":0.5}}}", 0},
    {"{\"choices\":[{\"delta\":{}}],\"x_groq\":{\"id\":\"req\"}}", 0},
    {"{\"choices\":[{\"delta\":{}}],\"timings\":{\"cache_n\":3,\"prompt_n\":2,\"prompt_ms\":500}}", 0},
    {"{\"choices\":[],\"eval_count\":8,\"prompt_eval_count\":5,\"prompt_eval_duration\":5e8}", 0},
    {"{\"choices\":[],\"eval_count\":\"8\",\"prompt_tokens\":5}", 0},
    {"{\"choices\":[],\"details\":{\"generated_tokens\":8,\"input_length\":5}}", 0},
    {"ping", 0},
    {" \"ping\" ", 0},
    {"\"\"", 0},
    {"null", 0},
    {"{} null", 0},
    {"{}[DONE]", 0},
    {"[DONE] x", 0},
    {FAST_PARSE_DELTA("\"content\":\"\\ud83c\\udf52\""), 0},
    {FAST_PARSE_DELTA("\"content\":\"\\u0000a\""), 0},
    {FAST_PARSE_DELTA("\"content\":\"\\uzzzz\""), 0},
    {FAST_PARSE_DELTA("\"content\":\"a\tb\""), 0},
    {FAST_PARSE_DELTA("\"content\":\"\",\"content\":\"a\""), 0},
    {FAST_PARSE_DELTA("\"c\\u006fntent\":\"a\""), 0},
    {FAST_PARSE_DELTA("\"content\":\"a\"") "x", 0},
    {FAST_PARSE_DELTA("\"content\":\"a\",\"logprob\":01"), 0},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"st\\u006fp\"}]}", 0},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"null\"}]}", 0},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"abort\"}]}", 0},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"error\",\"error\":{\"message\":\"m\"}}]}", 0},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"error\":0}", 0},
    {"{\"error\":true,\"message\":\"m\"}", 0},
    {"{\"errors\":[{\"message\":\"m\"}]}", 0},
    {"{\"error\":{\"error\":{\"message\":\"m\"}}}", 0},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":5,\"time_to_first_token\":0.25}}", 0},
    {"{\"choices\":[],\"usage\":{\"prompt_tokens\":5}}", 0},
    {"{\"choices\":[],\"error\":{\"message\":\"queue full\"}}", 0},
    {"{\"choices\":[],\"error\":\"\"}", 0},
    {"{\"error\":\"busy\"}", 0},
    {"{\"detail\":\"busy\"}", 0},
    {"{\"message\":\"busy\"}", 0},
    {"{\"usage\":{\"prompt_tokens\":5}}", 0},
    {"{\"created\":1764022114.35}", 0},
    {"[DONE]", 0},
    {" [DONE]\r", 0},
    {": keepalive", 0},
    {" ", 0},
    {"", 0},
    {"[]", 0},
    {"5", 0},
    {"{\"choices\":[", 0},
    {"<html>bad</html>", 0},
    /* SambaStudio's lines */
    {FAST_PARSE_V2("\"is_last_response\":false,\"stream_token\":\" a\""), FAST_PARSE_V2_TOO},
    {FAST_PARSE_V2("\"is_last_response\":null,\"stream_token\":\"\",\"completion\":\"all\""), FAST_PARSE_V2_TOO},
    {FAST_PARSE_V2(""), FAST_PARSE_V2_TOO},
    {FAST_PARSE_V1("\"is_last_response\":false,\"stream_token\":\" a\""), FAST_PARSE_V1_TOO},
    {FAST_PARSE_V1("\"stream_token\":5"), FAST_PARSE_V1_TOO},
    {"{\"result\":{\"items\":[{\"value\":{\"stream_token\":\"a\"}}],\"responses\":[{}]},\"choices\":1}",
     FAST_PARSE_OPENAI | FAST_PARSE_V2_TOO | FAST_PARSE_V1_TOO},
    {FAST_PARSE_V2("\"is_last_response\":true,\"stream_token\":\"\",\"completion\":\"all\",\"stop_reason\":\"end\","
             "\"prompt_tokens_count\":5,\"batch_size_used\":4"), 0},
    {FAST_PARSE_V1("\"is_last_response\":true,\"stop_reason\":\"end\",\"total_tokens_count\":\"5\""), 0},
    {"{\"result\":{\"items\":{\"a\":{\"value\":{\"stream_token\":\"a\"}}}}}", 0},
    {"{\"result\":{\"items\":[],\"responses\":[]}}", 0},
    {"{\"result\":{\"items\":[{\"value\":{}}],\"responses\":[{}]},\"detail\":\"d\"}", 0},
    {"{\"result\":{\"items\":[{\"value\":{}}],\"responses\":[{}]},\"message\":\"m\"}", 0},
    {"{\"result\":{\"items\":[{\"value\":{}}],\"responses\":[{}]},\"error\":{\"code\":503}}", 0},
};
/* clang-format on */

#endif
