#include "store/name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "core/text.h"

enum { MODEL_MOST = 120 };

static bool is_uuid(const char *at)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    for (size_t i = 0; i < NAME_UUID; i++) {
        if (shape[i] == '-' ? at[i] != '-' : !isxdigit((unsigned char)at[i]))
            return false;
    }
    return true;
}

const char *name_uuid(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = length + 1; i-- > 0;) {
        if (i + NAME_UUID <= length && is_uuid(name + i))
            return name + i;
    }
    return NULL;
}

char *name_python_float(double number)
{
    struct text text = {0};

    text_add_number(&text, number);
    if (!strpbrk(text.bytes, ".e"))
        text_add_string(&text, ".0");
    return text_take(&text);
}

/* The kit's cleaning: tools split names on `_`, so a model may hold none. */
static void add_clean(struct text *name, const char *word)
{
    for (size_t i = 0; word[i] && i < MODEL_MOST; i++)
        text_add_char(name, isascii(word[i]) && isalnum((unsigned char)word[i]) ? word[i] : '-');
}

static char *squeeze_dashes(char *name)
{
    char *to = name;

    for (const char *from = name; *from; from++) {
        if (*from != '-' || to == name || to[-1] != '-')
            *to++ = *from;
    }
    *to = '\0';
    return name;
}

static void add_load(struct text *name, const struct row *row)
{
    char *qps;

    if (row->concurrent_requests) {
        text_printf(name, "%lld", (long long)row->concurrent_requests);
        return;
    }
    qps = name_python_float(row->qps);
    add_clean(name, qps);
    text_printf(name, "_%s", row_distribution_names[row->qps_distribution]);
    free(qps);
}

/* Without folder and extension. */
static void add_file(struct text *name, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *file = memory_text(slash ? slash + 1 : path);
    char *dot = strrchr(file, '.');

    if (dot && dot > file)
        *dot = '\0';
    text_add_char(name, '_');
    add_clean(name, file);
    text_add_char(name, '_');
    free(file);
}

static void add_asked(struct text *name, const struct row *row)
{
    if (row->multimodal_img_size)
        text_printf(name, "_multimodal_%s", row_image_names[row->multimodal_img_size]);
    text_printf(name, "_%lld_%lld_", (long long)row->input_tokens, (long long)row->output_tokens);
}

char *name_of_step(const struct row *row)
{
    struct text name = {0};
    char uuid[37];

    random_uuid(uuid);
    if (row->dataset)
        text_add_string(&name, "custom_");
    else
        text_add_string(&name, row->concurrent_requests ? "synthetic_0_" : "realworkload_0_");
    add_clean(&name, row->model_name);
    if (row->dataset)
        add_file(&name, row->dataset);
    else
        add_asked(&name, row);
    add_load(&name, row);
    text_printf(&name, "_stream_%s", uuid);
    return squeeze_dashes(text_take(&name));
}

char *name_of_mix(const char *mix, const char *step_name)
{
    const char *uuid = name_uuid(step_name);
    struct text name = {0};

    text_add_string(&name, "mix_");
    add_clean(&name, mix);
    text_printf(&name, "_%.*s", NAME_UUID, uuid ? uuid : "");
    return squeeze_dashes(text_take(&name));
}
