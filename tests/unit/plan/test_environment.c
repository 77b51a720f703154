/* Where the endpoint is and what opens it (formats.md, section 3). */
#include "plan/environment.h"

#include <sys/stat.h>

#include "support.h"

static const char *const variables[] = {
    "SAMBANOVA_API_BASE",   "SAMBANOVA_URL",          "SAMBANOVA_API_KEY",
    "SAMBASTUDIO_URL",      "SAMBASTUDIO_API_KEY",    "OPENAI_API_BASE",
    "OPENAI_BASE_URL",      "OPENAI_API_KEY",         "SAMBASTUDIO_BASE_URL",
    "SAMBASTUDIO_BASE_URI", "SAMBASTUDIO_PROJECT_ID", "SAMBASTUDIO_ENDPOINT_ID",
};

static const char secret[] = "sk-very-secret-0123456789";

static int enter_clean(void **state)
{
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
    return support_enter(state);
}

#define clean_folder(test) cmocka_unit_test_setup_teardown(test, enter_clean, support_leave)

/* clang-format off */
/* Three places: the environment, ./.env, folder/.env beside the config. NULL: not there. */
static const struct {
    const char *name;
    enum llm_api api;
    const char *environment[2], *here, *beside;
    const char *address, *address_source, *key, *key_source;
} good[] = {
    {"the cloud's default", API_SNCLOUD, {"SAMBANOVA_API_KEY=k"}, NULL, NULL,
     "https://api.sambanova.ai/v1", "default", "k", "SAMBANOVA_API_KEY (environment)"},
    {"the environment wins", API_SNCLOUD, {"SAMBANOVA_API_KEY=k1", "SAMBANOVA_API_BASE=http://e"},
     "SAMBANOVA_API_KEY=k2\nSAMBANOVA_API_BASE=http://w\n",
     "SAMBANOVA_API_KEY=k3\nSAMBANOVA_API_BASE=http://c\n", "http://e",
     "SAMBANOVA_API_BASE (environment)", "k1", "SAMBANOVA_API_KEY (environment)"},
    {"then the working directory's file", API_SNCLOUD, {NULL},
     "# ours\n\nexport SAMBANOVA_API_KEY = 'k2'\r\nSAMBANOVA_API_BASE=\"http://w/\"\n",
     "SAMBANOVA_API_KEY=k3\nSAMBANOVA_API_BASE=http://c\n", "http://w",
     "SAMBANOVA_API_BASE (.env)", "k2", "SAMBANOVA_API_KEY (.env)"},
    {"then the config's", API_SNCLOUD, {NULL}, NULL,
     "SAMBANOVA_API_KEY=k3\nSAMBANOVA_API_BASE=http://c\n", "http://c",
     "SAMBANOVA_API_BASE (folder/.env)", "k3", "SAMBANOVA_API_KEY (folder/.env)"},
    {"each value from its own place", API_SNCLOUD, {"SAMBANOVA_API_BASE=http://e/v1//"},
     "OTHER=1\n", "SAMBANOVA_API_KEY=k3", "http://e/v1", "SAMBANOVA_API_BASE (environment)", "k3",
     "SAMBANOVA_API_KEY (folder/.env)"},
    {"an empty value is none", API_SNCLOUD, {"SAMBANOVA_API_KEY="}, "SAMBANOVA_API_KEY=\n",
     "SAMBANOVA_API_KEY=k3\n", "https://api.sambanova.ai/v1", "default", "k3",
     "SAMBANOVA_API_KEY (folder/.env)"},
    {"the last of several in a file", API_SNCLOUD, {NULL},
     "SAMBANOVA_API_KEY=old\nSAMBANOVA_API_KEY=new\n", NULL, "https://api.sambanova.ai/v1",
     "default", "new", "SAMBANOVA_API_KEY (.env)"},
    {"the cloud's older name", API_SNCLOUD, {"SAMBANOVA_API_KEY=k", "SAMBANOVA_URL=http://o"},
     NULL, NULL, "http://o", "SAMBANOVA_URL (environment)", "k",
     "SAMBANOVA_API_KEY (environment)"},
    {"OpenAI's second name", API_OPENAI, {"OPENAI_API_KEY=k", "OPENAI_BASE_URL=http://o:8/v1"},
     "SAMBANOVA_API_KEY=other\n", NULL, "http://o:8/v1", "OPENAI_BASE_URL (environment)", "k",
     "OPENAI_API_KEY (environment)"},
    {"the studio", API_SAMBASTUDIO, {"SAMBASTUDIO_API_KEY=k", "SAMBASTUDIO_URL=HTTPS://s/x"}, NULL,
     NULL, "HTTPS://s/x", "SAMBASTUDIO_URL (environment)", "k",
     "SAMBASTUDIO_API_KEY (environment)"},
    {"the studio in parts", API_SAMBASTUDIO, {NULL},
     "SAMBASTUDIO_API_KEY=k\nSAMBASTUDIO_BASE_URL=https://s.ai/\n"
     "SAMBASTUDIO_BASE_URI=/api/predict/generic/\nSAMBASTUDIO_PROJECT_ID=p\n"
     "SAMBASTUDIO_ENDPOINT_ID=e\n", NULL, "https://s.ai/api/predict/generic/stream/p/e",
     "SAMBASTUDIO_BASE_URL (.env) and its three companions", "k", "SAMBASTUDIO_API_KEY (.env)"},
};
/* clang-format on */

