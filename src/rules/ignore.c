/* `fettle-ignore RULE why`: findings that their own code asks not to be told. A comment at the end of a line speaks of
 * that line; alone on its line, of the next one, and of the whole statement that begins there. Without a rule it speaks
 * of all rules; a word that is no rule's id ignores nothing, so that a slip of the pen hides no finding. */
#include "rules/rules.h"

static bool word_is(struct str *rest, const char *rule)
{
    *rest = str_trim(*rest);
    size_t n = strlen(rule);
    bool same = rest->n >= n && !memcmp(rest->p, rule, n) && (rest->n == n || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", rest->p[n]));
    return same;
}

/* "n-plus-one-lazy, slow-query because …" */
static bool names_rule(struct str text, const char *rule)
{
    struct str part;
    if (!str_trim(text).n)
        return true;
    while (str_next(&text, ',', &part))
        if (word_is(&part, rule))
            return true;
    return false;
}

static bool stands_alone(const struct facts *f, uint32_t line)
{
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind != N_NULL && n->end > n->off && (facts_line(f, n->off) == line || facts_line(f, n->end - 1) == line))
            return false;
    }
    return true;
}

/* Does a statement that begins at `first` reach `line`? Loops and blocks do not count: a comment is for one statement. */
static bool statement_reaches(const struct facts *f, uint32_t first, uint32_t line)
{
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        bool statement = n->kind == S_EXPR || n->kind == S_RETURN || n->kind == S_ECHO || n->kind == N_PROP;
        if (statement && facts_line(f, n->off) == first && facts_line(f, n->end) >= line)
            return true;
    }
    return false;
}

static bool speaks_of(const struct facts *f, uint32_t comment, uint32_t line)
{
    uint32_t first = stands_alone(f, comment) ? comment + 1 : comment;
    return first == line || (first < line && statement_reaches(f, first, line));
}

static bool asks_for_silence(const struct app *app, const struct finding *finding)
{
    for (uint32_t i = 0; i < app->nfiles; i++) {
        const struct facts *f = app->files[i].facts;
        if (!f->nignores || strcmp(app->files[i].path, finding->at.file))
            continue;
        for (uint32_t k = 0; k < f->nignores; k++) {
            const struct ignore *c = &facts_ignores(f)[k];
            if (names_rule(facts_str(f, c->s), finding->rule) && speaks_of(f, c->line, finding->at.line))
                return true;
        }
    }
    return false;
}

static bool is_off(const char *const *off, const char *rule)
{
    for (; off && *off; off++)
        if (!strcmp(*off, rule))
            return true;
    return false;
}

void rules_silence(const struct app *app, const char *const *off, struct findings *fs)
{
    size_t kept = 0;
    for (size_t i = 0; i < fs->n; i++) {
        bool ignored = asks_for_silence(app, &fs->items[i]);
        fs->ignored += ignored;
        if (!ignored && !is_off(off, fs->items[i].rule))
            fs->items[kept++] = fs->items[i];
    }
    fs->n = kept;
}
