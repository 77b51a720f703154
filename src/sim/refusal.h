/* Why a request is refused, in what every dialect needs to say it. */
#ifndef SIM_REFUSAL_H
#define SIM_REFUSAL_H

#include <stdbool.h>

struct refusal {
    int status;       /* of HTTP */
    const char *code; /* "model_not_found"; a literal */
    char param[64];   /* which part of the body; "": none */
    char message[512];
};

/* Writes the refusal, its texts cut to fit, and returns false; `param` may be NULL. */
bool refuse(struct refusal *refusal, int status, const char *code, const char *param,
            const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
