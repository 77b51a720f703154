/* Skimming an event against reading it whole: events as servers send them, and a check that fails
 * where the two ways differ. Used by the unit test and by the fuzzer. */
#ifndef SKIM_H
#define SKIM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/openai.h"
#include "wire/sambastudio.h"

static inline bool skim_same(const struct event *a, const struct event *b)
{
    return a->content == b->content && a->reasoning == b->reasoning && a->whole == b->whole &&
           a->done == b->done && a->has_usage == b->has_usage && a->failed == b->failed &&
           a->malformed == b->malformed && strcmp(a->finish_reason, b->finish_reason) == 0 &&
           (!a->has_usage ||
            (memcmp(&a->usage, &b->usage, sizeof a->usage) == 0 && strcmp(a->id, b->id) == 0)) &&
           (!(a->failed || a->malformed) || strcmp(a->message, b->message) == 0);
}

/* Whether an event alone adds text just where it is said to have some; one that failed may. */
static inline bool skim_text_fits(const struct dialect *dialect, const char *payload, size_t length,
                                  const struct event *event)
{
    struct text answer = {0};
    bool fits;

    dialect->add_content(payload, length, &answer);
    fits = event->failed || (answer.length > 0) == (event->content || event->whole);
    text_clear(&answer);
    return fits;
}

/* Takes an event both ways, in a block that ends where it ends, and ends the program where they
 * differ. Returns whether skimming it was enough. */
static inline bool skim_check(const struct dialect *dialect, const char *bytes, size_t length)
{
    char *payload = memory_new(1, length ? length : 1);
    static struct walk_before before; /* as in an answer: the event that was checked last */
    struct walk_before none = {0};
    struct event alone, taken, read;
    bool skimmed;

    memset(&alone, 0x3c, sizeof alone);
    memset(&taken, 0xa5, sizeof taken);
    memset(&read, 0x5a, sizeof read);
    memcpy(payload, bytes, length);
    skimmed = dialect->skim_event(payload, length, &none, &alone);
    dialect_take_event(dialect, payload, length, &none, &alone);
    dialect_take_event(dialect, payload, length, &before, &taken);
    dialect->read_event(payload, length, &read);
    if (!skim_same(&alone, &read) || !skim_same(&taken, &read) ||
        !skim_text_fits(dialect, payload, length, &read)) {
        fprintf(stderr, "%s says two things of: %.*s\n", dialect->name, (int)length, bytes);
        abort();
    }
    free(payload);
    walk_forget(&none);
    return skimmed;
}

#define SKIM_DELTA(members)                                                                        \
    "{\"id\":\"6aab7b9d\",\"object\":\"chat.completion.chunk\",\"created\":1764022114.350458,"     \
    "\"choices\":[{\"index\":0,\"delta\":{" members "},\"finish_reason\":null}],\"usage\":null}"
#define SKIM_V2(value) "{\"result\":{\"items\":[{\"id\":\"item1\",\"value\":{" value "}}]}}"
#define SKIM_V1(value) "{\"result\":{\"responses\":[{" value "}]}}"

enum { SKIM_OPENAI = 1, SKIM_V2_TOO = 2, SKIM_V1_TOO = 4 };

