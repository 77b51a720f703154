#include "job/prompter_trace.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "job/prompter_parts.h"
#include "job/trace_rows.h"
#include "prompt/words.h"
#include "traffic/trace_member.h"

enum { DRAW_BLOCK = 0x626c6f63 };

struct prompter_trace {
    struct trace_member member;
    struct trace_sessions sessions;
    size_t lines;                 /* taken so far */
    size_t begun;                 /* of them, sessions that began */
    struct trace_request request; /* the one taken last */
    struct error error;
    enum trace_read read;
};

bool prompter_trace_open(struct prompter *prompter, struct error *error)
{
    struct trace_asked asked;

    if (!prompter->row->trace)
        return true;
    asked = trace_rows_asked(prompter->preparation, prompter->row);
    prompter->trace = memory_new(1, sizeof *prompter->trace);
    prompter->trace->read = TRACE_REQUEST;
    if (row_has_sessions(prompter->row) &&
        !trace_sessions_read(&prompter->trace->sessions, &asked, NULL, NULL, error))
        return false;
    return trace_member_open(&prompter->trace->member, &asked, error);
}

bool prompter_trace_rewind(struct prompter *prompter, struct error *error)
{
    prompter_trace_close(prompter);
    return prompter_trace_open(prompter, error);
}

/* The next line that begins a session. */
static bool begin_next(struct prompter_trace *trace)
{
    do
        trace->read = trace_member_next(&trace->member, &trace->request, &trace->error);
    while (trace->read == TRACE_REQUEST &&
           !trace_sessions_begins(&trace->sessions, trace->lines++));
    trace->begun += trace->read == TRACE_REQUEST;
    return trace->read == TRACE_REQUEST;
}

void prompter_trace_reach(struct prompter *prompter, struct composed *composed)
{
    struct prompter_trace *trace = prompter->trace;

    while (trace->begun <= composed->index && begin_next(trace))
        continue;
    composed->none = trace->read != TRACE_REQUEST;
    if (composed->none)
        return;
    composed->at_s = trace->request.at_s;
    composed->asked.input_tokens = trace->request.input_tokens;
    composed->asked.output_tokens = trace->request.output_tokens;
}

int64_t prompter_trace_turns(const struct prompter *prompter, size_t session)
{
    return (int64_t)trace_sessions_turns(&prompter->trace->sessions, session);
}

const struct trace_turn *prompter_trace_turn(const struct prompter *prompter, size_t session,
                                             int64_t turn)
{
    return trace_sessions_turn(&prompter->trace->sessions, session, (size_t)turn);
}

bool prompter_trace_has_blocks(const struct prompter *prompter)
{
    return prompter->trace && prompter->trace->request.blocks > 0;
}

void prompter_trace_add_blocks(const struct prompter *prompter, int64_t words, struct text *text)
{
    const struct trace_request *request = &prompter->trace->request;
    uint64_t seed = (uint64_t)prompter_settings(prompter)->seed;

    for (size_t i = 0; i < request->blocks && words > 0; i++) {
        uint64_t key[] = {DRAW_BLOCK, seed, request->block[i]};
        bool last = i + 1 == request->blocks || words < TRACE_BLOCK_TOKENS;
        int64_t count = last ? words : TRACE_BLOCK_TOKENS;
        struct random random;

        random_init(&random, key, 3);
        if (i > 0)
            text_add_char(text, ' ');
        words_add(&random, count, text);
        words -= count;
    }
}

bool prompter_trace_conclude(const struct prompter *prompter, struct error *error)
{
    const struct prompter_trace *trace = prompter->trace;

    if (!trace || trace->read == TRACE_REQUEST)
        return true;
    if (trace->read == TRACE_FAULT)
        *error = trace->error;
    else
        error_set(error,
                  "%s: has fewer requests than when the run was planned; leave the file as it is "
                  "while it is sent",
                  prompter->row->trace);
    return false;
}

void prompter_trace_close(struct prompter *prompter)
{
    if (prompter->trace) {
        trace_member_close(&prompter->trace->member);
        trace_sessions_clear(&prompter->trace->sessions);
    }
    free(prompter->trace);
    prompter->trace = NULL;
}
