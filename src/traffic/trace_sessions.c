#include "traffic/trace_sessions.h"

#include <stdlib.h>

#include "core/memory.h"

enum { ROOM_LEAST = 64 };

/* A name in the file, and the session that its last line belongs to. */
struct named {
    uint64_t name;
    uint32_t session, turns; /* turns 0: the entry is free */
    int64_t held;            /* input and output of its last line */
};

/* A later line before they are sorted by their sessions. */
struct found {
    uint32_t session;
    struct trace_turn turn;
};

struct reading {
    struct trace_sessions *into;
    struct named *named; /* open addressing; owned */
    size_t room, used;
    struct found *found; /* owned */
};

/* --- Names ------------------------------------------------------------------------------------ */

/* Stafford's mix 13, as id_set.c has it. */
static size_t place_of(const struct reading *reading, uint64_t name)
{
    name = (name ^ name >> 30) * 0xbf58476d1ce4e5b9u;
    name = (name ^ name >> 27) * 0x94d049bb133111ebu;
    return (size_t)(name ^ name >> 31) & (reading->room - 1);
}

/* Its entry, or the free one where it belongs. */
static struct named *find(const struct reading *reading, uint64_t name)
{
    size_t at = place_of(reading, name);

    while (reading->named[at].turns > 0 && reading->named[at].name != name)
        at = (at + 1) & (reading->room - 1);
    return &reading->named[at];
}

static struct named *find_or_add(struct reading *reading, uint64_t name)
{
    struct reading old = *reading;
    struct named *named;

    if (reading->used + 1 > reading->room / 4 * 3) {
        reading->room = old.room ? 2 * old.room : ROOM_LEAST;
        reading->named = memory_new(reading->room, sizeof *reading->named);
        for (size_t i = 0; i < old.room; i++) {
            if (old.named[i].turns > 0)
                *find(reading, old.named[i].name) = old.named[i];
        }
        free(old.named);
    }
    named = find(reading, name);
    if (named->turns == 0) {
        named->name = name;
        reading->used++;
    }
    return named;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void add_line(struct trace_sessions *into, bool later)
{
    if (into->lines % 8 == 0) {
        into->later = memory_grow(into->later, into->lines / 8, sizeof *into->later);
        into->later[into->lines / 8] = 0;
    }
    into->later[into->lines / 8] |= (uint8_t)(later << into->lines % 8);
    into->lines++;
}

static void add_later(struct reading *reading, const struct named *named,
                      const struct trace_request *request)
{
    struct trace_sessions *into = reading->into;
    int64_t own = request->input_tokens - named->held;

    reading->found = memory_grow(reading->found, into->turns, sizeof *reading->found);
    reading->found[into->turns++] =
        (struct found){named->session,
                       {.at_s = request->at_s,
                        .input_tokens = (uint32_t)request->input_tokens,
                        .output_tokens = (uint32_t)request->output_tokens,
                        .own_tokens = own > 0 ? (uint32_t)own : 0}};
    into->apart += own <= 0;
}

static void note_turns(struct trace_sessions *into, size_t turns)
{
    into->turns_most = turns > into->turns_most ? turns : into->turns_most;
}

static void take(struct reading *reading, const struct trace_request *request)
{
    struct trace_sessions *into = reading->into;
    struct named *named =
        request->has_session ? find_or_add(reading, request->session) : &(struct named){0};
    bool later = named->turns > 0 && named->turns < TRACE_TURNS_MOST && request->turn != 1;

    if (later)
        add_later(reading, named, request);
    else
        named->session = (uint32_t)into->sessions++;
    named->turns = later ? named->turns + 1 : 1;
    named->held = request->input_tokens + request->output_tokens;
    note_turns(into, named->turns);
    add_line(into, later);
}

/* --- All of them ------------------------------------------------------------------------------ */

/* Session by session, in each by the file's order. */
static void sort(struct reading *reading)
{
    struct trace_sessions *into = reading->into;
    uint32_t *at = memory_new(into->sessions + 2, sizeof *at);

    into->turn = memory_new(into->turns, sizeof *into->turn);
    for (size_t i = 0; i < into->turns; i++)
        at[reading->found[i].session + 2]++;
    for (size_t s = 2; s < into->sessions + 2; s++)
        at[s] += at[s - 1];
    for (size_t i = 0; i < into->turns; i++)
        into->turn[at[reading->found[i].session + 1]++] = reading->found[i].turn;
    into->first = at;
}

static bool read_all(struct reading *reading, const struct trace_asked *asked,
                     const struct trace_sessions_hearer *hearer, size_t *too_long,
                     struct error *error)
{
    struct trace_member member = {0};
    struct trace_request request;
    enum trace_read read = TRACE_FAULT;

    if (trace_member_open(&member, asked, error)) {
        while ((read = trace_member_next(&member, &request, error)) == TRACE_REQUEST) {
            take(reading, &request);
            if (hearer)
                hearer->hear(hearer->context, &request);
        }
    }
    if (too_long)
        *too_long = member.too_long;
    trace_member_close(&member);
    return read == TRACE_END;
}

bool trace_sessions_read(struct trace_sessions *sessions, const struct trace_asked *asked,
                         const struct trace_sessions_hearer *hearer, size_t *too_long,
                         struct error *error)
{
    struct reading reading = {.into = sessions};
    bool done;

    *sessions = (struct trace_sessions){0};
    done = read_all(&reading, asked, hearer, too_long, error);
    free(reading.named);
    if (sessions->turns > 0) {
        sort(&reading);
    } else {
        free(sessions->later);
        sessions->later = NULL;
    }
    free(reading.found);
    return done;
}

bool trace_sessions_begins(const struct trace_sessions *sessions, size_t index)
{
    return !sessions->later || index >= sessions->lines ||
           !(sessions->later[index / 8] >> index % 8 & 1);
}

size_t trace_sessions_turns(const struct trace_sessions *sessions, size_t session)
{
    return sessions->first && session < sessions->sessions
               ? 1 + sessions->first[session + 1] - sessions->first[session]
               : 1;
}

const struct trace_turn *trace_sessions_turn(const struct trace_sessions *sessions, size_t session,
                                             size_t turn)
{
    return &sessions->turn[sessions->first[session] + turn - 2];
}

void trace_sessions_clear(struct trace_sessions *sessions)
{
    free(sessions->turn);
    free(sessions->first);
    free(sessions->later);
    *sessions = (struct trace_sessions){0};
}
