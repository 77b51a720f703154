/* When what is about to be read came; inside this room.
 *
 * A socket is looked at before libcurl reads it. The look tells the moment of its first byte, and
 * where it is read late, a second tells that of its last. */
#ifndef LOAD_ARRIVAL_H
#define LOAD_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* What is read no later than this after it was looked at came together, as far as figures go. */
#define ARRIVAL_TOGETHER_NS 100000

/* Looks at a socket that libcurl is to read next: the loop's members from `arrival_ns` to
 * `by_timer` tell what was found. */
void arrival_note(struct loop *loop, int socket, bool readable);

/* The same for bytes that were looked at whole at `seen_ns`, and of which no more and no less is
 * read next: when the first of them and the last came, CLOCK_NEVER where it is not known. A first
 * that is later than the last came by then. */
void arrival_note_whole(struct loop *loop, int socket, int64_t seen_ns, int64_t first_ns,
                        int64_t last_ns);

/* A look at the socket met this errno, which the one that reads it next does not find any more. */
void arrival_note_trouble(struct loop *loop, int socket, int trouble);

/* To be called where bytes that libcurl hands on are taken, before and after: what it hands on
 * later than ARRIVAL_TOGETHER_NS after the look at the socket, or after it had the turn again, may
 * have come in between, and what it hands on after a taking that took longer, during that. Only the
 * first byte's stamp is true of what was read then; the rest came by now. Not so where all of it
 * was looked at whole, or the last byte's stamp was and the connection has received nothing since.
 */
void arrival_take_begin(struct loop *loop);
void arrival_take_end(struct loop *loop);

#endif
