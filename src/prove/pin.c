#include "prove/pin.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

struct process {
    pid_t pid, parent;
};
enum { PROCESSES_MAX = 16384 };

/* The parent is the fourth field of stat; the name before it may hold anything, so it is looked for behind the last ')'. */
static pid_t parent_of(const char *pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    const char *p = strrchr(text, ')');
    return p && strlen(p) > 4 ? (pid_t)strtol(p + 4, NULL, 10) : 0;
}

static size_t read_processes(struct process *all)
{
    DIR *d = opendir("/proc");
    struct dirent *e;
    size_t n = 0;
    while (d && n < PROCESSES_MAX && (e = readdir(d)))
        if (isdigit((unsigned char)e->d_name[0]))
            all[n++] = (struct process){ (pid_t)strtol(e->d_name, NULL, 10), parent_of(e->d_name) };
    if (d)
        closedir(d);
    return n;
}

static void add_tree(struct pins *p, const struct process *all, size_t n, pid_t root)
{
    size_t from = p->n;
    if (root <= 0 || p->n == PINS_MAX)
        return;
    p->pids[p->n++] = root;
    for (; from < p->n; from++) /* those that were added bring theirs */
        for (size_t i = 0; i < n && p->n < PINS_MAX; i++)
            if (all[i].parent == p->pids[from])
                p->pids[p->n++] = all[i].pid;
}

void pins_find(struct pins *p, const struct instance *a, const struct instance *b)
{
    cpu_set_t may;
    struct process *all = calloc(PROCESSES_MAX, sizeof *all);
    *p = (struct pins){ .n = 0 };
    if (sched_getaffinity(0, sizeof may, &may) == 0)
        for (int i = 0; i < CPU_SETSIZE && p->ncpus < CPUS_MAX; i++)
            if (CPU_ISSET(i, &may))
                p->cpus[p->ncpus++] = i;
    size_t n = all ? read_processes(all) : 0;
    add_tree(p, all, n, a->group);
    if (b != a)
        add_tree(p, all, n, b->group);
    free(all);
}

void pins_set(const struct pins *p, int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    for (size_t i = 0; i < p->n; i++)
        (void)!sched_setaffinity(p->pids[i], sizeof set, &set);
}

void pins_free(const struct pins *p)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < p->ncpus; i++)
        CPU_SET(p->cpus[i], &set);
    for (size_t i = 0; i < p->n && p->ncpus; i++)
        (void)!sched_setaffinity(p->pids[i], sizeof set, &set);
}
