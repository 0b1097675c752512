/* Tokens of SQL text. Inside the sql room only.
 *
 * The lexer is total: every byte string gives a sequence of tokens that ends; an unclosed quote or
 * comment runs to the end of the text. It allocates nothing. */
#ifndef FETTLE_SQL_TOKEN_H
#define FETTLE_SQL_TOKEN_H
#include "sql/sql.h"

enum sql_token_kind {
    TK_END,
    TK_WORD,   /* bare identifier or keyword */
    TK_QUOTED, /* "x", `x`, [x]: an identifier in quotes */
    TK_NUMBER,
    TK_STRING,
    TK_PARAM, /* ?, ?1, $1, :name, @name */
    TK_OP,
    TK_OPEN,
    TK_CLOSE,
    TK_COMMA,
    TK_DOT,
    TK_SEMI,
};

struct sql_token {
    uint32_t off, n; /* n includes quotes */
    uint8_t kind;    /* enum sql_token_kind */
    bool keyword;    /* a word that sql_is_keyword knows */
    bool spaced;     /* white space or a comment stands before it */
};

struct sql_lexer {
    const char *p;
    uint32_t n, at;
    enum dialect dialect;
};

/* UNKNOWN is settled by the text: a backtick means MySQL. */
void sql_lex_start(struct sql_lexer *, struct str sql, enum dialect);
bool sql_lex(struct sql_lexer *, struct sql_token *ret); /* false: TK_END */
bool sql_is_keyword(const char *p, uint32_t n);
/* The text between the quotes of a TK_QUOTED or TK_STRING token; prefixes such as E'' are cut too.
 */
struct str sql_unquote(struct str token);
#endif
