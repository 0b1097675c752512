/* Facts as indented text, for tests and for people. */
#include "php/php.h"

static const char *const names[N_KINDS] = {
    "N_NULL",       "N_ERROR",      "N_FILE",      "N_NAMESPACE", "N_USE",       "N_CLASS",
    "N_EXTENDS",    "N_IMPLEMENTS", "N_TRAIT_USE", "N_ENUM_CASE", "N_CONST",     "N_PROP",
    "N_METHOD",     "N_FUNCTION",   "N_PARAM",     "N_RET",       "N_TYPE",      "N_TYPE_UNION",
    "N_ATTR",       "N_DOC",        "N_IDENT",     "S_BLOCK",     "S_EXPR",      "S_ECHO",
    "S_RETURN",     "S_IF",         "S_FOREACH",   "S_FOR",       "S_WHILE",     "S_DO",
    "S_SWITCH",     "S_CASE",       "S_BREAK",     "S_CONTINUE",  "S_TRY",       "S_CATCH",
    "S_FINALLY",    "S_STATIC",     "S_GLOBAL",    "S_UNSET",     "S_HTML",      "S_OTHER",
    "E_VAR",        "E_INT",        "E_FLOAT",     "E_STR",       "E_INTERP",    "E_ARRAY",
    "E_ITEM",       "E_INDEX",      "E_PROP",      "E_SPROP",     "E_CCONST",    "E_CONST",
    "E_NAME",       "E_CALL",       "E_MCALL",     "E_SCALL",     "E_NEW",       "E_ARG",
    "E_CLOSURE",    "E_USE",        "E_ARROW",     "E_ASSIGN",    "E_ASSIGN_OP", "E_BIN",
    "E_UN",         "E_INCDEC",     "E_CAST",      "E_TERNARY",   "E_MATCH",     "E_ARM",
    "E_INSTANCEOF", "E_ISSET",      "E_EMPTY",     "E_CLONE",     "E_PRINT",     "E_EXIT",
    "E_INCLUDE",    "E_YIELD",      "E_THROW",     "E_SILENCE",   "E_BLADE",
};

static const char *const flag_names[] = {
    "public",   "protected", "private",  "static", "abstract", "final", "readonly", "byref",
    "variadic", "nullable",  "nullsafe", "unpack", "key",      "fcc",   "promoted", "view",
};

static const char *const op_names[] = {
    "",   "+",  "-",   "*",   "/", "%",  "**", ".",  "&&",  "||", "xor", "&", "|", "^", "<<", ">>",
    "==", "!=", "===", "!==", "<", "<=", ">",  ">=", "<=>", "??", "!",   "~", "+", "-", "|>",
};

static const char *const blade_names[] = {
    "directive", "include", "each",     "extends", "section", "yield",
    "component", "slot",    "livewire", "props",   "wire",
};

static const char *const class_names[] = { "class", "interface", "trait", "enum" };

#define WORD(table, i) ((i) < sizeof(table) / sizeof *(table) ? (table)[i] : "?")

const char *node_kind_name(enum node_kind kind)
{
    return (unsigned)kind < N_KINDS ? names[kind] : "?";
}

static void dump_op(const struct node *n, struct buf *out)
{
    switch (n->kind) {
    case E_BIN:
    case E_UN:
    case E_ASSIGN_OP:
        buf_addf(out, " %s", WORD(op_names, n->op));
        break;
    case E_BLADE:
        buf_addf(out, " %s", WORD(blade_names, n->op));
        break;
    case N_CLASS:
        buf_addf(out, " %s", WORD(class_names, n->op));
        break;
    case E_MCALL:
    case E_PROP:
    case E_SCALL:
    case E_SPROP:
        if (n->op)
            buf_addf(out, " +%u", n->op);
        break;
    default:
        if (n->op)
            buf_addf(out, " op=%u", n->op);
    }
}

static void dump_str(struct str s, struct buf *out)
{
    buf_adds(out, " \"");
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\n')
            buf_adds(out, "\\n");
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c < 32 || c == 127)
            buf_addf(out, "\\x%02x", c);
        else
            buf_addc(out, (char)c);
    }
    buf_addc(out, '"');
}

static void dump_node(const struct facts *f, const struct node *n, unsigned depth, struct buf *out)
{
    for (unsigned d = 0; d < depth; d++)
        buf_adds(out, "  ");
    buf_adds(out, node_kind_name((enum node_kind)n->kind));
    dump_op(n, out);
    for (unsigned b = 0; b < sizeof flag_names / sizeof *flag_names; b++)
        if (n->flags & 1u << b)
            buf_addf(out, " %s", flag_names[b]);
    if (n->s)
        dump_str(facts_str(f, n->s), out);
    buf_addf(out, " :%u\n", facts_line(f, n->off));
}

void facts_dump(const struct facts *f, struct buf *out)
{
    uint32_t ends[LIMIT_DEPTH + 16];
    unsigned depth = 0;
    for (uint32_t i = 0; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        while (depth && ends[depth - 1] <= i)
            depth--;
        dump_node(f, n, depth, out);
        if (depth < sizeof ends / sizeof *ends)
            ends[depth++] = n->skip;
    }
    const struct hole *h = facts_holes(f);
    for (uint32_t i = 0; i < f->nholes; i++)
        buf_addf(out, "hole :%u %u..%u\n", h[i].line, h[i].off, h[i].end);
    for (uint32_t i = 0; i < f->nignores; i++) {
        buf_adds(out, "ignore");
        dump_str(facts_str(f, facts_ignores(f)[i].s), out);
        buf_addf(out, " :%u\n", facts_ignores(f)[i].line);
    }
}
