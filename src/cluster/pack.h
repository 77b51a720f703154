/* What a message holds, as bytes: numbers of 64 bits, least byte first, on whatever machine, and
 * texts behind their length. */
#ifndef CLUSTER_PACK_H
#define CLUSTER_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

void pack_number(struct text *text, int64_t number);
void pack_real(struct text *text, double number); /* its bits (IEEE 754), NAN too */
void pack_bytes(struct text *text, const void *bytes, size_t length);

/* Reads what was packed, in that order. What is not there, or does not fit, is 0 or empty, and
 * `broken` from then on. */
struct unpacking {
    const char *at;
    size_t left;
    bool broken;
};

struct unpacking unpack(const struct text *text);
int64_t unpack_number(struct unpacking *unpacking);
double unpack_real(struct unpacking *unpacking);

/* The bytes stand in the message, behind which there is no NUL. */
const char *unpack_bytes(struct unpacking *unpacking, size_t *length);

/* Whether all was there and nothing is left. */
bool unpack_done(const struct unpacking *unpacking);

#endif
