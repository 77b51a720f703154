#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/given.h"
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

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

static bool is_regular(const char *path, struct error *error)
{
    struct stat about;

    return stat(given_path(path), &about) != 0 || S_ISREG(about.st_mode) ||
           error_set(error, "%s: is %s, and no file that can be read", path,
                     kind_of(about.st_mode));
}

/* Looks before it opens: to open a device can itself do something. */
int file_open_regular(const char *path, struct error *error)
{
    int fd = -1;

    if (!is_regular(path, error))
        return -1;
    fd = open(given_path(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    return fd;
}

bool file_read(const char *path, size_t ceiling, struct text *text, struct error *error)
{
    int fd = open(given_path(path), O_RDONLY | O_CLOEXEC);
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

bool file_read_regular(const char *path, size_t ceiling, struct text *text, struct error *error)
{
    return is_regular(path, error) && file_read(path, ceiling, text, error);
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

/* A file that is being written is locked, so that nobody sweeps it away (staging.h); between making
 * it and its lock somebody may: then again. */
static int open_locked(const char *path)
{
    struct stat about;
    int fd;

    while ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) >= 0) {
        flock(fd, LOCK_EX | LOCK_NB);
        if (fstat(fd, &about) != 0 || about.st_nlink > 0)
            return fd;
        close(fd);
    }
    return -1;
}

bool file_write(const char *path, const void *bytes, size_t length, struct error *error)
{
    char *temporary = file_temporary(path);
    int fd = open_locked(temporary);
    bool done = fd >= 0 && write_all(fd, bytes, length);

    if (done) {
        done = file_settle(temporary, path, error);
    } else {
        error_set(error, "%s: cannot be written: %s", path, strerror(errno));
        unlink(temporary);
    }
    if (fd >= 0)
        close(fd); /* what this could tell, fsync has */
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

bool file_is_temporary(const char *name)
{
    return strncmp(name, temporary_prefix, strlen(temporary_prefix)) == 0;
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
        if (file_is_temporary(entry->d_name))
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
        mkdir(part, 0777); /* what fails here fails again, and is reported, below */
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

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
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

    return lstat(given_path(path), &about) == 0;
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

bool file_take_standard_places(void)
{
    for (int place = STDIN_FILENO; place <= STDERR_FILENO; place++) {
        int way = place == STDIN_FILENO ? O_WRONLY : O_RDONLY;

        if (fcntl(place, F_GETFD) < 0 && open("/dev/null", way) != place) /* the lowest is taken */
            return false;
    }
    return true;
}

/* The copy of a file that has the highest number. */
void file_make_room(size_t count)
{
    struct rlimit limit = {0};
    int here = open("/", O_PATH | O_CLOEXEC), last;

    getrlimit(RLIMIT_NOFILE, &limit);
    count = count < limit.rlim_cur ? count : (size_t)limit.rlim_cur;
    last = here >= 0 && count > 0 ? fcntl(here, F_DUPFD_CLOEXEC, (int)count - 1) : -1;
    if (last >= 0)
        close(last);
    if (here >= 0)
        close(here);
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

static void write_hex(const unsigned char digest[32], char hex[65])
{
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void file_sha256(const void *bytes, size_t length, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL);
    write_hex(digest, hex);
}

static bool digest_all(int fd, EVP_MD_CTX *context)
{
    enum { PIECE = 1 << 16 };
    char *piece = memory_new(PIECE, 1);
    ssize_t got;

    while ((got = read(fd, piece, PIECE)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0)
            EVP_DigestUpdate(context, piece, (size_t)got);
    }
    free(piece);
    return got == 0;
}

bool file_digest(const char *path, char hex[65], struct error *error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    int fd = file_open_regular(path, error);
    EVP_MD_CTX *context;
    bool done;

    if (fd < 0)
        return false;
    context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    done = digest_all(fd, context) ||
           error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    close(fd);
    EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    if (done)
        write_hex(digest, hex);
    return done;
}

const char *file_sha256_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}
