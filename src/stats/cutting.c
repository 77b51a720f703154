#include "stats/cutting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "prompt/counting.h"

/* Below the words of a text that is one token a word, and below what was asked. */
static bool is_low(const struct asked *asked, int64_t tokens)
{
    return tokens < asked->words &&
           (double)tokens < (double)asked->input_tokens - counting_tolerance(asked->input_tokens);
}

static void note_prompt(struct cutting *cutting, const struct request *request)
{
    const struct asked *asked = &request->asked;
    int64_t tokens = llround(request->usage.input_tokens);

    if (cutting->counted++ == 0)
        cutting->first = tokens;
    cutting->same += tokens == cutting->first;
    if (!is_low(asked, tokens))
        return;
    if (cutting->low++ == 0)
        cutting->low_count = tokens;
    else if (cutting->low_count != tokens)
        cutting->low_count = -1;
}

/* By the server's counts, else by what the prompt was made for and what came. */
static int64_t total_of(const struct request *request)
{
    const struct asked *asked = &request->asked;
    double input =
        asked->estimated_tokens > 0 ? (double)asked->estimated_tokens : (double)asked->input_tokens;
    double output = (double)request->chunk_count;

    if (request->usage.input_tokens > 0)
        input = request->usage.input_tokens;
    if (request->usage.output_tokens > 0)
        output = request->usage.output_tokens;
    return llround(input + output);
}

static void note_response(struct cutting *cutting, const struct request *request)
{
    double output = request->usage.output_tokens > 0 ? request->usage.output_tokens
                                                     : (double)request->chunk_count;

    if (strcmp(request->finish_reason, "length") != 0 ||
        output >= (double)request->asked.output_tokens)
        return;
    cutting->total = memory_grow(cutting->total, cutting->short_responses, sizeof *cutting->total);
    cutting->total[cutting->short_responses++] = total_of(request);
}

void cutting_note(struct cutting *cutting, const struct request *request)
{
    if (request->asked.words > 0 && request->usage.input_tokens > 0)
        note_prompt(cutting, request);
    note_response(cutting, request);
}

static bool all_alike(const struct cutting *cutting)
{
    return cutting->same == cutting->counted;
}

bool cutting_of_prompts(const struct cutting *cutting)
{
    return cutting->counted > 1 && cutting->low_count > 0 &&
           (cutting->low > 1 || (cutting->low == 1 && all_alike(cutting)));
}

void cutting_conclude(const struct cutting *cutting, int64_t context, struct fidelity *fidelity)
{
    bool cut = cutting_of_prompts(cutting);

    fidelity->prompts_cut = cut ? (all_alike(cutting) ? cutting->counted : cutting->low) : 0;
    fidelity->prompts_cut_to_tokens = cut ? (double)cutting->low_count : NAN;
    fidelity->context_tokens = context > 0 ? (double)context : NAN;
    fidelity->responses_cut = 0;
    for (size_t i = 0; context > 0 && i < cutting->short_responses; i++)
        fidelity->responses_cut +=
            (double)cutting->total[i] >= (double)context - counting_tolerance(context);
}

void cutting_clear(struct cutting *cutting)
{
    free(cutting->total);
    *cutting = (struct cutting){0};
}
