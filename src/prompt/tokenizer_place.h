/* Where a tokenizer's file is, and the libraries that read it. */
#ifndef PROMPT_TOKENIZER_PLACE_H
#define PROMPT_TOKENIZER_PLACE_H

#include "core/error.h"

/* The file that `given` stands for, for the caller to free: a file, or a folder that holds a
 * tokenizer.json or tokenizer.model; else a name such as "meta-llama/Llama-3.1-8B" in the local
 * Hugging Face cache ($HF_HUB_CACHE, $HF_HOME/hub, ~/.cache/huggingface/hub), at the revision that
 * its refs/main names (huggingface_hub, "Understand caching"). Nothing is downloaded. NULL with a
 * sentence that says where it was looked for. */
char *tokenizer_find(const char *given, struct error *error);

/* The Python of the folder into which `make tokenizer` installs the libraries: $COEBENCH_TOKENIZER,
 * else coebench/tokenizer in $XDG_DATA_HOME (~/.local/share). For the caller to free; NULL with a
 * sentence where it is not there. */
char *tokenizer_python(struct error *error);

#endif
