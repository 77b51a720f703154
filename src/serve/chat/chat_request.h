/* What a page asks of a chat: the conversation, whose last message is the question, and how it is
 * asked. It comes from a network, and nothing of it is believed. */
#ifndef SERVE_CHAT_CHAT_REQUEST_H
#define SERVE_CHAT_CHAT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "serve/chat/chats.h"

struct workbench;

enum { CHAT_REQUEST_MOST = 1 << 20 /* bytes of its body */ };

/* Reads {"model", "messages": [{"role", "content", "image"}, …], "system", "output_tokens",
 * "temperature"}: the last message becomes the question. "image" is the name that an upload was
 * given; pictures may have IMAGE_MOST bytes together. False with a sentence. Clear `question`
 * either way; its endpoint is left as it is. */
bool chat_request_read(const struct workbench *workbench, const char *bytes, size_t length,
                       struct chats_question *question, struct error *error);

/* Reads a conversation alone, {"messages", "system"}, whoever has the last word. */
bool chat_request_read_conversation(const struct workbench *workbench, const char *bytes,
                                    size_t length, struct chat *chat, struct error *error);

#endif
