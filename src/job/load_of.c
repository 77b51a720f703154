#include "job/load_of.h"

#include "job/interrupt.h"

struct load load_of(const struct preparation *preparation, const struct row *row,
                    const struct prompter *prompter, size_t step, double timeout_s)
{
    const struct settings *settings = &preparation->settings;

    return (struct load){.target = &preparation->target,
                         .row = row,
                         .retry = &settings->retry.rules,
                         .seed = (uint64_t)settings->seed,
                         .step = step,
                         .body = &prompter->body,
                         .image = &prompter->image,
                         .request_timeout_s = settings->request_timeout_s,
                         .timeout_s = timeout_s,
                         .stop_grace_s = settings->stop_grace_s,
                         .preconnect = settings->connection.preconnect,
                         .precise = settings->pacing == PACING_PRECISE,
                         .threads = (size_t)settings->threads,
                         .stop = &interrupt_asked,
                         .keep_texts = settings->save_llm_responses};
}
