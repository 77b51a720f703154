/* Anything at all, as what servers tell of themselves: several texts in a row, parted by a zero
 * byte. Each line is at most one sample, and figures that are told make sense together. */
#include <math.h>
#include <stdlib.h>

#include "input.h"
#include "telemetry/window.h"

struct told {
    struct reading reading;
    size_t samples;
};

static void on_sample(void *context, const struct exposition_sample *sample)
{
    struct told *told = context;

    told->samples++;
    require(sample->name && sample->labels <= EXPOSITION_LABELS_MOST);
    for (size_t i = 0; i < sample->labels; i++)
        require(sample->label[i].name && sample->label[i].value);
    reading_add(&told->reading, sample);
}

/* Its own room, so that a look behind its end shows. */
static void take(struct window *window, int64_t at_ns, const uint8_t *bytes, size_t length)
{
    struct exposition_counts counts = {0};
    struct told told = {.samples = 0};
    char *text = malloc(length ? length : 1);
    size_t lines = 1;

    for (size_t i = 0; i < length; i++) {
        text[i] = (char)bytes[i];
        lines += bytes[i] == '\n';
    }
    reading_begin(&told.reading, at_ns);
    exposition_read(text, length, on_sample, &told, &counts);
    reading_end(&told.reading);
    require(counts.samples == told.samples && counts.samples + counts.malformed <= lines);
    for (int i = 0; i < QUANTITIES - QUANTITY_COUNTERS; i++) {
        const struct reading_histogram *histogram = &told.reading.histogram[i];

        for (size_t k = 1; k < histogram->buckets; k++)
            require(!(histogram->bound[k] < histogram->bound[k - 1]));
    }
    window_take(window, &told.reading, window->readings == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct window window = {0};
    struct telemetry_figures figures;
    int64_t at_ns = 0;
    size_t begin = 0;

    for (size_t i = 0; i <= length; i++) {
        if (i < length && bytes[i] != 0)
            continue;
        take(&window, at_ns += 1000000000, bytes + begin, i - begin);
        begin = i + 1;
    }
    window_conclude(&window, 1, &figures);
    for (int i = TELEMETRY_TTFT_S_COUNT; i < TELEMETRY_FIGURES; i += TELEMETRY_OF_HISTOGRAM) {
        const double *value = &figures.value[i];

        require(isnan(value[0]) || value[0] > 0);
        require(!(value[2] > value[3]) && !(value[4] > value[5]));
    }
    return 0;
}
