#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/random.h"

enum { DRAFT_AT_ONCE = 1 << 18 };

static bool read_all(int fd, const char *path, size_t ceiling, struct text *text,
                     struct error *error)
{
    char part[65536];
    size_t total = 0;
    ssize_t got;

    while ((got = read(fd, part, sizeof part)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(error, "%s: cannot be read: %s", path, strerror(errno));
        total += (size_t)got;
        if (total > ceiling)
            return error_set(error,
                             "%s: larger than %zu bytes, which is more than this file may be", path,
                             ceiling);
        text_add(text, part, (size_t)got);
    }
    return true;
}

bool file_read(const char *path, size_t ceiling, struct text *text, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    bool done;

    if (fd < 0)
        return error_set(error, "'%s' cannot be opened: %s", path, strerror(errno));
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        close(fd);
        return error_set(error, "'%s' is a folder; a file is needed here", path);
    }
    done = read_all(fd, path, ceiling, text, error);
    close(fd);
    return done;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        length -= (size_t)put;
    }
    return true;
}

bool file_write(const char *path, const void *bytes, size_t length, struct error *error)
{
    char *temporary = file_temporary(path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool done = fd >= 0 && write_all(fd, bytes, length);

    if (fd >= 0 && close(fd) != 0)
        done = false;
    if (done) {
        done = file_settle(temporary, path, error);
    } else {
        error_set(error, "%s: cannot be written: %s", path, strerror(errno));
        unlink(temporary);
    }
    free(temporary);
    return done;
}

static const char temporary_prefix[] = ".part-";

char *file_temporary(const char *path)
{
    char *folder = file_folder(path);
    char *name =
        memory_printf("%s/%s%016llx", folder, temporary_prefix, (unsigned long long)random_fresh());

    free(folder);
    return name;
}

/* The new name itself is on the disk only with its folder; some file systems sync none. */
static bool sync_folder(const char *path)
{
    char *folder = file_folder(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd < 0 || fsync(fd) == 0 || errno == EINVAL;

    if (fd >= 0)
        close(fd);
    free(folder);
    return done;
}

bool file_settle(const char *temporary, const char *path, struct error *error)
{
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    bool renamed = synced && rename(temporary, path) == 0 && sync_folder(path);

    if (!renamed)
        error_set(error, "%s: cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (!renamed)
        unlink(temporary);
    return renamed;
}

void file_remove_temporaries(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, temporary_prefix, strlen(temporary_prefix)) == 0)
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory)
        closedir(directory);
}

bool file_draft_begin(struct file_draft *draft, const char *path, struct error *error)
{
    *draft = (struct file_draft){.path = memory_text(path), .temporary = file_temporary(path)};
    draft->out = fopen(draft->temporary, "we");
    if (draft->out) {
        setvbuf(draft->out, NULL, _IOFBF, DRAFT_AT_ONCE);
        return true;
    }
    error_set(error, "%s: cannot be written: %s", path, strerror(errno));
    free(draft->path);
    free(draft->temporary);
    return false;
}

/* Why what was printed did not all go out; 0 where it did. */
static int close_draft(FILE *out)
{
    int fault = ferror(out) ? EIO : 0;

    if (fflush(out) != 0) /* where printing failed, this fails for the same reason */
        fault = errno;
    return fclose(out) != 0 && !fault ? errno : fault;
}

bool file_draft_end(struct file_draft *draft, bool filled, struct error *error)
{
    int fault = close_draft(draft->out);

    if (filled && fault)
        filled = error_set(error, "%s: cannot be written: %s", draft->path, strerror(fault));
    if (filled)
        filled = file_settle(draft->temporary, draft->path, error);
    else
        unlink(draft->temporary);
    free(draft->path);
    free(draft->temporary);
    return filled;
}

bool file_make_folders(const char *path, struct error *error)
{
    char *part = memory_text(path);
    struct stat about;
    bool there;

    for (char *slash = strchr(*part ? part + 1 : part, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0777); /* what fails here fails again, and is told, below */
        *slash = '/';
    }
    there = mkdir(part, 0777) == 0 || errno == EEXIST;
    free(part);
    if (!there)
        return error_set(error, "%s: the folder cannot be made: %s", path, strerror(errno));
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return error_set(error, "%s: is not a folder; name one, or remove this file", path);
    return true;
}

char *file_make_temporary_folder(struct error *error)
{
    const char *given = getenv("TMPDIR");
    char *path = file_join(given && *given ? given : "/tmp", "coebench-XXXXXX");

    if (mkdtemp(path))
        return path;
    error_set(error, "%s: the temporary folder cannot be made: %s", path, strerror(errno));
    free(path);
    return NULL;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    remove(path);
    return 0;
}

void file_remove_folder(const char *path)
{
    enum { DESCRIPTORS = 16 };

    nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

bool file_exists(const char *path)
{
    struct stat about;

    return lstat(path, &about) == 0;
}

char *file_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);

    return memory_printf(length && folder[length - 1] == '/' ? "%s%s" : "%s/%s", folder, name);
}

char *file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return memory_text(".");
    return slash == path ? memory_text("/") : memory_bytes(path, (size_t)(slash - path));
}

char *file_expand_home(const char *path)
{
    const char *home = getenv("HOME");

    if (path[0] != '~' || (path[1] != '/' && path[1] != '\0') || !home)
        return memory_text(path);
    return memory_printf("%s%s", home, path + 1);
}

char *file_find(const char *path, const char *beside)
{
    char *here = file_expand_home(path);
    char *folder, *there;

    if (here[0] == '/' || file_exists(here))
        return here;
    folder = file_folder(beside);
    there = file_join(folder, here);
    free(folder);
    if (!file_exists(there)) {
        free(there);
        return here;
    }
    free(here);
    return there;
}

size_t file_raise_open_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return SIZE_MAX;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return (size_t)limit.rlim_cur;
}

size_t file_local_ports(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    size_t first = 1, last = 0;

    if (file && fscanf(file, "%zu %zu", &first, &last) != 2)
        last = 0;
    if (file)
        fclose(file);
    return last >= first ? last - first + 1 : 0;
}

void file_sha256(const void *bytes, size_t length, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL);
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
