#include "command/version.h"

#include <stdio.h>
#include <string.h>

#include "core/exit.h"
#include "core/file.h"
#include "core/yaml.h"
#include "load/fetch.h"
#include "plan/csv.h"
#include "prompt/image.h"
#include "report/workbook/workbook.h"
#include "store/index/database.h"
#include "telemetry/exposed.h"
#include "wire/payload.h"

static const struct {
    const char *name;
    const char *(*version)(void);
} libraries[] = {
    {"libyaml", yaml_library},
    {"OpenSSL", file_sha256_library},
    {"libcsv", csv_library},
    {"cJSON", payload_library},
    {"libpng", image_library},
    {"SQLite", database_library},
    {"libcurl", fetch_library},
    {"libmicrohttpd", exposed_library},
    {"libxlsxwriter", workbook_library},
};

/* libcurl tells its name too, and what it stands on: "libcurl/7.88.1 OpenSSL/3.0.17 …". */
static const char *without_name(const char *version, const char *name)
{
    size_t length = strlen(name);

    return strncmp(version, name, length) == 0 && version[length] == '/' ? version + length + 1
                                                                         : version;
}

int version_call(const char *word)
{
    bool verbose = word && (strcmp(word, "--verbose") == 0 || strcmp(word, "-v") == 0);

    if (word && !verbose) {
        fprintf(stderr, "coebench --version: '%s' is not known; --verbose lists libraries\n", word);
        return EXIT_BAD_INPUT;
    }
    printf("coebench %s\n", COEBENCH_VERSION);
    for (size_t i = 0; verbose && i < sizeof libraries / sizeof *libraries; i++)
        printf("  %-13s %s\n", libraries[i].name,
               without_name(libraries[i].version(), libraries[i].name));
    return EXIT_DONE;
}
