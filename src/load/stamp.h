/* The kernel's own time of arrival; inside this room.
 *
 * Linux stamps each packet as it comes in, on the wall clock (SO_TIMESTAMPNS, socket(7)). A peek at
 * the first byte that waits tells when it came, under TLS too, and leaves it there for libcurl.
 * What a program notices later than that is its own lateness, not the server's. */
#ifndef LOAD_STAMP_H
#define LOAD_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How far the wall clock is ahead of the monotonic one. Zeroed: not known yet. */
struct stamp_offset {
    int64_t ahead_ns;
    int64_t sampled_ns; /* when, on the monotonic clock */
    int64_t asked_ns;   /* when the timer was last asked whether the wall clock was set */
    int64_t set_ns;     /* when the wall clock was last found to have been set; 0: never */
    int watch;          /* a timer that the kernel cancels when the wall clock is set; 0: none */
};

/* Begins and ends to watch for a wall clock that is set. Two looks at the clocks do not show one
 * that was set ahead and back between them; the kernel's timer does (TFD_TIMER_CANCEL_ON_SET,
 * timerfd_create(2)). Where there is none to be had, the looks alone count. */
void stamp_watch(struct stamp_offset *offset);
void stamp_unwatch(struct stamp_offset *offset);

/* Asks for stamps on a socket; where the system has none, nothing changes. */
void stamp_ask(int socket);

/* Asks whether the wall clock was set, and looks again how far the clocks are apart, where it has
 * been a while: the wall clock is steered, too. To be called before each round of looks.
 * `may_be_set`: false where the caller has just learned from epoll that the timer has nothing to
 * read. */
void stamp_sample(struct stamp_offset *offset, int64_t now_ns, bool may_be_set);

/* Whether stamps that were just had, the earliest and the latest, of packets that came no sooner
 * than `since_ns`, tell the time: the wall clock was not set between the packets, the sample and
 * now, not even there and back. Where it was, the next sample is taken at once. A clock that was
 * set makes of a packet of before one that seems to have come after, so that since_ns counts. The
 * timer is asked again for a packet that came after it was last asked, and where that was a while
 * ago: else the answer stands. */
bool stamp_holds(struct stamp_offset *offset, int64_t since_ns, int64_t first_ns, int64_t last_ns);

/* What one look at a socket tells, and leaves there. */
struct stamp_look {
    int64_t came_ns; /* when the first byte that waits arrived, on the monotonic clock; CLOCK_NEVER
                      * where nothing waits or no stamp is to be had. A packet that others were
                      * joined to bears the last one's time. */
    int trouble; /* looking takes a broken connection's error away from who looks next: here it is,
                  * as an errno; 0: there was none */
};

struct stamp_look stamp_look(int socket, const struct stamp_offset *offset);

/* Copies what waits, `*length` bytes of it: 0 where nothing does, `size` where there may be more.
 * What is returned tells when the last of them arrived. */
struct stamp_look stamp_look_at_all(int socket, const struct stamp_offset *offset, char *bytes,
                                    size_t size, size_t *length);

/* Takes what waits, as stamp_look_at_all copies it: `*got` is what recv(2) returns, 0 at the end of
 * what the connection brings. What is returned tells when the last of the bytes arrived. */
struct stamp_look stamp_take(int socket, const struct stamp_offset *offset, char *bytes,
                             size_t size, ssize_t *got);

/* When the last of the bytes that wait on the socket arrived, on the monotonic clock, or
 * CLOCK_NEVER as above; looks at the first MiB. Nothing is copied (MSG_TRUNC, tcp(7)). */
int64_t stamp_last_byte_ns(int socket, const struct stamp_offset *offset);

/* How many bytes the connection has received so far, read or not (tcpi_bytes_received, tcp(7),
 * since Linux 4.1); -1 where the system does not say. */
int64_t stamp_received_bytes(int socket);

/* How many packets with data (tcpi_data_segs_in, tcp(7), since Linux 4.6), those that came twice
 * counted twice; -1 likewise. */
int64_t stamp_received_segments(int socket);

#endif
