/* A response's text on its way to who reads along: without the endpoint's key and other secrets
 * (core/secrets.h), and never cut within a letter (UTF-8). What may be the beginning of a secret is
 * held back until more of the text came. */
#ifndef JOB_CHAT_STREAM_H
#define JOB_CHAT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/secrets.h"
#include "core/text.h"

struct chat_stream {
    const struct secrets *secrets; /* NULL: none */
    void (*on_text)(void *context, const char *bytes, size_t length);
    void *context;
    size_t given;     /* bytes of the text that were handed on */
    struct text copy; /* room for what is looked at */
};

/* Takes the text so far, which only grows, and hands on what may be of it. */
void chat_stream_take(struct chat_stream *stream, const struct text *text);

/* The same with the whole text, once it has ended: nothing is withheld. */
void chat_stream_end(struct chat_stream *stream, const struct text *text);

void chat_stream_clear(struct chat_stream *stream);

#endif
