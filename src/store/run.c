#include "store/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "store/journal.h"
#include "store/manifest.h"
#include "store/run_pid.h"

#define INPUTS "inputs"

const char run_inputs_name[] = INPUTS;
const char run_inputs_config[] = INPUTS "/config.yaml", run_inputs_rows[] = INPUTS "/rows.csv";

enum { COLLISIONS_MOST = 1000 };

static void take_name(struct run *run, const char *parent, const char *workbooks, const char *name)
{
    char *file = memory_printf("consolidated_results_%s.xlsx", name);

    run_clear(run);
    run->name = memory_text(name);
    run->folder = file_join(parent, name);
    run->workbook = file_join(workbooks, file);
    free(file);
}

/* Making the folder is what takes the name: of two programs, one succeeds. */
static bool is_free(const struct run *run)
{
    return !file_exists(run->workbook) && mkdir(run->folder, 0777) == 0;
}

/* Whether that is a journal without a word, which nobody is about to write to. */
static bool is_idle_journal(const char *path)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    bool idle = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0 &&
                flock(fd, LOCK_EX | LOCK_NB) == 0;

    if (fd >= 0)
        close(fd);
    return idle;
}

/* Whether the run of that folder was cut off before it began: an idle journal, and nothing else but
 * temporary files, what was typed for it, and its process. An empty folder may be anybody's. */
static bool never_began(const char *folder)
{
    char *journal = file_join(folder, journal_file_name);
    bool never = is_idle_journal(journal);
    DIR *directory = never ? opendir(folder) : NULL;
    const struct dirent *entry;

    while (directory && never && (entry = readdir(directory)))
        never = entry->d_name[0] == '.' || strcmp(entry->d_name, journal_file_name) == 0 ||
                strcmp(entry->d_name, run_inputs_name) == 0 ||
                strcmp(entry->d_name, run_pid_file_name) == 0;
    if (directory)
        closedir(directory);
    free(journal);
    return never;
}

/* What was typed for a run that did not begin; nothing else is in it. */
static void remove_inputs(const struct run *run)
{
    const char *const inside[] = {run_inputs_config, run_inputs_rows};
    char *inputs;

    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        char *path = file_join(run->folder, inside[i]);

        unlink(path);
        free(path);
    }
    inputs = file_join(run->folder, run_inputs_name);
    rmdir(inputs);
    free(inputs);
}

/* The process goes first: it is of who holds the journal. */
static void remove_begun(const struct run *run)
{
    char *journal = file_join(run->folder, journal_file_name);

    run_pid_remove(run->folder);
    unlink(journal);
    free(journal);
}

/* rmdir fails where anything else is in it. */
void run_abandon(const struct run *run, bool journal)
{
    if (!run->folder)
        return;
    if (journal)
        remove_begun(run);
    remove_inputs(run);
    file_remove_temporaries(run->folder);
    rmdir(run->folder);
}

/* Of two programs that take such a folder over, one makes the journal. */
static bool take_over(const struct run *run)
{
    if (file_exists(run->workbook) || !never_began(run->folder))
        return false;
    remove_begun(run);
    remove_inputs(run);
    file_remove_temporaries(run->folder);
    return true;
}

bool run_can_use(const char *folder, struct error *error)
{
    char *nearest = memory_text(folder);
    struct stat about;
    bool done;

    while (!file_exists(nearest) && strcmp(nearest, "/") != 0 && strcmp(nearest, ".") != 0) {
        char *above = file_folder(nearest);

        free(nearest);
        nearest = above;
    }
    if (stat(nearest, &about) != 0 || !S_ISDIR(about.st_mode))
        done = error_set(error, "'%s' is not a folder; name one, or remove that file", nearest);
    else if (access(nearest, W_OK | X_OK) != 0)
        done = error_set(error, "'%s' cannot be written in: %s", nearest, strerror(errno));
    else
        done = true;
    free(nearest);
    return done;
}

static bool tell_taken(const struct run *run, struct error *error)
{
    error_set(error, "a run named '%s' exists already (%s); choose another name", run->name,
              file_exists(run->folder) ? run->folder : run->workbook);
    return true;
}

bool run_is_taken(const char *parent, const char *workbooks, const char *name, struct error *error)
{
    struct run run = {0};
    bool taken;

    take_name(&run, parent, workbooks, name);
    taken = (file_exists(run.workbook) || (file_exists(run.folder) && !never_began(run.folder))) &&
            tell_taken(&run, error);
    run_clear(&run);
    return taken;
}

static bool create_named(struct run *run, const char *parent, const char *workbooks,
                         const char *name, struct error *error)
{
    int why;

    take_name(run, parent, workbooks, name);
    errno = EEXIST;
    if (is_free(run))
        return true;
    why = errno;
    if (why == EEXIST && take_over(run))
        return true;
    errno = why;
    if (why == EEXIST)
        return !tell_taken(run, error);
    return error_set(error, "%s: the folder cannot be made: %s", run->folder, strerror(errno));
}

static bool create_dated(struct run *run, const char *parent, const char *workbooks,
                         int64_t wall_ns, struct error *error)
{
    char date[CLOCK_TEXT];

    clock_format_name(wall_ns, date);
    for (int i = 1; i <= COLLISIONS_MOST; i++) {
        char *name = i == 1 ? memory_text(date) : memory_printf("%s-%d", date, i);

        take_name(run, parent, workbooks, name);
        free(name);
        errno = EEXIST;
        if (is_free(run))
            return true;
        if (errno != EEXIST)
            break;
    }
    return error_set(error, "%s: the folder cannot be made: %s", run->folder, strerror(errno));
}

/* Better to know before hours of measuring than after. */
static bool can_write_in(const char *folder, struct error *error)
{
    char *inside = file_join(folder, "x");
    char *probe = file_temporary(inside);
    int fd = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0) {
        error_set(error, "'%s' cannot be written in: %s", folder, strerror(errno));
    } else {
        close(fd);
        unlink(probe);
    }
    free(probe);
    free(inside);
    return fd >= 0;
}

bool run_create(struct run *run, const char *parent, const char *workbooks, const char *name,
                int64_t wall_ns, struct error *error)
{
    if (!file_make_folders(parent, error) || !file_make_folders(workbooks, error) ||
        !can_write_in(workbooks, error))
        return false;
    return name ? create_named(run, parent, workbooks, name, error)
                : create_dated(run, parent, workbooks, wall_ns, error);
}

bool run_open(struct run *run, const char *folder, const char *workbooks, struct error *error)
{
    const char *const needed[] = {manifest_file_name, journal_file_name};
    char *whole = realpath(folder, NULL), *parent;

    if (!whole)
        return error_set(error, "%s: cannot be opened: %s", folder, strerror(errno));
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        char *path = file_join(whole, needed[i]);
        bool there = file_exists(path);

        free(path);
        if (!there) {
            free(whole);
            return error_set(error, "%s: cannot be resumed: it has no %s; start a new run", folder,
                             needed[i]);
        }
    }
    parent = file_folder(whole);
    take_name(run, parent, workbooks, strrchr(whole, '/') + 1);
    free(run->folder);
    run->folder = memory_text(folder);
    free(parent);
    free(whole);
    return file_make_folders(workbooks, error) && can_write_in(workbooks, error);
}

char *run_path(const struct run *run, const char *name, const char *ending)
{
    return memory_printf("%s/%s%s", run->folder, name, ending);
}

void run_clear(struct run *run)
{
    free(run->name);
    free(run->folder);
    free(run->workbook);
    *run = (struct run){0};
}
