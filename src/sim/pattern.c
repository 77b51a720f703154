#include "sim/pattern.h"

#include <string.h>

bool pattern_make(struct pattern *pattern, const struct sim_dialect *dialect,
                  const struct speech *speech)
{
    struct text *event = &pattern->event;
    char *mark, *end;

    text_reset(event);
    dialect->add_tokens(event, speech, SPEECH_MARK, 1);
    end = event->bytes + event->length;
    mark = memchr(event->bytes, SPEECH_MARK_BYTE, event->length);
    if (!mark || memchr(mark + 1, SPEECH_MARK_BYTE, (size_t)(end - mark - 1))) {
        pattern_clear(pattern);
        return false;
    }
    memmove(mark, mark + 1, (size_t)(end - mark)); /* with the NUL */
    event->length--;
    pattern->word_at = (size_t)(mark - event->bytes);
    return true;
}

void pattern_add(const struct pattern *pattern, struct text *event, const struct speech *speech,
                 int64_t k)
{
    text_add(event, pattern->event.bytes, pattern->word_at);
    speech_add_word(event, speech, k);
    text_add(event, pattern->event.bytes + pattern->word_at,
             pattern->event.length - pattern->word_at);
}

void pattern_clear(struct pattern *pattern)
{
    text_clear(&pattern->event);
    *pattern = (struct pattern){0};
}
