#include "serve/http/http_clients.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"

struct place {
    int socket;       /* −1: free */
    bool busy;        /* a request is under way */
    bool whole;       /* it has come whole */
    bool trusted;     /* it has come with the secret */
    bool leaving;     /* it was shut down */
    int64_t since_ns; /* of waiting for a head */
};

struct http_clients {
    pthread_mutex_t lock;
    struct place place[HTTP_CLIENTS_MOST];
    size_t open; /* those shut down, and not closed yet, among them */
};

struct http_clients *http_clients_new(void)
{
    struct http_clients *clients = memory_new(1, sizeof *clients);

    pthread_mutex_init(&clients->lock, NULL);
    for (size_t i = 0; i < HTTP_CLIENTS_MOST; i++)
        clients->place[i].socket = -1;
    return clients;
}

void http_clients_free(struct http_clients *clients)
{
    if (!clients)
        return;
    pthread_mutex_destroy(&clients->lock);
    free(clients);
}

static struct place *find(struct http_clients *clients, int socket)
{
    for (size_t i = 0; i < HTTP_CLIENTS_MOST; i++) {
        if (clients->place[i].socket == socket)
            return &clients->place[i];
    }
    return NULL;
}

/* Whether something of a request has yet to come, from somebody who has not shown the secret. */
static bool is_waited_for(const struct place *place)
{
    return !place->busy || (!place->trusted && !place->whole);
}

/* The library notices, and closes it. */
static void shut(struct place *place)
{
    place->leaving = true;
    shutdown(place->socket, SHUT_RDWR);
}

/* Of the idle ones without the secret, the one that has waited longest; NULL: there is none. */
static struct place *find_idle(struct http_clients *clients)
{
    struct place *idle = NULL;

    for (size_t i = 0; i < HTTP_CLIENTS_MOST; i++) {
        struct place *place = &clients->place[i];

        if (is_waited_for(place) && !place->trusted && !place->leaving &&
            (!idle || place->since_ns < idle->since_ns))
            idle = place;
    }
    return idle;
}

/* A free place; else that of an idle one, which is shut down and forgotten here. */
static struct place *make_room(struct http_clients *clients)
{
    struct place *place = find(clients, -1);

    if (place)
        return place;
    place = find_idle(clients);
    if (place)
        shut(place);
    return place;
}

bool http_clients_may_accept(struct http_clients *clients)
{
    bool may;

    pthread_mutex_lock(&clients->lock);
    may = clients->open < HTTP_CLIENTS_OPEN;
    pthread_mutex_unlock(&clients->lock);
    return may;
}

bool http_clients_add(struct http_clients *clients, int socket, int64_t now_ns)
{
    struct place *place;

    pthread_mutex_lock(&clients->lock);
    place = make_room(clients);
    if (place) {
        *place = (struct place){.socket = socket, .since_ns = now_ns};
        clients->open++;
    }
    pthread_mutex_unlock(&clients->lock);
    return place;
}

void http_clients_begin_request(struct http_clients *clients, int socket, bool trusted)
{
    struct place *place;

    pthread_mutex_lock(&clients->lock);
    place = find(clients, socket);
    if (place) {
        place->busy = true;
        place->whole = false;
        place->trusted |= trusted;
    }
    pthread_mutex_unlock(&clients->lock);
}

void http_clients_take_request(struct http_clients *clients, int socket)
{
    struct place *place;

    pthread_mutex_lock(&clients->lock);
    place = find(clients, socket);
    if (place)
        place->whole = true;
    pthread_mutex_unlock(&clients->lock);
}

void http_clients_end_request(struct http_clients *clients, int socket, int64_t now_ns)
{
    struct place *place;

    pthread_mutex_lock(&clients->lock);
    place = find(clients, socket);
    if (place) {
        place->busy = false;
        place->since_ns = now_ns;
    }
    pthread_mutex_unlock(&clients->lock);
}

void http_clients_drop(struct http_clients *clients, int socket)
{
    struct place *place;

    pthread_mutex_lock(&clients->lock);
    place = find(clients, socket);
    if (place)
        place->socket = -1;
    clients->open--;
    pthread_mutex_unlock(&clients->lock);
}

void http_clients_end_late(struct http_clients *clients, int64_t now_ns)
{
    pthread_mutex_lock(&clients->lock);
    for (size_t i = 0; i < HTTP_CLIENTS_MOST; i++) {
        struct place *place = &clients->place[i];

        if (place->socket >= 0 && is_waited_for(place) && !place->leaving &&
            now_ns - place->since_ns >= HTTP_CLIENTS_HEAD_S * CLOCK_NS_PER_S)
            shut(place);
    }
    pthread_mutex_unlock(&clients->lock);
}

size_t http_clients_count(struct http_clients *clients)
{
    size_t count = 0;

    pthread_mutex_lock(&clients->lock);
    for (size_t i = 0; i < HTTP_CLIENTS_MOST; i++)
        count += clients->place[i].socket >= 0;
    pthread_mutex_unlock(&clients->lock);
    return count;
}
