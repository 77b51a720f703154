/* Responses of which libcurl reads the beginning and the end alone; inside this room.
 *
 * A look at each event and a call that takes it (direct.h) are two calls. Where many events are
 * still to come of a response, it is read in one: what waits on the socket is taken, and the
 * kernel's stamp comes with it. That begins with a reading of whole chunks, of which libcurl is
 * made to keep the data (CURL_WRITEFUNC_PAUSE), and waits for a chunk then. It is given back what
 * is not read here: the end of the body, however it is written, a chunk of which a part has come
 * (handback.h), and the end of the connection. What it kept it hands on then, and that was had
 * before.
 *
 * The stamp is that of the last byte. It is the first's, too, where one event was taken, or one
 * packet brought them all (interval.h). Else the first came at a moment that is not known. So a
 * look goes before, where the loop has been as late as half of the time between two chunks of the
 * response, and where more than a few readings held several packets all the same. */
#ifndef LOAD_OWNED_H
#define LOAD_OWNED_H

#include <stdbool.h>
#include <stddef.h>

struct direct_look;
struct loop;
struct socket_about;
struct transfer;

/* Whether the socket brings a response that is read here. */
bool owned_is(const struct socket_about *about);

/* Whether libcurl, paused, wishes to know nothing of the socket, which is watched all the same. */
bool owned_is_watched(const struct socket_about *about);

/* Whether enough of the transfer's response is to come, and libcurl waits for it alone. */
bool owned_is_worth_it(const struct loop *loop, int socket, const struct transfer *transfer);

/* Begins to read the transfer's response here, with what was looked at: libcurl has read that, and
 * keeps its data. */
void owned_begin(struct loop *loop, int socket, struct transfer *transfer,
                 const struct direct_look *look);

/* Reads the socket. False: the connection has ended, and libcurl is to read that. */
bool owned_read(struct loop *loop, int socket, struct transfer *transfer);

/* libcurl has been called for the transfer, for whatever reason. */
void owned_note_called(struct transfer *transfer);

/* Looks after those that libcurl has been called for though they are read here; to be called after
 * each call into libcurl. */
void owned_look_after_called(struct loop *loop);

/* Lets libcurl go on, which is paused; the transfer may end by it. */
void owned_give_back(struct loop *loop, struct transfer *transfer);

#endif
