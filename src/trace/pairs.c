/* Which select does a repeated statement follow? The evidence of an N+1 is that one statement came
 * as often as another gave rows. Within one trace every select that came earlier is a candidate;
 * what speaks for it is counted, and over many traces the candidate with most votes is the parent.
 */
#include "trace/fold.h"

#include <ctype.h>

enum { LOOK_BACK = 256 }; /* callers looked at before a repeated one */

/* Does "App\Models\ChatRoom::owner" start at rows of chat_rooms? Plurals are compared without their
 * ending. */
static bool starts_at(const char *relation, const char *table)
{
    const char *end = strstr(relation, "::"), *base = relation;
    if (!end)
        return false;
    for (const char *p = relation; p < end; p++)
        if (*p == '\\')
            base = p + 1;
    char snake[128];
    size_t n = 0;
    for (const char *p = base; p < end && n + 2 < sizeof snake; p++) {
        if (isupper((unsigned char)*p) && p > base)
            snake[n++] = '_';
        snake[n++] = (char)tolower((unsigned char)*p);
    }
    size_t stem = n > 2 ? n - 1 : n, len = strlen(table);
    return n && len >= stem && len <= n + 3 && memcmp(snake, table, stem) == 0;
}

static double score(const struct workload_build *b, const struct ftouch *child,
                    const struct ftouch *parent)
{
    const struct fcaller *c = &b->callers.p[child->caller], *p = &b->callers.p[parent->caller];
    const struct fshape *shape = &b->shapes.p[p->shape];
    double rows = parent->rows, calls = child->calls, points;
    if (rows == calls)
        points = 100;
    else if (rows > calls)
        points = 60 * calls / rows;
    else
        points = child->calls % (uint32_t)rows == 0 ? 50 : 20; /* several reads a row */
    if (parent->calls == 1)
        points += 30; /* a repeated one is more likely a sibling in the same loop */
    if (c->relation) {
        const char *relation = syms_cstr(b->syms, c->relation),
                   *model = syms_cstr(b->syms, shape->model);
        size_t n = strlen(model);
        if (shape->model && strncmp(relation, model, n) == 0 && strncmp(relation + n, "::", 2) == 0)
            points += 1000;
        else if (!shape->model && shape->table &&
                 starts_at(relation, syms_cstr(b->syms, shape->table)))
            points += 500;
    }
    return points;
}

static void pair_one(struct workload_build *b, size_t at)
{
    const struct ftouch *child = &b->touched.p[at], *best = NULL;
    double best_points = 0;
    for (size_t i = at, looked = 0; i-- > 0 && looked < LOOK_BACK; looked++) {
        const struct ftouch *p = &b->touched.p[i];
        const struct fshape *shape = &b->shapes.p[b->callers.p[p->caller].shape];
        if (p->rows < 2 || shape->kind != STMT_SELECT)
            continue;
        double points =
            score(b, child, p) + 5.0 / (double)(at - i); /* the later one of two equals */
        if (points > best_points) {
            best_points = points;
            best = p;
        }
    }
    if (!best)
        return;
    const struct fcaller *p = &b->callers.p[best->caller];
    fold_vote(
        &b->callers.p[child->caller],
        &(struct fparent){
            .shape = p->shape, .votes = 1, .line = p->line, .file = p->file, .rows = best->rows });
}

void fold_pairs(struct workload_build *b, const struct trace *t)
{
    (void)t;
    for (size_t i = 1; i < b->touched.n; i++) /* in the order of their first call */
        if (b->touched.p[i].calls >= 2)
            pair_one(b, i);
}
