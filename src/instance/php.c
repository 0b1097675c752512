/* Which PHP runs the app: the one of the user's PATH where it satisfies the app's requirement and
 * has a php-fpm of the same version beside it, else the best other one; and the fettle.so that fits
 * it. */
#include "instance/internal.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

enum { CANDIDATES_MAX = 24, CONSTRAINT_PARTS = 4 };
static const uint64_t ASK_LIMIT_NS = 10000000000u;

/* ---- Composer constraints ---- */

struct ver {
    int part[3];
    int given; /* how many numbers were written */
    bool wild;
};

static struct ver read_version(const char **at)
{
    struct ver v = { 0 };
    const char *p = *at;
    if (*p == 'v')
        p++;
    while (v.given < 3) {
        if (*p == '*' || *p == 'x') {
            v.wild = true;
            p++;
            break;
        }
        if (!isdigit((unsigned char)*p))
            break;
        long n = strtol(p, (char **)&p, 10);
        v.part[v.given++] = n > 999 ? 999 : (int)n;
        if (*p != '.')
            break;
        p++;
    }
    while (*p && !isspace((unsigned char)*p) && *p != ',' && *p != '|')
        p++; /* -dev, @stable, a fourth number */
    *at = p;
    return v;
}

static int compare(const struct ver *a, const struct ver *b, int n)
{
    for (int i = 0; i < n; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}

/* One comparison such as "^8.2" or "<8.4". */
static bool holds(const struct ver *have, const char *op, const struct ver *want)
{
    if (strcmp(op, "^") == 0)
        return have->part[0] == want->part[0] && compare(have, want, 3) >= 0;
    if (strcmp(op, "~") == 0)
        return compare(have, want, 3) >= 0 && compare(have, want, want->given > 2 ? 2 : 1) == 0;
    if (want->wild || (!*op && want->given < 3))
        return compare(have, want, want->given) == 0;
    int c = compare(have, want, 3);
    if (strcmp(op, ">=") == 0)
        return c >= 0;
    if (strcmp(op, "<=") == 0)
        return c <= 0;
    if (strcmp(op, ">") == 0)
        return c > 0;
    if (strcmp(op, "<") == 0)
        return c < 0;
    return strcmp(op, "!=") == 0 ? c != 0 : c == 0;
}

/* Everything up to the next "||" must hold. */
static bool all_hold(const struct ver *have, const char **at)
{
    bool ok = true;
    const char *p = *at;
    for (;;) {
        char op[4] = "";
        size_t n = 0;
        while (isspace((unsigned char)*p) || *p == ',')
            p++;
        while (*p && strchr("^~<>=!", *p) && n + 1 < sizeof op)
            op[n++] = *p++;
        while (isspace((unsigned char)*p))
            p++;
        if (!*p || *p == '|')
            break;
        const char *before = p;
        struct ver want = read_version(&p);
        if (p == before)
            p++;
        if (strncmp(p, " - ", 3) == 0) { /* a range: "8.1 - 8.3" */
            p += 3;
            struct ver to = read_version(&p);
            ok = ok && compare(have, &want, 3) >= 0 && compare(have, &to, to.given) <= 0;
        } else if (want.given || want.wild) {
            ok = ok && holds(have, op, &want);
        }
    }
    *at = p;
    return ok;
}

bool php_satisfies(const char *version, const char *constraint)
{
    if (!constraint || !*constraint)
        return true;
    struct ver have = read_version(&version);
    const char *p = constraint;
    for (;;) {
        if (all_hold(&have, &p))
            return true;
        while (*p == '|')
            p++;
        if (!*p)
            return false;
    }
}

/* ---- finding programs ---- */

static char *first_line(struct arena *a, const struct buf *out)
{
    const char *end = out->n ? memchr(out->p, '\n', out->n) : NULL;
    return arena_strndup(a, out->n ? out->p : "", end ? (size_t)(end - out->p) : out->n);
}

static char *ask(struct arena *a, const char *const *argv)
{
    struct proc_result r;
    struct err ignored;
    char *line = NULL;
    struct proc_opts o = { .argv = argv, .timeout_ns = ASK_LIMIT_NS };
    int rc = proc_run(&o, &r, &ignored);
    if (rc == RC_OK && r.status == 0)
        line = first_line(a, &r.out);
    proc_result_release(&r);
    return line;
}

struct folders {
    const char *p[64];
    size_t n;
};

static struct folders search_path(struct arena *a)
{
    struct folders f = { .n = 0 };
    const char *path = getenv("PATH");
    char *copy = arena_strdup(a, path ? path : "");
    struct str rest = str_c(copy), part;
    while (copy && str_next(&rest, ':', &part) && f.n < 56)
        if (part.n)
            f.p[f.n++] = arena_strndup(a, part.p, part.n);
    static const char *const more[] = { "/usr/local/bin", "/usr/bin", "/usr/local/sbin",
                                        "/usr/sbin", "/opt/homebrew/sbin" };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        f.p[f.n++] = more[i];
    return f;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static const char *find(struct arena *a, const struct folders *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++) {
        char *path = arena_printf(a, "%s/%s", f->p[i], name);
        if (path && is_program(path))
            return path;
    }
    return NULL;
}

/* `php` first, then every php8.3-like name of the PATH, newest first. */
static size_t candidates(struct arena *a, const struct folders *f, const char *ret[CANDIDATES_MAX])
{
    size_t n = 0;
    const char *plain = find(a, f, "php");
    if (plain)
        ret[n++] = plain;
    for (int major = 9; major >= 7; major--)
        for (int minor = 9; minor >= 0 && n < CANDIDATES_MAX; minor--) {
            char name[16];
            snprintf(name, sizeof name, "php%d.%d", major, minor);
            const char *path = find(a, f, name);
            if (path)
                ret[n++] = path;
        }
    return n;
}

/* A php-fpm of the same major.minor as `version`. */
static const char *fpm_for(struct arena *a, const struct folders *f, const char *cli,
                           const char *version)
{
    int major = 0, minor = 0;
    if (sscanf(version, "%d.%d", &major, &minor) != 2)
        return NULL;
    char real[PATH_MAX], versioned[32];
    snprintf(versioned, sizeof versioned, "php-fpm%d.%d", major, minor);
    const char *tries[4] = { find(a, f, versioned), find(a, f, "php-fpm"), NULL, NULL };
    if (realpath(cli, real)) { /* /opt/php/bin/php -> /opt/php/sbin/php-fpm */
        char *slash = strrchr(real, '/');
        *slash = 0;
        slash = strrchr(real, '/');
        if (slash)
            *slash = 0;
        tries[2] = arena_printf(a, "%s/sbin/php-fpm", real);
    }
    for (size_t i = 0; i < 4; i++) {
        if (!tries[i] || !is_program(tries[i]))
            continue;
        char *line = ask(a, (const char *const[]){ tries[i], "-n", "-v", NULL });
        int fmajor = 0, fminor = 0;
        if (line && sscanf(line, "PHP %d.%d", &fmajor, &fminor) == 2 && fmajor == major &&
            fminor == minor)
            return tries[i];
    }
    return NULL;
}

/* ---- what a PHP is ---- */

static int describe(struct arena *a, struct php *p, struct err *err)
{
    static const char code[] =
        "ob_start(); phpinfo(INFO_GENERAL); preg_match('/PHP Extension Build => "
        "API(\\d+),(\\S+)/', ob_get_clean(), $m);"
        "echo PHP_VERSION, ' ', $m[1] ?? '?', '-', str_replace(',', '-', $m[2] ?? '?');";
    char *line = ask(a, (const char *const[]){ p->cli, "-n", "-r", code, NULL });
    char *space = line ? strchr(line, ' ') : NULL;
    if (!space)
        return err_set(err, RC_UNSUPPORTED, "check that it starts: php -v", "%s does not run",
                       p->cli);
    *space = 0;
    p->version = line;
    p->api = space + 1;
    return RC_OK;
}

static const char *requirement(const struct app *app, struct arena *a)
{
    if (app->php_requirement)
        return app->php_requirement;
    char *path = arena_printf(a, "%s/composer.json", app->dir);
    json_t *j = path ? json_load_file(path, 0, NULL) : NULL;
    const char *v = json_text(json_object_get(j, "require"), "php");
    char *copy = *v ? arena_strdup(a, v) : NULL;
    json_decref(j);
    return copy;
}

static int try_one(const struct app *app, const struct instance_opts *o, struct arena *a,
                   const struct folders *f, const char *cli, struct php *p, struct err *err)
{
    *p = (struct php){ .cli = cli };
    int rc = describe(a, p, err);
    if (rc)
        return rc;
    const char *want = requirement(app, a);
    if (!php_satisfies(p->version, want))
        return err_set(err, RC_UNSUPPORTED, "name another one with --php and --fpm",
                       "the app requires PHP %s, and %s is %s", want, cli, p->version);
    p->fpm = o->fpm ? o->fpm : fpm_for(a, f, cli, p->version);
    if (!p->fpm || !is_program(p->fpm)) {
        char next[160];
        snprintf(next, sizeof next, "install it, on Debian and Ubuntu: apt install php%.3s-fpm",
                 p->version);
        return err_set(err, RC_NOTFOUND, next,
                       "no php-fpm of PHP %.3s was found; the private instance serves with it",
                       p->version);
    }
    p->why = want ? arena_printf(a, "the app requires %s", want) : "the app states no requirement";
    return RC_OK;
}

/* ---- the extension ---- */

static const char *beside_the_binary(struct arena *a, const char *api)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0)
        return NULL;
    exe[n] = 0;
    char *slash = strrchr(exe, '/');
    if (!slash)
        return NULL;
    *slash = 0;
    char *tries[] = { arena_printf(a, "%s/../lib/fettle/%s/fettle.so", exe, api),
                      arena_printf(a, "%s/lib/fettle/%s/fettle.so", exe, api),
                      arena_printf(a, "%s/fettle.so", exe) };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i] && access(tries[i], R_OK) == 0)
            return tries[i];
    return NULL;
}