static bool read_from(const char *const environment[2], const char *here, const char *beside,
                      enum llm_api api, struct endpoint *endpoint, struct faults *faults,
                      struct faults *warnings)
{
    char *copy[2] = {memory_text(environment[0]), memory_text(environment[1])};
    bool done;

    mkdir("folder", 0777);
    for (int i = 0; i < 2 && copy[i]; i++)
        assert_int_equal(putenv(copy[i]), 0);
    if (here)
        support_write(".env", here);
    if (beside)
        support_write("folder/.env", beside);
    done = environment_read(api, "folder/config.yaml", endpoint, faults, warnings);
    unlink(".env");
    unlink("folder/.env");
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
    free(copy[0]);
    free(copy[1]);
    return done;
}

static void test_each_value_and_where_it_came_from(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct endpoint endpoint = {0};
        struct faults faults = {0}, warnings = {0};
        bool done = read_from(good[i].environment, good[i].here, good[i].beside, good[i].api,
                              &endpoint, &faults, &warnings);

        expect_faults(good[i].name, &faults, NULL);
        expect_faults(good[i].name, &warnings, NULL);
        expect_true(good[i].name, done);
        expect_text(good[i].name, endpoint.address, good[i].address);
        expect_text(good[i].name, endpoint.address_source, good[i].address_source);
        expect_text(good[i].name, endpoint.key, good[i].key);
        expect_text(good[i].name, endpoint.key_source, good[i].key_source);
        endpoint_clear(&endpoint);
    }
}

/* clang-format off */
#define KEY    "SAMBANOVA_API_KEY=sk-very-secret-0123456789"
#define STUDIO "SAMBASTUDIO_API_KEY=sk-very-secret-0123456789"

