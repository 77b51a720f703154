/* Conversations in the body of a request, pictures of earlier turns among them. */
#include "wire/messages.h"

#include <cjson/cJSON.h>

#include "support.h"
#include "wire/anthropic.h"
#include "wire/ollama.h"
#include "wire/openai.h"
#include "wire/openai_responses.h"

/* clang-format off */
static const struct {
    const struct dialect *dialect;
    bool image; /* goes with the question as well */
    const char *list; /* as it is printed */
} cases[] = {
    {&dialect_openai, false,
     "[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a \\\"b\\\"\"},"
     "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,QUJD\"}}]},"
     "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":\"q\"}]"},
    {&dialect_openai, true,
     "[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a \\\"b\\\"\"},"
     "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,QUJD\"}}]},"
     "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"},"
     "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,WFla\"}}]}]"},
    {&dialect_anthropic, true,
     "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a \\\"b\\\"\"},{\"type\":\"image\",\"source\":"
     "{\"type\":\"base64\",\"media_type\":\"image/jpeg\",\"data\":\"QUJD\"}}]},"
     "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"},"
     "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"WFla\"}}]}]"},
    {&dialect_ollama, true,
     "[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"a \\\"b\\\"\",\"images\":[\"QUJD\"]},"
     "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":\"q\",\"images\":[\"WFla\"]}]"},
    {&dialect_openai_responses, true,
     "[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a \\\"b\\\"\"},"
     "{\"type\":\"input_image\",\"image_url\":\"data:image/jpeg;base64,QUJD\"}]},"
     "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"q\"},"
     "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,WFla\"}]}]"},
    {&dialect_openai_responses, false,
     "[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a \\\"b\\\"\"},"
     "{\"type\":\"input_image\",\"image_url\":\"data:image/jpeg;base64,QUJD\"}]},"
     "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":\"q\"}]"},
};
/* clang-format on */

static void add_earlier(const struct dialect *dialect, struct text *earlier)
{
    const struct text picture = {.bytes = (char *)"QUJD", .length = 4};

    dialect_add_message(
        dialect,
        &(struct dialect_message){.text = "a \"b\"", .image = &picture, .image_type = "image/jpeg"},
        earlier);
    dialect_add_message(dialect, &(struct dialect_message){.of_model = true, .text = "c"}, earlier);
}

static void test_conversations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct dialect *dialect = cases[i].dialect;
        struct text earlier = {0}, whole = {0};
        struct body body = {0};
        cJSON *read, *list;
        char *printed;

        add_earlier(dialect, &earlier);
        dialect->write_body(&(struct ask){.model = "m",
                                          .output_tokens = 7,
                                          .prefix = "s",
                                          .session = true,
                                          .earlier = earlier.bytes,
                                          .image = cases[i].image,
                                          .sampling_params = "{}"},
                            &body);
        text_printf(&whole, "%sq%s%s%s", body.head.bytes, cases[i].image ? body.middle.bytes : "",
                    cases[i].image ? "WFla" : "", body.tail.bytes);
        read = cJSON_Parse(whole.bytes);
        expect_true(dialect->name, read);
        list = cJSON_GetObjectItem(read, "messages");
        printed = cJSON_PrintUnformatted(list ? list : cJSON_GetObjectItem(read, "input"));
        expect_text(dialect->name, printed, cases[i].list);
        cJSON_free(printed);
        cJSON_Delete(read);
        text_clear(&earlier);
        text_clear(&whole);
        body_clear(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_conversations)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
