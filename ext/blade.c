/* Compiled Blade views back to their templates; see blade.h. */
#include "tracer.h"

#include "blade.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES 4600 /* a path of 4,096 bytes and the comment around it */

bool fettle_blade_compiled_name(const char *p, size_t n)
{
    size_t hex = 0;
    if (n < 37 || memcmp(p + n - 4, ".php", 4))
        return false;
    for (size_t i = n - 4; i > 0 && p[i - 1] != '/'; i--, hex++) {
        char c = p[i - 1];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return hex >= 32 && hex <= 64;
}

uint32_t fettle_blade_open(struct fettle_tracer *t, zend_string *compiled, uint32_t *ret_file)
{
    char tail[TAIL_BYTES];
    int fd = open(ZSTR_VAL(compiled), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    off_t from = size > (off_t)sizeof tail ? size - (off_t)sizeof tail : 0;
    ssize_t n = fd >= 0 ? pread(fd, tail, sizeof tail, from) : 0;
    if (fd >= 0)
        close(fd);
    *ret_file = 0;
    if (n < 20)
        return 0;
    const char *end = zend_memnrstr(tail, " ENDPATH**/", 11, tail + n);
    const char *start = end ? zend_memnrstr(tail, "/**PATH ", 8, end) : NULL;
    if (!start)
        return 0;
    start += 8;
    *ret_file = fettle_string(&t->ring, start, (size_t)(end - start));
    return 1;
}

uint32_t fettle_blade_line(struct fettle_tracer *t, uint32_t handle, uint32_t compiled_line)
{
    return 0;
}
