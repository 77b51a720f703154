/* Whether connections are used again: what `connection.reuse` asks, and what a run has learned of
 * its endpoint. Some servers close a connection right after a streamed response, although they
 * promise to keep it (llama-server: 0.02 to 0.05 ms after); a request that is sent on it meanwhile
 * fails, and must not be sent twice.
 *
 * With `auto`, a connection is on trial for 20 ms after a streamed response, until three have
 * outlived that; then connections are used again at once. Where one does not outlive it, or a
 * request finds its connection dead, requests connect anew from then on. Over HTTP/2 connections
 * are shared, and a server says so before it closes one (GOAWAY): there they are always used again.
 *
 * One struct serves all loops of a run; its functions may be called from any thread. */
#ifndef LOAD_REUSE_H
#define LOAD_REUSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of `connection.reuse`'s choices. */
enum reuse_mode { REUSE_AUTO, REUSE_ALWAYS, REUSE_NEVER };

/* Zeroed: `auto`, and nothing is learned yet. */
struct reuse {
    atomic_int mode; /* enum reuse_mode; stays REUSE_AUTO until it is known */
    atomic_size_t outlived;
    atomic_size_t
        preconnected_outlived; /* connections opened in advance that outlived their small request */
    atomic_bool news;          /* learned, and not taken by reuse_take_news yet */
    atomic_int cause;          /* of it */
    atomic_llong closed_after_ns;
};

enum { REUSE_OUTLIVED_ENOUGH = 3, REUSE_ANNOUNCED = -1 /* the response announced it */ };
extern const int64_t reuse_trial_ns; /* 20 ms */

/* Begins with what is asked for or, where that is auto, with what was learned before. */
void reuse_init(struct reuse *reuse, enum reuse_mode asked, enum reuse_mode learned);

/* What holds now. NULL: REUSE_ALWAYS. */
enum reuse_mode reuse_now(const struct reuse *reuse);

/* Each takes in a fact; all without effect where the mode is known already, but reuse_note_dead: a
 * request that found its connection dead ends REUSE_ALWAYS too where that was learned. */
void reuse_note_outlived(struct reuse *reuse);
void reuse_note_closed(struct reuse *reuse, int64_t after_ns); /* so long after a response */
void reuse_note_dead(struct reuse *reuse);

/* Connections opened in advance are looked at likewise, before they are used: whether that is still
 * needed, and that one outlived it. */
bool reuse_tries_preconnected(const struct reuse *reuse);
void reuse_note_preconnected_outlived(struct reuse *reuse);

/* Once after something was learned: true, with a sentence for people in `line`. */
bool reuse_take_news(struct reuse *reuse, char *line, size_t room);

#endif
