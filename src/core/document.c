#include "core/document.h"

#include <stddef.h>

enum { KEYS = 2 };

static const struct kind {
    const char *key[KEYS]; /* that no other kind has; NULL: no more */
    const char *is;        /* what it is */
    const char *goes;      /* where it belongs, for who gave it as a config */
    const char *is_wanted; /* how one of this kind is known */
} kinds[] = {
    [DOCUMENT_CONFIG] = {{"llm_api", "model_configs_path"},
                         "a config, which names rows and an endpoint",
                         NULL,
                         NULL},
    [DOCUMENT_BUNDLE] = {{"experts"},
                         "a bundle file, which describes a node",
                         "a config names it after 'bundle:'",
                         "a bundle file lists experts"},
    [DOCUMENT_POLICY] = {{"checks"},
                         "a policy, which tells what must hold",
                         "'coebench compare' takes it after --policy",
                         "a policy lists checks"},
};

static bool is_kind(const struct yaml *root, const struct kind *kind)
{
    for (size_t i = 0; i < KEYS && kind->key[i]; i++) {
        if (yaml_find(root, kind->key[i]))
            return true;
    }
    return false;
}

bool document_check(const struct yaml *root, enum document wanted, const char *path,
                    struct faults *faults)
{
    if (is_kind(root, &kinds[wanted]))
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (is_kind(root, &kinds[i])) {
            faults_add(faults, path, 0, "is %s; %s", kinds[i].is,
                       wanted == DOCUMENT_CONFIG ? kinds[i].goes : kinds[wanted].is_wanted);
            return false;
        }
    }
    return true;
}
