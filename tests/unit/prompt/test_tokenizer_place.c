/* Which file a tokenizer's path or name stands for. */
#include "prompt/tokenizer_place.h"

#include "support.h"

static void put(const char *path, const char *content)
{
    char *folder = file_folder(path);
    struct error error = {""};

    expect_true(path, file_make_folders(folder, &error));
    expect_true(path, file_write(path, content, strlen(content), &error));
    free(folder);
}

static void test_files_folders_and_names(void **state)
{
    static const struct {
        const char *given, *found, *said;
    } cases[] = {
        {"mine.json", "mine.json", NULL},
        {"both", "both/tokenizer.json", NULL},
        {"pieces", "pieces/tokenizer.model", NULL},
        {"org/name", "hub/models--org--name/snapshots/abc/tokenizer.json", NULL},
        {"alone", "hub/models--alone/snapshots/def/tokenizer.model", NULL},
        {"empty", NULL, "'empty' is no tokenizer: name a tokenizer.json"},
        {"org/other", NULL,
         "the Hugging Face cache has no tokenizer of that name (hub); nothing is downloaded"},
        {"org/gone", NULL, "nothing is downloaded"}, /* its refs/main names what is not there */
        {"org/out", NULL, "nothing is downloaded"},  /* … or is a path out of it */
        {"../hub/models--alone", NULL, "is no tokenizer"},
        {"/no/such.json", NULL, "is no tokenizer"},
        {"a/b/c", NULL, "is no tokenizer"},
        {"", NULL, "is no tokenizer"},
    };

    (void)state;
    put("mine.json", "{}");
    put("both/tokenizer.json", "{}");
    put("both/tokenizer.model", "");
    put("pieces/tokenizer.model", "");
    put("empty/other.json", "{}");
    put("hub/models--org--name/refs/main", "abc\n");
    put("hub/models--org--name/snapshots/abc/tokenizer.json", "{}");
    put("hub/models--org--name/snapshots/zzz/tokenizer.json", "{}");
    put("hub/models--alone/refs/main", "def");
    put("hub/models--alone/snapshots/def/tokenizer.model", "");
    put("hub/models--org--gone/refs/main", "def");
    put("hub/models--org--out/refs/main", "../../models--alone/snapshots/def");
    setenv("HF_HUB_CACHE", "hub", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};
        char *found = tokenizer_find(cases[i].given, &error);

        if (cases[i].found)
            expect_text(cases[i].given, found, cases[i].found);
        else
            expect_true(cases[i].given, found == NULL);
        if (cases[i].said)
            expect_part(cases[i].given, error.text, cases[i].said);
        free(found);
    }
    unsetenv("HF_HUB_CACHE");
}

/* The cache is where huggingface_hub has it. */
static void test_where_the_cache_is(void **state)
{
    static const struct {
        const char *variable, *value, *file;
    } cases[] = {
        {"HF_HUB_CACHE", "a", "a/models--m/snapshots/r/tokenizer.json"},
        {"HF_HOME", "b", "b/hub/models--m/snapshots/r/tokenizer.json"},
        {"XDG_CACHE_HOME", "c", "c/huggingface/hub/models--m/snapshots/r/tokenizer.json"},
        {"HOME", "d", "d/.cache/huggingface/hub/models--m/snapshots/r/tokenizer.json"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unsetenv(cases[i].variable);
    for (size_t i = COUNT_OF(cases); i-- > 0;) { /* the first wins over those behind it */
        struct error error = {""};
        char *main = memory_printf("%.*s/refs/main",
                                   (int)(strstr(cases[i].file, "/snapshots") - cases[i].file),
                                   cases[i].file);
        char *found;

        put(cases[i].file, "{}");
        put(main, "r");
        setenv(cases[i].variable, cases[i].value, 1);
        found = tokenizer_find("m", &error);
        expect_text(cases[i].variable, found, cases[i].file);
        free(found);
        free(main);
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unsetenv(cases[i].variable);
}

static void test_where_the_libraries_are(void **state)
{
    struct error error = {""};
    char *python;

    (void)state;
    setenv("HOME", "home", 1);
    assert_null(tokenizer_python(&error));
    expect_part("none", error.text, "home/.local/share/coebench/tokenizer: 'make tokenizer'");
    put("home/.local/share/coebench/tokenizer/bin/python", "");
    python = tokenizer_python(&error);
    expect_text("HOME", python, "home/.local/share/coebench/tokenizer/bin/python");
    free(python);
    setenv("XDG_DATA_HOME", "data", 1);
    assert_null(tokenizer_python(&error));
    expect_part("XDG_DATA_HOME", error.text, "data/coebench/tokenizer");
    setenv("COEBENCH_TOKENIZER", "venv", 1);
    put("venv/bin/python", "");
    python = tokenizer_python(&error);
    expect_text("COEBENCH_TOKENIZER", python, "venv/bin/python");
    free(python);
    unsetenv("XDG_DATA_HOME");
    unsetenv("COEBENCH_TOKENIZER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_folders_and_names),
        cmocka_unit_test(test_where_the_cache_is),
        cmocka_unit_test(test_where_the_libraries_are),
    };

    return cmocka_run_group_tests(tests, support_enter, support_leave);
}
