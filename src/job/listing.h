/* What the endpoint lists, asked for once in a preparation's life, when it is first wanted; asking
 * touches no model. May be used by several threads. */
#ifndef JOB_LISTING_H
#define JOB_LISTING_H

#include "job/prepare.h"
#include "load/fetch.h"

struct listing;

struct listing *listing_new(void);
void listing_free(struct listing *listing);

/* The models; none, with the reason in `error` (which may be NULL), where the endpoint lists none
 * or cannot be asked. They stand as long as the preparation. */
const struct listed_models *listing_models(const struct preparation *preparation,
                                           struct error *error);

/* How asking for it went: why no response came whole (else REQUEST_COMPLETED), and its status; 0
 * while it has not been asked for, or where there is none. Asks for nothing itself. */
struct listing_reached {
    enum request_end end;
    int status;
};
struct listing_reached listing_reached(const struct preparation *preparation);

/* What a model takes, in tokens, prompt and response together: by the list, else by the bundle
 * file. 0: not known. */
int64_t listing_context(const struct preparation *preparation, const char *model);

/* Takes what came where somebody else has asked for the list just now, in place of what it may have
 * said before: whoever has the models from before must be done with them. */
void listing_take(const struct preparation *preparation, const struct fetched *fetched);

/* What the endpoint says of itself (listed_models_say); "" where it lists no models. */
const char *listing_says(const struct preparation *preparation);

/* From now on what is known of how a model counts is found by its other name too, where the list
 * says that both are one, and only where the endpoint said of itself what it says now. The list is
 * asked for only where that makes a difference. */
void listing_join(const struct preparation *preparation);

#endif