/* Each with the dialects that need not read it whole. */
/* clang-format off */
static const struct {
    const char *payload;
    int skimmed;
} skim_events[] = {
    {SKIM_DELTA("\"role\":\"assistant\",\"content\":\"\""), SKIM_OPENAI},
    {SKIM_DELTA("\"content\":\" the\""), SKIM_OPENAI},
    {SKIM_DELTA("\"content\":\"\\u00e9\\n \\\"quoted\\\"\",\"tool_calls\":null"), SKIM_OPENAI},
    {SKIM_DELTA("\"content\":\"\xf0\x9f\x8d\x92 \xe2\x80\xa8\""), SKIM_OPENAI},
    {SKIM_DELTA("\"content\":null,\"reasoning\":\"so\""), SKIM_OPENAI},
    {SKIM_DELTA("\"reasoning_content\":\"so\",\"channel\":\"analysis\""), SKIM_OPENAI},
    {SKIM_DELTA("\"content\":5"), SKIM_OPENAI},
    {SKIM_DELTA("\"content\":[\"a\"]"), SKIM_OPENAI},
    {SKIM_DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"content\":\"{\\\"a\\\": 1}\"}}]"), SKIM_OPENAI},
    {"{\"choices\": [ {\"delta\": {\"content\": \"a\"}, \"finish_reason\": \"stop\"} ] }", SKIM_OPENAI},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"delta\":{\"reasoning\":\"b\"}}]}", SKIM_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"a reason that is longer than its room\"}]}", SKIM_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"\"}]}", SKIM_OPENAI},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":7}]}", SKIM_OPENAI},
    {"{\"choices\":[],\"detail\":\"d\",\"message\":\"m\",\"error\":false}", SKIM_OPENAI},
    {"{\"choices\":[null]}", SKIM_OPENAI},
    {"{\"choices\":[[{\"delta\":{\"content\":\"a\"}}]]}", SKIM_OPENAI},
    {"{\"choices\":{\"\":{\"delta\":{\"content\":\"a\"}}}}", SKIM_OPENAI},
    {"{\"choices\":null,\"error\":null}", SKIM_OPENAI},
    {"{\"choices\":[{\"delta\":null}]}", SKIM_OPENAI},
    {"{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":[]}", SKIM_OPENAI},
    /* what is too rare, or says too much, to skim */
    {SKIM_DELTA("\"content\":\"\\ud83c\\udf52\""), 0},
    {SKIM_DELTA("\"content\":\"\\u0000a\""), 0},
    {SKIM_DELTA("\"content\":\"\\uzzzz\""), 0},
    {SKIM_DELTA("\"content\":\"a\tb\""), 0},
    {SKIM_DELTA("\"content\":\"\",\"content\":\"a\""), 0},
    {SKIM_DELTA("\"c\\u006fntent\":\"a\""), 0},
    {SKIM_DELTA("\"content\":\"a\"") "x", 0},
    {SKIM_DELTA("\"content\":\"a\",\"logprob\":01"), 0},
    {"{\"choices\":[{\"delta\":{},\"finish_reason\":\"st\\u006fp\"}]}", 0},
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
    {SKIM_V2("\"is_last_response\":false,\"stream_token\":\" a\""), SKIM_V2_TOO},
    {SKIM_V2("\"is_last_response\":null,\"stream_token\":\"\",\"completion\":\"all\""), SKIM_V2_TOO},
    {SKIM_V2(""), SKIM_V2_TOO},
    {SKIM_V1("\"is_last_response\":false,\"stream_token\":\" a\""), SKIM_V1_TOO},
    {SKIM_V1("\"stream_token\":5"), SKIM_V1_TOO},
    {"{\"result\":{\"items\":[{\"value\":{\"stream_token\":\"a\"}}],\"responses\":[{}]},\"choices\":1}",
     SKIM_OPENAI | SKIM_V2_TOO | SKIM_V1_TOO},
    {SKIM_V2("\"is_last_response\":true,\"stream_token\":\"\",\"completion\":\"all\",\"stop_reason\":\"end\","
             "\"prompt_tokens_count\":5,\"batch_size_used\":4"), 0},
    {SKIM_V1("\"is_last_response\":true,\"stop_reason\":\"end\",\"total_tokens_count\":\"5\""), 0},
    {"{\"result\":{\"items\":{\"a\":{\"value\":{\"stream_token\":\"a\"}}}}}", 0},
    {"{\"result\":{\"items\":[],\"responses\":[]}}", 0},
    {"{\"result\":{\"items\":[{\"value\":{}}],\"responses\":[{}]},\"detail\":\"d\"}", 0},
    {"{\"result\":{\"items\":[{\"value\":{}}],\"responses\":[{}]},\"message\":\"m\"}", 0},
    {"{\"result\":{\"items\":[{\"value\":{}}],\"responses\":[{}]},\"error\":{\"code\":503}}", 0},
};
/* clang-format on */

#endif
