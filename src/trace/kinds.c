/* What the kinds of spans are called, in one table. */
#include "trace/trace.h"

static const char *const kind_names[FW_SPAN_KINDS] = {
    [FW_SQL] = "sql",
    [FW_SQL_PREPARE] = "prepare",
    [FW_SQL_CONNECT] = "connect",
    [FW_TX] = "transaction",
    [FW_REDIS] = "redis",
    [FW_HTTP_CALL] = "http",
    [FW_CACHE] = "cache",
    [FW_VIEW] = "view",
    [FW_LIVEWIRE_PHASE] = "livewire",
    [FW_LAZY] = "lazy",
    [FW_HYDRATE] = "hydrate",
    [FW_QUEUE_PUSH] = "queue",
    [FW_JOB_RUN] = "job",
    [FW_COMMAND] = "command",
    [FW_CONTROLLER] = "controller",
    [FW_MIDDLEWARE] = "middleware",
    [FW_EVENT] = "event",
    [FW_MAIL] = "mail",
    [FW_FILE] = "file",
    [FW_SLEEP] = "sleep",
    [FW_AI] = "ai",
    [FW_BOOT] = "boot",
    [FW_GC] = "gc",
    [FW_CALL] = "call",
};

const char *span_kind_name(unsigned kind)
{
    return kind < FW_SPAN_KINDS && kind_names[kind] ? kind_names[kind] : "other";
}
