#include "command/sending_to.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/exit.h"
#include "core/memory.h"

static bool send_one(const struct sending_service *service, const struct sending *how,
                     const char *path)
{
    struct text told = {0};
    struct error error;
    bool done = sending_send(service, how, path, &told, &error);

    if (told.length > 0)
        fputs(told.bytes, stdout);
    if (!done)
        fprintf(stderr, "coebench: %s: %s\n", path, error.text);
    text_clear(&told);
    return done;
}

int sending_to(const char *to, const struct sending *how, char **paths)
{
    struct sending sending = *how;
    const struct sending_service *service = sending_find(to, &sending.url);
    int code = EXIT_DONE;

    if (!service) {
        fprintf(stderr, "coebench: --to %s: no such service; it takes " SENDING_SERVICES "\n", to);
        return EXIT_BAD_INPUT;
    }
    for (; *paths; paths++) {
        if (!send_one(service, &sending, *paths))
            code = EXIT_BAD_INPUT;
    }
    return code;
}

void sending_at_end(const char *service, const struct sending *how, const char *folder, bool quiet)
{
    struct sending sending = *how;
    char *to = memory_printf("%s:%s", service, how->url);
    struct text told = {0};
    struct error error;

    if (sending_send(sending_find(to, &sending.url), &sending, folder, &told, &error)) {
        if (!quiet && told.length > 0)
            fputs(told.bytes, stdout);
    } else {
        fprintf(stderr,
                "warning: the run is not in MLflow: %s; 'coebench export %s --to %s' sends it\n",
                error.text, folder, to);
    }
    text_clear(&told);
    free(to);
}
