/* Text Generation Inference's own API
 * ( POST /generate_stream:huggingface.github.io/text-generation-inference). */
#ifndef WIRE_TGI_H
#define WIRE_TGI_H

#include "wire/dialect.h"

extern const struct dialect dialect_tgi;

#endif
