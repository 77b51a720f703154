/* The members of one response's JSON object that are read back, wherever they were found: by cJSON
 * in any JSON at all (response_members.c), or in one pass over the bytes (response_scan.h). Both
 * find the same. For the room alone. */
#ifndef STORE_RESPONSE_MEMBERS_H
#define STORE_RESPONSE_MEMBERS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "record/metric.h"

enum response_key {
    RESPONSE_ERROR_CODE,
    RESPONSE_ERROR_MSG,
    RESPONSE_REQUEST_INDEX,
    RESPONSE_ATTEMPT,
    RESPONSE_PROBE_BURST,
    RESPONSE_PHASE,
    RESPONSE_SESSION,
    RESPONSE_TURN,
    RESPONSE_STARTED_NS,
    RESPONSE_SENT_NS,
    RESPONSE_DONE_NS,
    RESPONSE_START_TIME,
    RESPONSE_END_TIME,
    RESPONSE_GAPS,
    RESPONSE_KEYS,
    RESPONSE_METRICS = RESPONSE_KEYS, /* from here on, one key for each metric … */
    RESPONSE_ALL_KEYS = RESPONSE_KEYS + METRIC_COUNT,
    RESPONSE_NO_KEY = RESPONSE_ALL_KEYS
};

enum response_kind {
    RESPONSE_ABSENT,
    RESPONSE_NULL,
    RESPONSE_NUMBER,
    RESPONSE_TEXT,
    RESPONSE_OTHER
};

struct response_member {
    enum response_kind kind;
    double number;    /* of a RESPONSE_NUMBER; may be infinite */
    const char *text; /* of a RESPONSE_TEXT: `length` bytes, none of them NUL, in what was read */
    size_t length;
};

struct response_members {
    struct response_member member[RESPONSE_KEYS]; /* but RESPONSE_GAPS */
    double metric[METRIC_COUNT];                  /* finite, or NAN */
    size_t chunks;                                /* how many numbers RESPONSE_GAPS has … */
    double chunks_s; /* … and their sum; NAN: there are none, or one is no number */
};

/* The key that is spelled so, of a response's own or of a metric; RESPONSE_NO_KEY: none is read. */
enum response_key response_key_find(const char *key);

/* The finite number that a member is, or that it holds as text (store/json.h); NAN: none. */
double response_member_number(const struct response_member *member);

/* No member at all. */
void response_members_init(struct response_members *members);

/* Those of an object that cJSON has read, and in which the texts are. Of several with one key the
 * first counts, of a metric's the last that is a number. */
void response_members_of(const cJSON *object, struct response_members *members);

#endif