static const struct {
    const char *name;
    enum llm_api api;
    const char *environment[2], *here, *fault;
} bad[] = {
    {"no key", API_SNCLOUD, {NULL}, "SAMBANOVA_API_KEY=\n",
     "the API key is missing for https://api.sambanova.ai/v1: set SAMBANOVA_API_KEY in the environment or in .env"},
    {"no address", API_OPENAI, {"OPENAI_API_KEY=sk-very-secret-0123456789"}, NULL,
     "the endpoint's address is missing: set OPENAI_API_BASE in the environment or in .env"},
    {"three parts of four", API_SAMBASTUDIO, {STUDIO},
     "SAMBASTUDIO_BASE_URL=https://s\nSAMBASTUDIO_BASE_URI=x\nSAMBASTUDIO_PROJECT_ID=p\n",
     "the endpoint's address is missing: set SAMBASTUDIO_URL"},
    {"no scheme", API_SNCLOUD, {KEY, "SAMBANOVA_API_BASE=api.x/v1"}, NULL,
     "SAMBANOVA_API_BASE (environment): is not an address; write http://"},
    {"another scheme", API_SNCLOUD, {KEY}, "SAMBANOVA_API_BASE=ftp://x\n",
     "SAMBANOVA_API_BASE (.env): is not an address"},
    {"the key in the address's place", API_SNCLOUD, {KEY,
     "SAMBANOVA_API_BASE=sk-very-secret-0123456789"}, NULL, "is not an address"},
    {"the key in an address with a blank", API_SNCLOUD, {KEY,
     "SAMBANOVA_API_BASE=https://me:sk-very-secret-0123456789@h /v1"}, NULL, "a user name"},
    {"no host", API_SNCLOUD, {KEY, "SAMBANOVA_API_BASE=https://"}, NULL, "is not an address"},
    {"a blank inside", API_SNCLOUD, {KEY, "SAMBANOVA_API_BASE=https://a b"}, NULL,
     "is not an address"},
    {"the key in the address", API_SNCLOUD, {KEY,
     "SAMBANOVA_API_BASE=https://me:sk-very-secret-0123456789@h/v1"}, NULL,
     "SAMBANOVA_API_BASE (environment): the address holds a user name or password; leave it out"},
    {"a colon for an equals sign", API_SNCLOUD, {KEY},
     "\nSAMBANOVA_API_BASE: http://127.0.0.1:1/v1\n",
     ".env:2: sets no SAMBANOVA_API_BASE; write SAMBANOVA_API_BASE=VALUE"},
    {"and a slip besides", API_SNCLOUD, {KEY}, "export samba_nova_url http://127.0.0.1:1/v1\n",
     ".env:1: sets no SAMBANOVA_URL"},
    {"as another shell sets it", API_SNCLOUD, {KEY}, "setenv SAMBANOVA_URL http://h/v1\n",
     ".env:1: sets no SAMBANOVA_URL"},
    {"a part of the address", API_SAMBASTUDIO, {STUDIO, "SAMBASTUDIO_URL=http://h"},
     "SAMBASTUDIO_PROJECT_ID p\n", ".env:1: sets no SAMBASTUDIO_PROJECT_ID"},
    {"the key", API_SNCLOUD, {KEY}, "SAMBANOVA-API-KEY=sk-very-secret-0123456789\n",
     ".env:1: sets no SAMBANOVA_API_KEY"},
    {"a key of two lines", API_SNCLOUD, {"SAMBANOVA_API_KEY=sk-very-secret-0123456789\nx"}, NULL,
     "SAMBANOVA_API_KEY (environment): the API key holds a line break"},
};
/* clang-format on */

static void test_each_fault_is_one_sentence_and_never_tells_the_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct endpoint endpoint = {0};
        struct faults faults = {0}, warnings = {0};

        expect_true(bad[i].name, !read_from(bad[i].environment, bad[i].here, NULL, bad[i].api,
                                            &endpoint, &faults, &warnings));
        expect_faults(bad[i].name, &faults, bad[i].fault);
        expect_true(bad[i].name, !strstr(faults.text[0], secret));
        faults_clear(&faults);
        endpoint_clear(&endpoint);
    }
}

/* clang-format off */
static const struct {
    const char *name, *environment, *here, *warning;
} odd[] = {
    {"an address set to nothing", "SAMBANOVA_API_BASE=", NULL,
     "SAMBANOVA_API_BASE is set, but empty; the default address is used: https://api.samba"},
    {"the same in a file", NULL, "SAMBANOVA_URL=\n",
     "SAMBANOVA_URL is set, but empty; the default address is used"},
    {"a slip in a name", NULL, "\nSAMBANOVA_APIBASE=http://h\n",
     ".env:2: 'SAMBANOVA_APIBASE' is not read; did you mean 'SAMBANOVA_API_BASE'?"},
    {"a name in small letters", NULL, "sambanova_url=http://h\n",
     ".env:1: 'sambanova_url' is not read; did you mean 'SAMBANOVA_URL'?"},
    {"a line that sets nothing", NULL, "A=1\r\n\r\n# B\r\nB: 2\r\n",
     ".env:4: is not KEY=VALUE; ignored"},
};
/* clang-format on */

static void test_what_may_not_work_as_meant_is_a_warning(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        const char *environment[2] = {KEY, odd[i].environment};
        struct endpoint endpoint = {0};
        struct faults faults = {0}, warnings = {0};

        expect_true(odd[i].name, read_from(environment, odd[i].here, NULL, API_SNCLOUD, &endpoint,
                                           &faults, &warnings));
        expect_faults(odd[i].name, &warnings, odd[i].warning);
        expect_text(odd[i].name, endpoint.address_source, "default");
        faults_clear(&warnings);
        endpoint_clear(&endpoint);
    }
}

