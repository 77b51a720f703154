/* Every column has a label that people read, and no two have the same. */
#include "report/column_label.h"

#include "report/column.h"
#include "support.h"

enum { NAME = 128 };

static void test_labels_of_known_keys(void **state)
{
    static const struct {
        const char *key, *label;
    } cases[] = {
        {"client_ttft_s_p50", "TTFT p50"},
        {"client_ttft_s_max", "TTFT max"},
        {"client_total_output_throughput", "Throughput"},
        {"switch_estimate_s", "Switch"},
        {"client_read_lateness_s_p99", "Read lateness p99"},
        {"of_another_release_p50", "of another release p50"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char label[NAME];

        column_label(cases[i].key, label, sizeof label);
        expect_text(cases[i].key, label, cases[i].label);
    }
}

static void test_every_column_has_a_label_of_its_own(void **state)
{
    char key[NAME], label[NAME], other[NAME];

    (void)state;
    for (size_t i = 0; i < column_count(); i++) {
        column_name(i, key, sizeof key);
        column_label(key, label, sizeof label);
        expect_true(key, ((label[0] >= 'A' && label[0] <= 'Z') || label[0] == '3') &&
                             !strchr(label, '_'));
        for (size_t k = 0; k < i; k++) {
            column_name(k, key, sizeof key);
            column_label(key, other, sizeof other);
            expect_true(label, strcmp(label, other) != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_of_known_keys),
        cmocka_unit_test(test_every_column_has_a_label_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
