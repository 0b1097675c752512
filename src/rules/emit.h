/* What every rule needs to say something: a draft of a finding whose texts are formatted into an arena, places out of
 * nodes and flows, and words for people out of names of code. */
#ifndef FETTLE_RULES_EMIT_H
#define FETTLE_RULES_EMIT_H
#include "rules/rules.h"

enum { DRAFT_RELATED = 16, DRAFT_EVIDENCE = 12 };

struct draft {
    struct finding f;
    struct place related[DRAFT_RELATED];
    struct evidence evidence[DRAFT_EVIDENCE];
    const struct rule_in *in;
    struct arena *arena;
};

/* Starts a finding of a rule with the rule's class, severity and fix kind. */
struct draft draft_new(const struct rule_in *, const char *rule, struct arena *);
const char *draft_text(struct draft *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void draft_at(struct draft *, struct ref at);                    /* place and symbol */
void draft_related(struct draft *, struct ref at, enum role role, const char *note);
void draft_related_line(struct draft *, const char *file, uint32_t line, enum role role, const char *note);
void draft_number(struct draft *, const char *what, double value, const char *unit, enum source);
void draft_fact(struct draft *, const char *what, const char *text, enum source);
/* Cost on one route: ms a request, and its share of the route's median. Makes the finding a ranked one. */
void draft_cost(struct draft *, uint32_t route, double ms, double calls, enum time_kind);
/* A select without a limit: the more rows its table has, the more it reads. */
bool reads_with_table(const char *sql);
/* The same, and of the table or of one owner: its rows are a share of the table's. */
bool grows_with_table(const char *sql);
/* Rows that belong to something of the application's (a message to its chat) come with use; a list of countries does not. */
bool comes_with_use(const struct app *, const char *table);
/* How many times its rows the table is taken to have for the ranking: 1 unless it has fewer than reference_rows. */
double rows_times(const struct rule_in *, const char *table);
/* The cost of this finding is in proportion to the rows of its table: says so, with the cost at the size that the
 * ranking is for. */
void draft_grows(struct draft *, const char *table);
int draft_emit(struct draft *, struct findings *, struct err *) MUST_CHECK;

const char *ref_path(const struct app *, struct ref);            /* relative path of the file, "" for none */
uint32_t ref_line(const struct app *, struct ref);               /* where the node begins */
uint32_t ref_own_line(const struct app *, struct ref);           /* of a call or property in a chain: of its own name */
/* The line where a query that runs at `line` is best read: of its with(), else of the head of its chain. */
uint32_t chain_line(const struct app *, const char *file, uint32_t line);
uint32_t head_line(const struct app *, const char *file, uint32_t line); /* of the head, with() or not */
struct ref chain_ref(const struct app *, const char *file, uint32_t line); /* the chain itself; REF_NONE: none there */
/* Is this line one of the lines of the node (or next to them)? A chain of calls spans lines, and the engine names
 * another one of them than the parser. */
bool ref_covers(const struct app *, struct ref, const char *file, uint32_t line);
const char *symbol_of(const struct app *, struct ref, struct arena *); /* "App\\X::method", view name or path */
const char *symbol_at(const struct app *, const char *file, uint32_t line, struct arena *);
bool file_of_app(const struct app *, const char *path, uint32_t *ret_file);
uint32_t class_of(const struct app *, struct ref);               /* class that holds the node; NO_CLASS */
/* The class of the row that the loop goes through. A count's own model is what it counts: its relation says whose it is. */
uint32_t flow_row_class(const struct app *, const struct flow *);
const struct method *method_at(const struct app *, const char *file, uint32_t line, uint32_t *ret_class);

/* What the trace saw at a place, on the route where it costs most. */
struct seen {
    bool found;
    uint32_t route, routes;      /* route: index into the workload; routes: on how many it was seen */
    double ms, calls, rows, models, bytes; /* a request */
    const struct wcaller *caller; /* of the dearest statement, NULL: none */
    bool in_tx;
};
enum { SEEN_SQL = 1, SEEN_WRITES = 2, SEEN_HYDRATE = 4, SEEN_HTTP = 8, SEEN_CACHE = 16 };
struct seen seen_at(const struct rule_in *, struct ref, unsigned what);
void draft_seen(struct draft *, const struct seen *, enum time_kind); /* cost and evidence; nothing when not found */

/* "ChatSession" -> "chat session"; "lastMessage" -> "last message". */
const char *words_of(const char *name, struct arena *);
const char *plural_of(const char *words, struct arena *);
const char *model_words(const struct app *, uint32_t cls, bool plural, struct arena *); /* "rows" when unknown */
#endif
