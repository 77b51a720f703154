/* Why a request is refused, in what every dialect needs to say it. */
#ifndef SIM_REFUSAL_H
#define SIM_REFUSAL_H

#include <stdbool.h>

struct refusal {
    int status;        /* of HTTP */
    const char *code;  /* "model_not_found"; a literal */
    const char *param; /* which part of the body; a literal or NULL */
    char message[512];
};

/* Writes the refusal, its message cut to fit, and returns false. */
bool refuse(struct refusal *refusal, int status, const char *code, const char *param,
            const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
