/* Pictures of an exact size, decoded again by libpng. */
#include "prompt/image.h"

#include <png.h>

#include "support.h"

static void make(uint64_t seed, int pixels, struct text *png)
{
    struct random random;
    struct error error = {""};

    random_init(&random, &seed, 1);
    if (!image_make(&random, pixels, png, &error))
        fail_msg("%s", error.text);
}

/* The decoded pixels (RGB), for the caller to free; fails where it is no picture of that size. */
static unsigned char *decode(const struct text *png, int pixels)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    unsigned char *canvas;

    assert_true(png_image_begin_read_from_memory(&image, png->bytes, png->length));
    assert_int_equal(image.width, pixels);
    assert_int_equal(image.height, pixels);
    assert_int_equal(image.format & (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA),
                     PNG_FORMAT_FLAG_COLOR);
    image.format = PNG_FORMAT_RGB;
    canvas = memory_new(PNG_IMAGE_SIZE(image), 1);
    assert_true(png_image_finish_read(&image, NULL, canvas, 0, NULL));
    return canvas;
}

static void test_each_size_is_a_picture_of_exactly_that_size(void **state)
{
    static const struct {
        enum row_image size;
        int pixels;
        double megabytes; /* the starter kit's */
    } cases[] = {{ROW_SMALL, 500, 0.2}, {ROW_MEDIUM, 1000, 0.5}, {ROW_LARGE, 2000, 1.2}};

    (void)state;
    assert_int_equal(image_pixels(ROW_NO_IMAGE), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text png = {0};
        unsigned char *canvas;
        bool varied = false;

        assert_int_equal(image_pixels(cases[i].size), cases[i].pixels);
        make(1, cases[i].pixels, &png);
        expect_true("its weight", (double)png.length > 0.8e6 * cases[i].megabytes &&
                                      (double)png.length < 1.25e6 * cases[i].megabytes);
        canvas = decode(&png, cases[i].pixels);
        for (int k = 3; k < 3 * cases[i].pixels && !varied; k++)
            varied = canvas[k] != canvas[k % 3];
        assert_true(varied);
        free(canvas);
        text_clear(&png);
    }
}

static void test_the_seed_decides_the_picture(void **state)
{
    struct text one = {0}, again = {0}, other = {0};

    (void)state;
    make(7, 50, &one);
    make(7, 50, &again);
    make(8, 50, &other);
    assert_int_equal(one.length, again.length);
    assert_memory_equal(one.bytes, again.bytes, one.length);
    assert_true(one.length != other.length || memcmp(one.bytes, other.bytes, one.length) != 0);
    text_clear(&one);
    text_clear(&again);
    text_clear(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_size_is_a_picture_of_exactly_that_size),
        cmocka_unit_test(test_the_seed_decides_the_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
