#include "command/notices.h"

#include <stdio.h>

#include "report/terminal/terminal.h"

void notices_warn(const struct faults *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        terminal_note(stderr, COLOUR_NOTE, "warning: %s", warnings->text[i]);
}

void notices_refuse(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        terminal_note(stderr, COLOUR_BAD, "coebench: %s", faults->text[i]);
    if (faults->count > 1)
        fprintf(stderr, "coebench: %zu faults; nothing was sent\n", faults->count);
}

/* Where nothing is wrong, the warnings are not printed here. Clears the faults. */
static bool print_faults(struct faults *faults, const struct faults *warnings)
{
    bool none = faults->count == 0;

    if (!none)
        notices_warn(warnings);
    notices_refuse(faults);
    faults_clear(faults);
    return none;
}

bool notices_prepare(struct preparation *preparation, const struct prepare_options *options,
                     const char *config_path)
{
    struct faults faults = {0};

    prepare(preparation, options, config_path, &faults);
    return print_faults(&faults, &preparation->warnings);
}

bool notices_prepare_endpoint(struct preparation *preparation,
                              const struct prepare_options *options, const char *config_path)
{
    struct faults faults = {0};

    prepare_endpoint(preparation, options, config_path, &faults);
    return print_faults(&faults, &preparation->warnings);
}

bool notices_of_losses(const struct runs *runs)
{
    size_t losses = 0;

    for (size_t i = 0; i < runs->count; i++) {
        const struct results *run = &runs->results[i];

        for (size_t k = 0; k < run->losses; k++)
            fprintf(stderr, "warning: %s; the step is left out of %s\n", run->loss[k].why,
                    run->name);
        losses += run->losses;
    }
    return losses > 0;
}

void notices_of_definitions(const struct runs *runs)
{
    if (runs->definitions)
        fprintf(stderr, "note: %s\n", runs->definitions);
}
