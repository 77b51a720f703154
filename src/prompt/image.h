/* Pictures of an exact size, from a seed, as PNG. */
#ifndef PROMPT_IMAGE_H
#define PROMPT_IMAGE_H

#include "core/error.h"
#include "core/random.h"
#include "core/text.h"
#include "record/row.h"

/* Width and height in pixels: small 500, medium 1000, large 2000. */
int image_pixels(enum row_image size);

/* Adds a PNG of that size (8 bits RGB, as a photograph out of focus, with grain) to `png`: about
 * 0.2, 0.5 or 1.2 MB. */
bool image_make(struct random *random, int pixels, struct text *png, struct error *error);

/* So many bytes the file of a picture may have. */
enum { IMAGE_MOST = 32 << 20 };

/* "image/png" or "image/jpeg", by how a file's bytes begin; NULL: it is neither. */
const char *image_type_of(const struct text *bytes);

/* The version of libpng, for the record. */
const char *image_library(void);

#endif
