/* What unit tests share: cmocka, checks that name the case they fail in, and a folder of its own
 * for a test that needs files. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Fails with the case's name where `condition` does not hold. */
#define expect_true(name, condition)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: not so: %s", name, #condition);                                          \
    } while (0)

#define expect_text(name, actual, expected)                                                        \
    support_expect_text(name, actual, expected, __FILE__, __LINE__)
#define expect_number(name, actual, expected)                                                      \
    support_expect_number(name, actual, expected, __FILE__, __LINE__)
#define expect_part(name, text, part) support_expect_part(name, text, part, __FILE__, __LINE__)

static inline void support_expect_text(const char *name, const char *actual, const char *expected,
                                       const char *file, int line)
{
    if (strcmp(actual ? actual : "(null)", expected) != 0) {
        print_error("%s: got\n  %s\nwanted\n  %s\n", name, actual ? actual : "(null)", expected);
        _fail(file, line);
    }
}

/* Equal but for the rounding of a few operations; NAN equals NAN. */
static inline void support_expect_number(const char *name, double actual, double expected,
                                         const char *file, int line)
{
    bool same = isnan(expected) ? isnan(actual)
                                : fabs(actual - expected) <= 1e-12 * fmax(1, fabs(expected));

    if (!same) {
        print_error("%s: got %.17g, wanted %.17g\n", name, actual, expected);
        _fail(file, line);
    }
}

static inline void support_expect_part(const char *name, const char *text, const char *part,
                                       const char *file, int line)
{
    if (!text || !strstr(text, part)) {
        print_error("%s: '%s' is not in\n  %s\n", name, part, text ? text : "(null)");
        _fail(file, line);
    }
}

/* Exactly one sentence, holding `part`; with NULL none at all. */
static inline void support_expect_faults(const char *name, const struct faults *faults,
                                         const char *part, const char *file, int line)
{
    size_t wanted = part ? 1 : 0;

    if (faults->count != wanted) {
        print_error("%s: %zu sentences, wanted %zu\n", name, faults->count, wanted);
        for (size_t i = 0; i < faults->count; i++)
            print_error("  %s\n", faults->text[i]);
        _fail(file, line);
    }
    if (part)
        support_expect_part(name, faults->text[0], part, file, line);
}

#define expect_faults(name, faults, part)                                                          \
    support_expect_faults(name, faults, part, __FILE__, __LINE__)

/* --- A folder of its own ------------------------------------------------------------------------
 */

static inline int support_remove_one(const char *path, const struct stat *about, int kind,
                                     struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* Setup: makes a temporary folder and goes there, so that tests write relative paths. */
static inline int support_enter(void **state)
{
    char *folder = memory_text("/tmp/coebench-test-XXXXXX");

    *state = folder;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

/* Teardown: leaves the folder and removes it. */
static inline int support_leave(void **state)
{
    char *folder = *state;
    int failed = chdir("/") != 0 ||
                 nftw(folder, support_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0;

    free(folder);
    return failed ? -1 : 0;
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, support_enter, support_leave)

static inline void support_write(const char *path, const char *content)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(content, 1, strlen(content), out), strlen(content));
    assert_int_equal(fclose(out), 0);
}

/* The whole file, for the caller to free. */
static inline char *support_read(const char *path)
{
    struct text text = {0};
    struct error error;

    if (!file_read(path, 1 << 24, &text, &error))
        fail_msg("%s", error.text);
    return text_take(&text);
}

#endif
