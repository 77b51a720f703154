#include "prompt/image.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

int image_pixels(enum row_image size)
{
    static const int pixels[] = {
        [ROW_NO_IMAGE] = 0, [ROW_SMALL] = 500, [ROW_MEDIUM] = 1000, [ROW_LARGE] = 2000};

    return pixels[size];
}

const char *image_type_of(const struct text *bytes)
{
    if (bytes->length > 8 && memcmp(bytes->bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (bytes->length > 3 && memcmp(bytes->bytes, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    return NULL;
}

/* What a picture shows: light that falls off slantwise, and round things before it, as out of
 * focus; grain on all of it. */
enum { DISCS = 12, COLOURS = 3 };

struct disc {
    int64_t x, y, radius;
    int64_t colour[COLOURS]; /* added in its middle */
};

struct scene {
    int64_t pixels;
    int64_t ground[COLOURS];
    struct disc disc[DISCS];
    int64_t grain_apart; /* pixels from grain to grain: what the picture weighs */
};

/* So that pictures weigh about 0.2, 0.5 and 1.2 MB, as the starter kit's do. */
static int64_t grain_apart(int pixels)
{
    return pixels <= 500 ? 6 : pixels <= 1000 ? 20 : 30;
}

static int64_t draw(struct random *random, int64_t least, int64_t most)
{
    return least + (int64_t)random_below(random, (uint64_t)(most - least + 1));
}

static struct scene draw_scene(struct random *random, int pixels)
{
    struct scene scene = {.pixels = pixels, .grain_apart = grain_apart(pixels)};

    for (int c = 0; c < COLOURS; c++)
        scene.ground[c] = draw(random, 40, 120);
    for (int i = 0; i < DISCS; i++) {
        struct disc *disc = &scene.disc[i];

        disc->x = draw(random, 0, pixels - 1);
        disc->y = draw(random, 0, pixels - 1);
        disc->radius = draw(random, pixels / 12, pixels / 4);
        for (int c = 0; c < COLOURS; c++)
            disc->colour[c] = draw(random, -40, 90);
    }
    return scene;
}

/* A disc's share of its colour at a place, in 256ths: whole in the middle, none at the edge. */
static int64_t nearness(const struct disc *disc, int64_t x, int64_t y)
{
    int64_t far = (x - disc->x) * (x - disc->x) + (y - disc->y) * (y - disc->y);
    int64_t edge = disc->radius * disc->radius;

    return far < edge ? 256 * (edge - far) / edge : 0;
}

static void paint_pixel(const struct scene *scene, int64_t x, int64_t y, int64_t grain,
                        unsigned char *pixel)
{
    int64_t light[COLOURS];

    for (int c = 0; c < COLOURS; c++)
        light[c] =
            scene->ground[c] + grain + 64 * (x * (c + 1) + y * (3 - c)) / (4 * scene->pixels);
    for (int i = 0; i < DISCS; i++) {
        int64_t near = nearness(&scene->disc[i], x, y);

        for (int c = 0; c < COLOURS && near > 0; c++)
            light[c] += near * scene->disc[i].colour[c] / 256;
    }
    for (int c = 0; c < COLOURS; c++)
        pixel[c] = (unsigned char)(light[c] < 0 ? 0 : light[c] > 255 ? 255 : light[c]);
}

static void paint_row(const struct scene *scene, struct random *random, int64_t y,
                      unsigned char *row)
{
    for (int64_t x = 0; x < scene->pixels; x++) {
        bool grainy = (x + 3 * y) % scene->grain_apart == 0;

        paint_pixel(scene, x, y, grainy ? draw(random, -6, 6) : 0, row + COLOURS * x);
    }
}

static unsigned char *paint(struct random *random, int pixels)
{
    struct scene scene = draw_scene(random, pixels);
    size_t stride = (size_t)pixels * COLOURS;
    unsigned char *canvas = memory_new((size_t)pixels, stride);

    for (int y = 0; y < pixels; y++)
        paint_row(&scene, random, y, canvas + (size_t)y * stride);
    return canvas;
}

bool image_make(struct random *random, int pixels, struct text *png, struct error *error)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)pixels,
                       .height = (png_uint_32)pixels,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image); /* so that it is encoded once */
    unsigned char *canvas = paint(random, pixels);
    void *out = memory_new(size, 1);
    bool done = png_image_write_to_memory(&image, out, &size, 0, canvas, 0, NULL);

    if (done)
        text_add(png, out, size);
    else
        error_set(error, "a picture of %d pixels could not be encoded: %s", pixels, image.message);
    png_image_free(&image);
    free(canvas);
    free(out);
    return done;
}

const char *image_library(void)
{
    return png_get_libpng_ver(NULL);
}
