/* The bytes of one accepted socket, plain or under TLS; nothing blocks. */
#ifndef SIM_CHANNEL_H
#define SIM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/certificate.h"

struct channel {
    int fd;
    struct ssl_st *tls; /* NULL: plain */
};

/* Later: once the socket is ready. Again: there may be more at once, and others have their turn
 * before. */
enum { CHANNEL_LATER = -1, CHANNEL_BROKEN = -2, CHANNEL_AGAIN = -3 };

/* Takes an accepted, non-blocking socket; under TLS where there is a certificate. False where that
 * cannot be set up; to be closed either way. */
bool channel_open(struct channel *channel, int fd, const struct certificate *certificate);

/* How many bytes came, 0 where the client will send no more; else one of the three. A handshake is
 * made on the way. */
long channel_receive(struct channel *channel, void *bytes, size_t length);

/* Whether its handshake has been made, or there is none to make. */
bool channel_is_ready(const struct channel *channel);

/* How many bytes the socket took, at least 1; else CHANNEL_LATER or CHANNEL_BROKEN. What came later
 * is to be sent from the first byte that was not taken. */
long channel_send(struct channel *channel, const void *bytes, size_t length);

/* Keeps back what is sent from here on until channel_end, or until it fills a packet: then the last
 * bytes and the end leave as one. */
void channel_hold(struct channel *channel);

/* Tells the client that nothing more will come. */
void channel_end(struct channel *channel);

/* Makes the close to come an abrupt one: the client's connection is reset. */
void channel_reset(struct channel *channel);

void channel_close(struct channel *channel);

#endif
