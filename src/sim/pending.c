#include "sim/pending.h"

void pending_start(struct pending *pending, struct text *wire, size_t piece, int64_t every_ns,
                   int64_t now_ns)
{
    pending_clear(pending);
    pending->bytes = *wire;
    *wire = (struct text){0};
    pending->piece = piece;
    pending->every_ns = every_ns;
    pending->next_ns = pending->bytes.length > 0 ? now_ns : now_ns + every_ns;
    pending->holds = true;
}

void pending_send(struct pending *pending, struct text *wire)
{
    size_t left = pending->bytes.length - pending->sent;
    size_t length = left < pending->piece ? left : pending->piece;

    if (left > 0)
        text_add(wire, pending->bytes.bytes + pending->sent, length);
    pending->sent += length;
    pending->next_ns += pending->every_ns;
    if (left == length)
        pending_clear(pending);
}

void pending_clear(struct pending *pending)
{
    text_clear(&pending->bytes);
    *pending = (struct pending){0};
}
