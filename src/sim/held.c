#include "sim/held.h"

void held_start(struct held *held, struct text *wire, size_t piece, int64_t every_ns,
                int64_t now_ns)
{
    held_clear(held);
    held->bytes = *wire;
    *wire = (struct text){0};
    held->piece = piece;
    held->every_ns = every_ns;
    held->next_ns = held->bytes.length > 0 ? now_ns : now_ns + every_ns;
    held->holds = true;
}

void held_send(struct held *held, struct text *wire)
{
    size_t left = held->bytes.length - held->sent;
    size_t length = left < held->piece ? left : held->piece;

    if (left > 0)
        text_add(wire, held->bytes.bytes + held->sent, length);
    held->sent += length;
    held->next_ns += held->every_ns;
    if (left == length)
        held_clear(held);
}

void held_clear(struct held *held)
{
    text_clear(&held->bytes);
    *held = (struct held){0};
}
