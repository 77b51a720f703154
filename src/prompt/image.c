#include "prompt/image.h"

#include <png.h>
#include <stdlib.h>

#include "core/memory.h"

int image_pixels(enum row_image size)
{
    static const int pixels[] = {
        [ROW_NO_IMAGE] = 0, [ROW_SMALL] = 500, [ROW_MEDIUM] = 1000, [ROW_LARGE] = 2000};

    return pixels[size];
}

/* One row of a slow run of colours between three random slopes, with grain in the lowest bits. */
static void paint_row(const uint64_t slope[3], uint64_t grain, int y, int pixels,
                      unsigned char *row)
{
    for (int x = 0; x < pixels; x++) {
        for (int c = 0; c < 3; c++) {
            uint64_t shade =
                slope[c] + (uint64_t)(x * (c + 1) + y * (3 - c)) * 128u / (uint64_t)pixels;
            uint64_t noise = x % 8 == 0 ? grain >> (x + 7 * c) % 61 & 3 : 0;

            row[3 * x + c] = (unsigned char)((shade + noise) & 255);
        }
    }
}

bool image_make(struct random *random, int pixels, struct text *png, struct error *error)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)pixels,
                       .height = (png_uint_32)pixels,
                       .format = PNG_FORMAT_RGB};
    size_t stride = (size_t)pixels * 3;
    unsigned char *canvas = memory_new((size_t)pixels, stride);
    uint64_t slope[3] = {random_below(random, 256), random_below(random, 256),
                         random_below(random, 256)};
    png_alloc_size_t size = 0;
    void *out = NULL;
    bool done;

    for (int y = 0; y < pixels; y++)
        paint_row(slope, random_next(random), y, pixels, canvas + (size_t)y * stride);
    done = png_image_write_to_memory(&image, NULL, &size, 0, canvas, 0, NULL);
    if (done) {
        out = memory_new(size, 1);
        done = png_image_write_to_memory(&image, out, &size, 0, canvas, 0, NULL);
    }
    if (done)
        text_add(png, out, size);
    else
        error_set(error, "a picture of %d pixels could not be encoded: %s", pixels, image.message);
    png_image_free(&image);
    free(canvas);
    free(out);
    return done;
}
