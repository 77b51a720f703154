/* Framing: a response's bytes, cut anywhere by the network, become whole events.
 *
 * Two framings: server-sent events (WHATWG HTML, section 9.2: LF, CR or CRLF; comments; at most one
 * blank stripped after the colon; a byte-order mark) and one object a line. An event that lies
 * whole in the bytes of one read is handed on from there, uncopied; only what the end of a read
 * cuts, and the data of several lines, is put together aside. No I/O, no opinion on what an event
 * says.
 *
 * In one thing the standard is not followed: servers part events by one line end where it asks for
 * two. A `data:` line is an event of its own, and comes with the read that ends its line; only a
 * JSON object or list that a line leaves open continues with the data of the next. An `event:` line
 * names the next event alone; what a "ping" carries is dropped. An error that stands between events
 * (stray.h) is handed on as an event. */
#ifndef WIRE_STREAM_H
#define WIRE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "wire/nesting.h"
#include "wire/stray.h"

enum stream_framing { STREAM_EVENTS, STREAM_LINES };

/* The most bytes one event or line may have. */
enum { STREAM_EVENT_MOST = 16 << 20 };

struct stream {
    enum stream_framing framing;
    void (*on_event)(void *context, const char *payload, size_t length);
    void *context;
    struct text line;   /* the part of a line that the last bytes ended with */
    struct text joined; /* the data of the event being read, where it is in pieces */
    const char *data;   /* of the event being read: in the bytes being read, or in `joined` */
    size_t data_length;
    size_t most; /* bytes of an event: STREAM_EVENT_MOST, or less where the caller says so */
    struct nesting nesting; /* of the data's first … */
    size_t nested;          /* … bytes, so many; they are counted only where it matters */
    struct stray stray;     /* an error that stands between the events */
    bool has_data;
    bool ping;     /* the event's name says that it is a keep-alive */
    bool after_cr; /* the LF of a CRLF may come with the next bytes */
    bool started;  /* past where a byte-order mark may stand */
};

/* Begins a response, keeping the buffers of the one before. A zeroed stream is fine. on_event gets
 * `length` bytes, more than 0, that stand only while it runs; no NUL ends them. */
void stream_start(struct stream *stream, enum stream_framing framing,
                  void (*on_event)(void *context, const char *payload, size_t length),
                  void *context);

/* Takes the next bytes and calls on_event for each event that they complete. False where an event
 * grew over STREAM_EVENT_MOST: the response is given up. */
bool stream_feed(struct stream *stream, const char *bytes, size_t length);

/* The body has ended: delivers an event that only lacks its blank line. Half a line is dropped with
 * its event, as the standard says, but for an object or list that it closes: the last line, or an
 * error that stands bare, may lack its line end. */
void stream_finish(struct stream *stream);

void stream_clear(struct stream *stream);

#endif
