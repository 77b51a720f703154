/* Responses of which libcurl reads the beginning and the end alone; inside this room.
 *
 * A look at each event and a call that takes it (direct.h) are two calls. Where many events are
 * still to come of a response, it is read in one: what waits on the socket is taken, and the
 * kernel's stamp comes with it. Meanwhile libcurl is paused (curl_easy_pause), which keeps its
 * timers from reading. It is given back what is not read here: the end of the body, with whatever
 * it is written (handback.h), and the end of the connection.
 *
 * The stamp is that of the last byte. It is the first's, too, where one event was taken, or one
 * packet brought them all (interval.h). Else the first came at a moment that is not known. So a
 * look goes before, where the loop has been as late as half of the time between two chunks of the
 * response, and where more than a few readings held several packets all the same. */
#ifndef LOAD_OWNED_H
#define LOAD_OWNED_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct socket_about;
struct transfer;

/* Whether the socket brings a response that is read here. */
bool owned_is(const struct socket_about *about);

/* Begins to read the transfer's response here, of which libcurl has read whole chunks alone, if
 * that is worth it; false: it is not. */
bool owned_begin(struct loop *loop, int socket, struct transfer *transfer);

/* Reads the socket. False: the connection has ended, and libcurl is to read that. */
bool owned_read(struct loop *loop, int socket, struct transfer *transfer);

#endif
