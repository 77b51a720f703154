/* Members of an object, found by key. */
#include "store/members.h"

#include "growth.h"
#include "support.h"

static const cJSON *find(const char *json, const char *key, cJSON **object)
{
    struct members members;
    const cJSON *found;

    *object = cJSON_Parse(json);
    assert_non_null(*object);
    members_init(&members, *object);
    found = members_find(&members, key);
    members_clear(&members);
    return found;
}

static void test_the_first_of_that_key_is_found(void **state)
{
    static const struct {
        const char *json, *key;
        double value; /* NAN: there is none */
    } cases[] = {
        {"{}", "a", NAN},
        {"{\"b\":1}", "a", NAN},
        {"{\"b\":1}", "c", NAN},
        {"{\"b\":1}", "B", NAN},
        {"{\"c\":3,\"a\":1,\"b\":2}", "a", 1},
        {"{\"c\":3,\"a\":1,\"b\":2}", "b", 2},
        {"{\"c\":3,\"a\":1,\"b\":2}", "c", 3},
        {"{\"c\":3,\"a\":1,\"b\":2}", "bb", NAN},
        {"{\"b\":4,\"a\":1,\"b\":2,\"a\":3}", "b", 4},
        {"{\"b\":4,\"a\":1,\"b\":2,\"a\":3}", "a", 1},
        {"{\"\":7,\"a\":1}", "", 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *object;
        const cJSON *found = find(cases[i].json, cases[i].key, &object);

        if (isnan(cases[i].value))
            assert_null(found);
        else
            expect_true(cases[i].json, found && found->valuedouble == cases[i].value);
        cJSON_Delete(object);
    }
}

/* All keys of an object of `count` members are looked up. */
static void find_all(size_t count)
{
    cJSON *object = cJSON_CreateObject();
    struct members members;

    for (size_t i = 0; i < count; i++) {
        char key[32];

        snprintf(key, sizeof key, "results_%zu", i * 7919 % count);
        cJSON_AddNumberToObject(object, key, (double)i);
    }
    members_init(&members, object);
    for (const cJSON *item = object->child; item; item = item->next)
        assert_ptr_equal(members_find(&members, item->string), item);
    members_clear(&members);
    cJSON_Delete(object);
}

static void test_many_members_take_no_square(void **state)
{
    (void)state;
    expect_no_square("look-ups", find_all, 10007);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_of_that_key_is_found),
        cmocka_unit_test(test_many_members_take_no_square),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