static void test_address_and_key_may_both_be_missing(void **state)
{
    struct endpoint endpoint = {0};
    struct faults faults = {0}, warnings = {0};

    (void)state;
    assert_false(environment_read(API_SAMBASTUDIO, "config.yaml", &endpoint, &faults, &warnings));
    assert_int_equal(faults.count, 2);
    faults_clear(&faults);
    endpoint_clear(&endpoint);
    endpoint_clear(&endpoint);
}

static void test_a_file_that_cannot_be_read_is_reported(void **state)
{
    struct endpoint endpoint = {0};
    struct faults faults = {0}, warnings = {0};

    (void)state;
    setenv("SAMBANOVA_API_KEY", secret, 1);
    mkdir(".env", 0777);
    assert_false(environment_read(API_SNCLOUD, "config.yaml", &endpoint, &faults, &warnings));
    expect_faults("folder", &faults, "'.env' is a folder");
    faults_clear(&faults);
    endpoint_clear(&endpoint);
}

/* The address of a command line stands in the place of all others; a key is looked for as ever. */
static void test_an_address_of_the_command_line(void **state)
{
    static const struct {
        const char *name, *url, *environment, *here;
        const char *address, *shown, *key, *key_source; /* address NULL: `fault` */
        bool keyless;
        const char *fault;
    } cases[] = {
        {"a key of the environment", "http://h:1/v1/", "OPENAI_API_KEY=k",
         "OPENAI_API_BASE=http://x/v1\n", "http://h:1/v1", "http://h:1/v1", "k",
         "OPENAI_API_KEY (environment)", false, NULL},
        {"a key of .env", "http://h/v1", NULL, "OPENAI_API_KEY=k\nOPENAI_API_BASE=http://x/v1\n",
         "http://h/v1", "http://h/v1", "k", "OPENAI_API_KEY (.env)", false, NULL},
        {"no key", "https://h/v1?a=b", NULL, NULL, "https://h/v1", "https://h/v1?a=*", "none",
         "nowhere: OPENAI_API_KEY is not set, and 'none' is sent", true, NULL},
        {"no scheme", "h:1/v1", NULL, NULL, NULL, NULL, NULL, NULL, false,
         "--url: is not an address; write http://"},
        {"a password", "http://me:secret@h/v1", NULL, NULL, NULL, NULL, NULL, NULL, false,
         "--url: the address holds a user name or password; leave it out"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct endpoint endpoint = {0};
        struct faults faults = {0}, warnings = {0};
        char *variable = memory_text(cases[i].environment);
        bool done;

        if (variable)
            assert_int_equal(putenv(variable), 0);
        if (cases[i].here)
            support_write(".env", cases[i].here);
        done = environment_read_at(cases[i].url, API_OPENAI, "config.yaml", &endpoint, &faults,
                                   &warnings);
        unlink(".env");
        unsetenv("OPENAI_API_KEY");
        expect_faults(cases[i].name, &faults, cases[i].fault);
        expect_true(cases[i].name, done == !cases[i].fault);
        if (done) {
            expect_text(cases[i].name, endpoint.address, cases[i].address);
            expect_text(cases[i].name, endpoint.address_source, "--url");
            expect_text(cases[i].name, endpoint.shown, cases[i].shown);
            expect_text(cases[i].name, endpoint.key, cases[i].key);
            expect_text(cases[i].name, endpoint.key_source, cases[i].key_source);
            expect_true(cases[i].name, endpoint.keyless == cases[i].keyless);
        }
        faults_clear(&faults);
        faults_clear(&warnings);
        endpoint_clear(&endpoint);
        free(variable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        clean_folder(test_each_value_and_where_it_came_from),
        clean_folder(test_each_fault_is_one_sentence_and_never_tells_the_key),
        clean_folder(test_what_may_not_work_as_meant_is_a_warning),
        clean_folder(test_address_and_key_may_both_be_missing),
        clean_folder(test_a_file_that_cannot_be_read_is_reported),
        clean_folder(test_an_address_of_the_command_line),
    };

    umask(077); /* a .env that others may read is warned of */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
