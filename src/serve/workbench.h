/* What the routes of the workbench share. */
#ifndef SERVE_WORKBENCH_H
#define SERVE_WORKBENCH_H

#include <pthread.h>

struct background;
struct chats;
struct checks;
struct endpoints;
struct guard;
struct watching;
struct starter;
struct under_way;

struct workbench {
    const char *root; /* the folder of the runs, as it was named */
    int folder;       /* the same, open */
    struct guard *guard;
    struct background *background;
    struct watching *watching;
    struct endpoints *endpoints;
    struct checks *checks;
    struct under_way *under_way;
    struct starter *starter;
    struct chats *chats;
    pthread_mutex_t reports;                /* held while a report is made: one at a time */
    void (*tell_request)(const char *line); /* NULL: nobody wants to know */
};

#endif
