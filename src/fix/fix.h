/* From a finding to edits that are kept only when they are proved.
 *
 * An edit is bytes in a file of a known hash. A fixer (fixers.h) turns a finding, with the flow that it came from, into
 * edits, or refuses with a reason: it refuses whenever it cannot show that behaviour stays. Sets of edits apply in any
 * order or say which conflict; everything outside an edit stays to the byte; the result must parse. What is applied is
 * journalled first, renamed last, and can be undone after a crash at any step.
 */
#ifndef FETTLE_FIX_H
#define FETTLE_FIX_H
#include "finding/finding.h"
#include "laravel/laravel.h"
#include "prove/prove.h"
#include "rules/rules.h"

/* --- edits --- */
struct edit_set { const struct edit *edits; size_t n; const char *summary; /* one line, imperative: a commit's subject */
                  const char *not_before; /* least Laravel version it is right for, NULL */ };
/* Applies edits that all belong to `text`, sorted or not; RC_STATE when two overlap or the hash is another one. */
int edits_apply(struct str text, uint64_t hash, const struct edit *, size_t n, struct buf *out, struct err *) MUST_CHECK;
bool edits_conflict(const struct edit_set *, const struct edit_set *, const char **ret_file, uint32_t *ret_off);
/* Writes the edited files of all sets into a folder by their paths (side B's overlay). The app's folder is only read. */
int edits_to_folder(const struct app *, const struct edit_set *const *sets, size_t n, const char *folder, struct err *) MUST_CHECK;
void edits_diff(const struct app *, const struct edit_set *, struct buf *out); /* unified diff, 3 lines of context */
int edits_parse(const struct app *, const struct edit_set *, struct err *) MUST_CHECK; /* does every result parse? */

/* --- fixers --- */
struct fix_in { const struct app *app; const struct flows *flows; const struct schema *schema; const struct workload *load;
                const struct finding *finding; const struct flow *flow; /* NULL: none matches */ };
enum fix_answer { FIX_EDITS, FIX_WRITTEN_OUT /* for a person, never applied */, FIX_REFUSED };
struct fix_out { enum fix_answer answer; struct edit_set set; const char *reason; /* of a refusal */ };
struct fixer { const char *name, *rule; const char *laravel; /* versions it is for: ">=9" */
               enum fix_answer (*run)(const struct fix_in *, struct arena *, struct fix_out *, struct err *); };
extern const struct fixer fixers[]; extern const size_t fixers_count;
/* Tries the fixers of the finding's rule in order; the first that does not refuse answers. */
int fix_plan(const struct fix_in *, struct arena *, struct fix_out *ret, struct err *) MUST_CHECK;

/* --- the loop --- */
enum fix_state { FIX_PLANNED, FIX_CHECKED, FIX_PROVED, FIX_KEPT, FIX_DROPPED, FIX_LEFT };
struct fix_step { const struct finding *finding; struct fix_out plan; enum fix_state state; const char *why;
                  const char *label /* of a kept one: "faster", "less work" */, *folder /* its edited files, while it runs */;
                  struct proof *proof; char commit[44]; };
struct fix_opts { const char *only_rule; const char *finding; /* number or id */ bool dry_run, interactive;
                  uint64_t budget_ns; struct prove_opts prove; const char *const *test_command; /* NULL: found */
                  bool (*ask)(void *ctx, const struct fix_step *); void *ask_ctx;
                  void (*progress)(void *ctx, const char *line); void *progress_ctx; volatile int *stop; };
struct fix_result { struct fix_step *steps; size_t nsteps; struct proof *whole; const char *branch; double seconds;
                    const char *tests; /* "148 tests pass", "no tests were found" */
                    const char *take, *why_patch; /* the command that takes it over; why it is a patch and no branch */ };
int fix_run(const struct app *, const struct flows *, const struct findings *, const struct workload *, const struct schema *,
            const struct fix_opts *, struct arena *, struct fix_result **ret, struct err *) MUST_CHECK;
int fix_undo(const char *dir, struct err *) MUST_CHECK; /* removes the branch, or puts files back by the journal */
#endif
