#include "job/listing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

struct listing {
    pthread_mutex_t lock;
    bool asked, known;
    struct listing_reached reached;
    struct listed_models models;
    struct text says;
    struct error error; /* why nothing is known */
};

struct listing *listing_new(void)
{
    struct listing *listing = memory_new(1, sizeof *listing);

    pthread_mutex_init(&listing->lock, NULL);
    return listing;
}

void listing_free(struct listing *listing)
{
    if (!listing)
        return;
    listed_models_clear(&listing->models);
    text_clear(&listing->says);
    pthread_mutex_destroy(&listing->lock);
    free(listing);
}

static void conclude(struct listing *listing)
{
    listing->asked = true;
    text_reset(&listing->says);
    text_add_string(&listing->says, "");
    if (listing->known)
        listed_models_say(&listing->models, &listing->says);
}

const struct listed_models *listing_models(const struct preparation *preparation,
                                           struct error *error)
{
    struct listing *listing = preparation->listing;

    pthread_mutex_lock(&listing->lock);
    if (!listing->asked) {
        listing->known =
            prepare_list_models(preparation, &listing->models, &listing->reached, &listing->error);
        conclude(listing);
    }
    if (!listing->known && error)
        *error = listing->error;
    pthread_mutex_unlock(&listing->lock);
    return &listing->models;
}

struct listing_reached listing_reached(const struct preparation *preparation)
{
    struct listing *listing = preparation->listing;
    struct listing_reached reached;

    pthread_mutex_lock(&listing->lock);
    reached = listing->reached;
    pthread_mutex_unlock(&listing->lock);
    return reached;
}

void listing_take(const struct preparation *preparation, const struct fetched *fetched)
{
    struct listing *listing = preparation->listing;
    const struct text *body = &fetched->body;

    pthread_mutex_lock(&listing->lock);
    listing->reached = (struct listing_reached){fetched->end, fetched->status};
    listed_models_clear(&listing->models);
    listing->known = fetched->end == REQUEST_COMPLETED && fetched->status == 200 && body->bytes &&
                     dialect_read_models(body->bytes, body->length, &listing->models);
    if (!listing->known)
        error_set(&listing->error, "the endpoint lists no models");
    conclude(listing);
    pthread_mutex_unlock(&listing->lock);
}

const char *listing_says(const struct preparation *preparation)
{
    listing_models(preparation, NULL);
    return preparation->listing->says.bytes;
}

static int64_t bundle_context(const struct bundle *bundle, const char *model)
{
    for (size_t i = 0; i < bundle->experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(bundle, i);

        if (strcmp(expert->name, model) == 0 && expert->tiers.count > 0)
            return bundle_tier(expert, expert->tiers.count - 1)->tokens;
    }
    return 0;
}

int64_t listing_context(const struct preparation *preparation, const char *model)
{
    const struct listed_model *listed =
        listed_models_find(listing_models(preparation, NULL), model);

    return listed && listed->context_length > 0 ? listed->context_length
                                                : bundle_context(&preparation->bundle, model);
}

static bool same_model(const void *context, const char *a, const char *b)
{
    return listed_models_same(listing_models(context, NULL), a, b);
}

static const char *endpoint_says(const void *context)
{
    return listing_says(context);
}

void listing_join(const struct preparation *preparation)
{
    learned_join_endpoint(preparation->learned, same_model, endpoint_says, preparation);
}
