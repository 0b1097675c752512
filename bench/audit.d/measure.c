/* What bench/audit measures with. One figure a line, seconds, MB and counts:
 *   measure bare LIST         a single-threaded tree-sitter parse of the files, nothing kept
 *   measure facts LIST        facts_build of the files on all cores, all facts kept
 *   measure run COMMAND...    any program: wall time, CPU time, peak memory, exit code */
#include "php/php.h"

#include <tree_sitter/api.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

const TSLanguage *tree_sitter_php(void);

struct list {
    struct VEC(char *) paths;
    struct arena *text;
};

static int read_list(const char *path, struct list *l)
{
    struct err err = { 0 };
    struct str all, line;
    l->text = arena_new(256 << 20);
    if (!l->text || file_read(path, 64 << 20, l->text, &all, &err)) {
        fprintf(stderr, "measure: %s\n", err.what);
        return -1;
    }
    while (str_next(&all, '\n', &line))
        if (line.n && !vec_push(&l->paths, arena_strndup(l->text, line.p, line.n)))
            return -1;
    return 0;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void report(uint64_t start, const struct rusage *u)
{
    printf("wall %.4f\ncpu %.4f\npeak_mb %.1f\n", (double)(now_ns() - start) / 1e9,
           seconds(u->ru_utime) + seconds(u->ru_stime), (double)u->ru_maxrss / 1024);
}

static int bare(const struct list *l)
{
    uint64_t start = now_ns();
    TSParser *parser = ts_parser_new();
    if (!parser || !ts_parser_set_language(parser, tree_sitter_php()))
        return 1;
    for (size_t i = 0; i < l->paths.n; i++) {
        auto_arena *a = arena_new(LIMIT_FILE_BYTES * 2);
        struct err err = { 0 };
        struct str s;
        if (!a || file_read(l->paths.p[i], LIMIT_FILE_BYTES, a, &s, &err))
            continue;
        ts_tree_delete(ts_parser_parse_string(parser, NULL, s.p, s.n));
    }
    ts_parser_delete(parser);
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    report(start, &u);
    return 0;
}

struct job {
    const struct list *l;
    struct arena *text[PAR_MAX_THREADS], *scratch[PAR_MAX_THREADS];
    struct facts **facts;
};

static int one_file(void *ctx, size_t i, unsigned worker)
{
    struct job *j = ctx;
    struct err err = { 0 };
    struct str s;
    if (!j->text[worker]) {
        j->text[worker] = arena_new(LIMIT_FILE_BYTES * 2);
        j->scratch[worker] = arena_new(256 << 20);
    }
    if (!j->text[worker] || !j->scratch[worker])
        return RC_NOMEM;
    arena_clear(j->text[worker]);
    arena_clear(j->scratch[worker]);
    if (file_read(j->l->paths.p[i], LIMIT_FILE_BYTES, j->text[worker], &s, &err) == 0 &&
        facts_build(str_c(j->l->paths.p[i]), s, j->scratch[worker], &j->facts[i], &err))
        j->facts[i] = NULL;
    return 0;
}

static int facts(const struct list *l)
{
    struct job j = { .l = l, .facts = calloc(l->paths.n + 1, sizeof *j.facts) };
    struct err err = { 0 };
    uint64_t start = now_ns(), bytes = 0, holes = 0, read = 0;
    if (!j.facts || par_for(l->paths.n, 0, one_file, &j, &err))
        return 1;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    report(start, &u);
    for (size_t i = 0; i < l->paths.n; i++) {
        bytes += j.facts[i] ? j.facts[i]->nbytes : 0;
        holes += j.facts[i] && j.facts[i]->nholes;
        read += j.facts[i] != NULL;
    }
    printf("files %llu\nwith_holes %llu\nbytes_per_file %.0f\n", (unsigned long long)read,
           (unsigned long long)holes, read ? (double)bytes / (double)read : 0.0);
    return 0;
}

static int run(char **argv)
{
    uint64_t start = now_ns();
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execvp(argv[0], argv);
        _exit(127);
    }
    int status;
    struct rusage u;
    if (pid < 0 || wait4(pid, &status, 0, &u) < 0)
        return 1;
    report(start, &u);
    printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}

int main(int argc, char **argv)
{
    struct list l = { 0 };
    if (argc > 2 && strcmp(argv[1], "run") == 0)
        return run(argv + 2);
    if (argc != 3 || read_list(argv[2], &l))
        return 2;
    return strcmp(argv[1], "bare") == 0 ? bare(&l) : facts(&l);
}
