#include "sim/event_template.h"

#include <string.h>

bool event_template_make(struct event_template *event_template, const struct sim_dialect *dialect,
                         const struct token_text *token_text)
{
    struct text *event = &event_template->event;
    char *mark, *end;

    text_reset(event);
    dialect->add_tokens(event, token_text, TOKEN_TEXT_MARK, 1);
    end = event->bytes + event->length;
    mark = memchr(event->bytes, TOKEN_TEXT_MARK_BYTE, event->length);
    if (!mark || memchr(mark + 1, TOKEN_TEXT_MARK_BYTE, (size_t)(end - mark - 1))) {
        event_template_clear(event_template);
        return false;
    }
    memmove(mark, mark + 1, (size_t)(end - mark)); /* with the NUL */
    event->length--;
    event_template->word_at = (size_t)(mark - event->bytes);
    return true;
}

void event_template_add(const struct event_template *event_template, struct text *event,
                        const struct token_text *token_text, int64_t k)
{
    text_add(event, event_template->event.bytes, event_template->word_at);
    token_text_add_word(event, token_text, k);
    text_add(event, event_template->event.bytes + event_template->word_at,
             event_template->event.length - event_template->word_at);
}

void event_template_clear(struct event_template *event_template)
{
    text_clear(&event_template->event);
    *event_template = (struct event_template){0};
}
