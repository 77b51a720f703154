/* In which interval each chunk came; inside this room.
 *
 * A chunk that is alone in its reading came at the stamp of that. Where a reading holds several,
 * the kernel tells the moment of the first byte and of the last, and where it joined packets that
 * waited, of neither but the last of them (stamp.h): that one packet brought them all (TCP_INFO
 * counts them) makes that moment theirs. Else each of them came
 *
 * - not before the socket was last known to be empty: the reading before left nothing there;
 * - not before its request left, and not before the chunk before it can have come;
 * - not after the stamp of the last byte, and where that is not known, the moment of reading.
 *
 * Moments are exact to ARRIVAL_TOGETHER_NS. What follows the last chunk of a reading that was not
 * late came with it. Where the kernel stamps nothing at all, a chunk that is alone counts as come
 * when it was read. */
#ifndef LOAD_INTERVAL_H
#define LOAD_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct transfer;

/* What is known of a socket between readings. Zeroed: a new connection. */
struct interval_socket {
    int64_t floor_ns;  /* what waits there came after this, while it may not be empty */
    uint32_t segments; /* that had come when it was known to be empty, … */
    uint32_t readings; /* … and since then, readings that brought at least one each */
    bool may_wait;     /* the last reading may have left something */
};

/* What is known of the reading under way. */
struct interval_reading {
    int64_t floor_ns;      /* nothing of it came before */
    int socket;            /* -1: none is being read */
    struct transfer *user; /* who took a chunk from it; NULL: nobody yet */
    size_t first, chunks;  /* which of its chunks is the first of the reading; how many these are */
    size_t bytes;
    bool follows, is_followed; /* something that is no chunk came before these, or behind them */
    bool is_wide;              /* others have taken chunks, too */
    bool leaves;               /* more may wait than was taken */
    int64_t segments;          /* that its socket had received when they were asked for */
    bool was_several;          /* … and were more than one */
};

/* Before a socket is looked at, and after it was read. `sealed`: bytes may wait there though few
 * were handed on, as of TLS, of which libcurl reads record by record. */
void interval_begin(struct loop *loop, int socket);
void interval_end(struct loop *loop, int socket, bool sealed);

/* libcurl is called for no socket, and may read any of them all the same, as its timers do: of what
 * it takes then only bounds are known. */
void interval_begin_unasked(struct loop *loop);
void interval_end_unasked(struct loop *loop);

/* Whether one packet brought all that is being read. */
bool interval_is_one_packet(struct loop *loop);

/* The transfer takes bytes that libcurl hands on, of a head or a body; then a chunk, its record's
 * last, or an event that is none. */
void interval_take_bytes(struct loop *loop, size_t count);
void interval_take_chunk(struct transfer *transfer);
void interval_take_other(struct transfer *transfer);

/* The transfer takes nothing more from the reading: sets `early_ns` and `late_ns` of the chunks
 * that it took. To be called before its record is handed on; interval_end calls it, too. */
void interval_conclude(struct transfer *transfer);

#endif
