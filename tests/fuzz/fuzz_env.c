/* Anything at all, as a .env file. Its values may be secrets, so what is said of it is names and
 * our own words. */
#include <ctype.h>

#include "input.h"
#include "plan/env_file.h"

static const char *const names[] = {"SAMBANOVA_API_KEY", "SAMBANOVA_API_BASE", "SAMBANOVA_URL",
                                    "SAMBASTUDIO_URL", NULL};

static void check_sentences(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const char *text = faults->text[i], *quote = strchr(text, '\'');

        require(strncmp(text, ".env:", 5) == 0);
        for (const char *at = text; *at; at++)
            require(isprint((unsigned char)*at));
        require(!quote || quote[1 + strspn(quote + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
                                                      "opqrstuvwxyz0123456789_")] == '\'');
    }
}

/* Whether the name stands somewhere in the file, as it must where its value was found. */
static bool stands_in(const char *name, const uint8_t *bytes, size_t length)
{
    return memmem(bytes, length, name, strlen(name)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct env_file file = {0};
    struct faults faults = {0}, warnings = {0};

    input_enter();
    input_put(".env", bytes, length);
    env_file_read(&file, ".", &faults);
    env_file_check(&file, names, &faults, &warnings);
    check_sentences(&faults);
    require(!memchr(bytes, '\0', length) || faults.count > 0);
    check_sentences(&warnings);
    for (size_t i = 0; names[i]; i++) {
        char *value = env_file_find(&file, names[i]);

        require(!value || stands_in(names[i], bytes, length));
        require(!value || !strpbrk(value, "\r\n"));
        free(value);
    }
    env_file_clear(&file);
    faults_clear(&faults);
    faults_clear(&warnings);
    return 0;
}
