/* What a server cuts: prompts to its context, responses at it. */
#include "stats/cutting.h"

#include <math.h>

#include "support.h"

enum { MOST = 4 };

struct seen {
    int64_t words, asked, counted; /* counted 0: the server says none */
};

static struct cutting of_prompts(const struct seen *seen)
{
    struct cutting cutting = {0};

    for (size_t i = 0; i < MOST && seen[i].words > 0; i++) {
        const struct request request = {
            .asked = {.words = seen[i].words, .input_tokens = seen[i].asked, .output_tokens = 1},
            .usage = {.input_tokens = seen[i].counted > 0 ? (double)seen[i].counted : NAN,
                      .output_tokens = 1}};

        cutting_note(&cutting, &request);
    }
    return cutting;
}

static void test_which_prompts_are_cut(void **state)
{
    static const struct {
        const char *name;
        struct seen seen[MOST];
        size_t prompts; /* that were cut */
        double tokens;
    } cases[] = {
        {"all alike, below their words", {{700, 700, 512}, {700, 700, 512}}, 2, 512},
        {"one alone tells nothing", {{700, 700, 512}}, 0, NAN},
        {"as asked", {{680, 700, 700}, {680, 700, 700}}, 0, NAN},
        {"a template that was not known", {{700, 700, 720}, {700, 700, 720}}, 0, NAN},
        {"one that became smaller", {{600, 700, 690}, {600, 700, 690}}, 0, NAN},
        {"within the tolerance", {{700, 700, 697}, {700, 700, 697}}, 0, NAN},
        {"below the words as asked: half a token each",
         {{1400, 700, 700}, {1400, 700, 700}},
         0,
         NAN},
        {"the first shorter than its context, and alike",
         {{500, 700, 512}, {688, 700, 512}},
         2,
         512},
        {"some lengths fit", {{300, 300, 320}, {700, 700, 512}, {800, 800, 512}}, 2, 512},
        {"unlike counts are no context", {{700, 700, 512}, {700, 700, 490}}, 0, NAN},
        {"not counted", {{700, 700, 0}, {700, 700, 0}}, 0, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cutting cutting = of_prompts(cases[i].seen);
        struct fidelity fidelity = fidelity_unknown;

        cutting_conclude(&cutting, 0, &fidelity);
        expect_true(cases[i].name, cutting_of_prompts(&cutting) == (cases[i].prompts > 0));
        expect_true(cases[i].name, fidelity.prompts_cut == cases[i].prompts);
        expect_true(cases[i].name, isnan(cases[i].tokens)
                                       ? isnan(fidelity.prompts_cut_to_tokens)
                                       : fidelity.prompts_cut_to_tokens == cases[i].tokens);
        cutting_clear(&cutting);
    }
}

static void test_which_responses_are_cut(void **state)
{
    static const struct {
        const char *name, *finish;
        double input, output; /* the server's; NAN: it says none */
        int64_t estimated, chunks, context;
        size_t cut;
    } cases[] = {
        {"at the context", "length", 4000, 96, 0, 96, 4096, 1},
        {"one below, as some count", "length", 4000, 95, 0, 95, 4096, 1},
        {"far below", "length", 4000, 50, 0, 50, 4096, 0},
        {"all that was asked", "length", 4000, 100, 0, 100, 4096, 0},
        {"by itself", "stop", 4000, 96, 0, 96, 4096, 0},
        {"no context known", "length", 4000, 96, 0, 96, 0, 0},
        {"by the client's count", "length", NAN, NAN, 4000, 96, 4096, 1},
        {"by what was asked", "length", NAN, NAN, 0, 96, 4096, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = {
            .asked = {.words = 4000,
                      .input_tokens = 4000,
                      .output_tokens = 100,
                      .estimated_tokens = cases[i].estimated},
            .chunk_count = (size_t)cases[i].chunks,
            .usage = {.input_tokens = cases[i].input, .output_tokens = cases[i].output}};
        struct fidelity fidelity = fidelity_unknown;
        struct cutting cutting = {0};

        snprintf(request.finish_reason, sizeof request.finish_reason, "%s", cases[i].finish);
        cutting_note(&cutting, &request);
        cutting_conclude(&cutting, cases[i].context, &fidelity);
        expect_true(cases[i].name, fidelity.responses_cut == cases[i].cut);
        cutting_clear(&cutting);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_prompts_are_cut),
        cmocka_unit_test(test_which_responses_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