static int check_extension(struct arena *a, struct php *p, const char *path, struct err *err)
{
    char real[PATH_MAX], load[PATH_MAX + 16];
    if (!realpath(path, real))
        return err_set(err, RC_NOTFOUND, "build it with scripts/build, or name it with --extension",
                       "the extension %s is not there", path);
    snprintf(load, sizeof load, "extension=%s", real);
    struct proc_result r;
    struct proc_opts o = {
        .argv = (const char *const[]){ p->cli, "-n", "-d", load, "-d", "display_errors=stderr",
                                       "-d", "display_startup_errors=1", "-r",
                                       "exit(extension_loaded('fettle') ? 0 : 9);", NULL },
        .timeout_ns = ASK_LIMIT_NS
    };
    int rc = proc_run(&o, &r, err);
    if (!rc && r.status != 0) {
        const struct buf *said = r.err.n ? &r.err : &r.out;
        struct str text = str_trim((struct str){ said->p ? said->p : "", (uint32_t)said->n }),
                   line = text, rest = text;
        while (str_next(&rest, '\n', &line) && !str_trim(line).n)
            ;
        if (str_contains(text, "Module API=") || str_contains(text, "module API=") ||
            str_contains(text, "API"))
            rc = err_set(err, RC_UNSUPPORTED,
                         "build it for this PHP: scripts/build with its php-config",
                         "%s is built for another PHP than %s (API %s)", real, p->version, p->api);
        else
            rc = err_set(err, RC_UNSUPPORTED, "rebuild it with scripts/build",
                         "%s does not load into PHP %s: %.*s", real, p->version,
                         (int)(line.n < 120 ? line.n : 120), line.p);
    }
    proc_result_release(&r);
    p->extension = rc ? NULL : arena_strdup(a, real);
    return rc;
}

int php_choose(const struct app *app, const struct instance_opts *o, struct arena *a,
               struct php *ret, struct err *err)
{
    struct folders f = search_path(a);
    const char *tries[CANDIDATES_MAX] = { o->php };
    size_t n = o->php ? 1 : candidates(a, &f, tries);
    if (!n)
        return err_set(err, RC_NOTFOUND, "install PHP with php-fpm, or name it with --php",
                       "no php was found in PATH");
    struct err first = { 0 }, e = { 0 };
    int rc = RC_NOTFOUND;
    for (size_t i = 0; i < n && rc; i++) {
        rc = try_one(app, o, a, &f, tries[i], ret, &e);
        if (rc && !first.rc)
            first = e;
    }
    if (rc) {
        if (err)
            *err = first;
        return first.rc;
    }
    const char *so = o->extension ? o->extension : beside_the_binary(a, ret->api);
    return so ? check_extension(a, ret, so, err) : RC_OK;
}
