/* Any bytes as a PHP file or a template: the first byte picks. What comes out must be a well-formed
 * tree. */
#include "php/php.h"

#include <stdlib.h>

static void check(bool ok)
{
    if (!ok)
        abort();
}

/* Children lie inside their parent, strings and lines inside the block, nesting inside the limit.
 */
static void check_tree(const struct facts *f, uint32_t file_bytes)
{
    uint32_t ends[LIMIT_DEPTH + 1], depth = 0;
    check(f->nnodes > 0 && facts_node(f, 0)->kind == N_FILE);
    for (uint32_t i = 0; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        while (depth && ends[depth - 1] <= i)
            depth--;
        check(n->kind < N_KINDS && n->skip > i && n->skip <= f->nnodes);
        check(depth == 0 ? i == 0 : n->skip <= ends[depth - 1]);
        check(n->off <= n->end && n->end <= file_bytes && n->s <= f->nstrs);
        check(depth < LIMIT_DEPTH);
        ends[depth++] = n->skip;
        (void)node_name_line(f, i);
    }
    for (uint32_t i = 0; i < f->nholes; i++)
        check(facts_holes(f)[i].off <= facts_holes(f)[i].end && facts_holes(f)[i].line >= 1);
}

static void read_docs(const struct facts *f, struct arena *a)
{
    for (uint32_t i = 0; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind != N_DOC)
            continue;
        struct str type = doc_type(facts_str(f, n->s), "var", (struct str){ "", 0 });
        (void)doc_type(facts_str(f, n->s), "param", STR("x"));
        (void)facts_resolve(f, n->off, type, a);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 1 << 20)
        return 0;
    struct str path = data[0] & 1 ? STR("a.blade.php") : STR("a.php");
    struct str bytes = { (const char *)data + 1, (uint32_t)size - 1 };
    auto_arena *a = arena_new(256 << 20);
    struct err err = { 0 };
    struct facts *f = NULL;
    if (!a || facts_build(path, bytes, a, &f, &err))
        return 0;
    check_tree(f, bytes.n);
    read_docs(f, a);
    auto_buf out = BUF_INIT(64 << 20);
    facts_dump(f, &out);
    facts_free(f);
    return 0;
}
