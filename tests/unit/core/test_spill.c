/* Arrays that outgrow memory: what is written stays, wherever it stands. */
#include "core/spill.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "support.h"

enum { COUNT = 3000000 };

/* Of the mapping of that address, in bytes, by proc(5); 0: none is. */
static size_t resident(const void *at)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    char line[512];
    unsigned long from, to;
    size_t kib = 0;
    bool there = false;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            there = (uintptr_t)at >= from && (uintptr_t)at < to;
        else if (there && sscanf(line, "Rss: %zu kB", &kib) == 1)
            break;
    }
    fclose(file);
    return kib * 1024;
}

static void fill(struct spill *spill, const char *folder, uint64_t factor)
{
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t *number;

        spill_grow(spill, (i + 1) * sizeof *number, folder);
        number = spill->bytes;
        number[i] = i * factor;
        spill_pass(&number[i], i);
    }
}

static void expect_filled(const char *name, const struct spill *spill, uint64_t factor)
{
    const uint64_t *number = spill->bytes;
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT; i++) {
        wrong += number[i] != i * factor;
        spill_pass(&number[i], i);
    }
    expect_true(name, wrong == 0);
}

static void test_what_is_written_stays(void **state)
{
    static const char *const folders[] = {".", "/proc", "no such folder"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        struct spill spill = {.fd = -1};

        fill(&spill, folders[i], 7);
        expect_filled(folders[i], &spill, 7);
        expect_true(folders[i], (spill.fd >= 0) == (i == 0));
        spill_clear(&spill);
        expect_true(folders[i], spill.fd < 0 && !spill.bytes && spill.room == 0);
    }
}

static void test_little_stays_in_memory(void **state)
{
    struct spill spill = {.fd = -1};

    (void)state;
    spill_grow(&spill, SPILL_FROM / 2, ".");
    assert_true(spill.fd < 0 && spill.room >= SPILL_FROM / 2);
    spill_clear(&spill);
}

static void test_who_passes_through_needs_little_memory(void **state)
{
    struct spill spill = {.fd = -1};

    (void)state;
    fill(&spill, ".", 3);
    assert_true(spill.room >= COUNT * sizeof(uint64_t));
    expect_true("written", resident(spill.bytes) <= 2 * SPILL_STRIDE * sizeof(uint64_t) + 65536);
    expect_filled("read", &spill, 3);
    expect_true("read", resident(spill.bytes) <= 2 * SPILL_STRIDE * sizeof(uint64_t) + (2 << 20));
    spill_clear(&spill);
}

static void test_they_change_places(void **state)
{
    struct spill large = {.fd = -1}, small = {.fd = -1};

    (void)state;
    fill(&large, ".", 5);
    spill_grow(&small, 100, ".");
    *(char *)small.bytes = 'x';
    spill_swap(&large, &small);
    expect_filled("large", &small, 5);
    assert_int_equal(*(char *)large.bytes, 'x');
    spill_clear(&small);
    spill_clear(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_stays),
        cmocka_unit_test(test_little_stays_in_memory),
        cmocka_unit_test(test_who_passes_through_needs_little_memory),
        cmocka_unit_test(test_they_change_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
