#include "load/opening.h"

#include "core/clock.h"
#include "load/transfer.h"

/* What came so far is no output: neither its chunks nor its text is the model's. */
static void set_apart(struct request *request, struct reply *reply)
{
    if (request->chunk_count == 0)
        return;
    request->announcements = request->chunk_count;
    request->announced_ns = request->chunks[0].arrival_ns;
    request->chunk_count = 0;
    request->first_reasoning_ns = request->first_content_ns = request->last_chunk_ns = CLOCK_NEVER;
    request->stamped &= ~(REQUEST_FIRST_REASONING | REQUEST_FIRST_CONTENT | REQUEST_LAST_CHUNK);
    text_reset(&reply->text);
}

/* A proxy that ends streams may put an id of its own on that event alone, behind the model's. */
static bool is_only_an_end(const struct event *event)
{
    return event->finish_reason[0] && !event->content && !event->reasoning;
}

void opening_take_event(struct transfer *transfer, const char *payload, size_t length,
                        const struct event *event)
{
    const struct dialect *dialect = transfer->target->dialect;
    struct reply *reply = &transfer->reply;

    if (reply->identified || !dialect->identifies || !dialect->identifies(payload, length))
        return;
    reply->end_identified = is_only_an_end(event);
    reply->identified = !reply->end_identified;
    if (reply->identified)
        set_apart(&transfer->request, reply);
}

void opening_settle(struct transfer *transfer)
{
    struct request *request = &transfer->request;

    if (transfer->reply.end_identified && !transfer->reply.identified &&
        request->usage.output_tokens < (double)request->chunk_count)
        set_apart(request, &transfer->reply);
}

bool opening_take_silent(struct request *request)
{
    double counted = request->usage.output_tokens;

    request->first_token_without_text =
        request->finish_ns != CLOCK_NEVER && counted >= 1 && counted <= OPENING_SILENT_MOST;
    return request->first_token_without_text;
}
