/* What the routes of the workbench share. */
#ifndef SERVE_WORKBENCH_H
#define SERVE_WORKBENCH_H

#include <pthread.h>

struct background;
struct guard;
struct watching;

struct workbench {
    const char *root; /* the folder of the runs, as it was named */
    int folder;       /* the same, open */
    struct guard *guard;
    struct background *background;
    struct watching *watching;
    pthread_mutex_t reports;                /* held while a report is made: one at a time */
    void (*tell_request)(const char *line); /* NULL: nobody wants to know */
};

#endif
