/* The result's JSON (schema 1, docs/json.md) in the shape that this page draws: routes by id, parts by hue, places with
   their marks, diffs out of edits. Nothing is invented here: what was not measured stays absent. */
function adapt(J) {
  const HUE = {
    sql: 'sql',
    php: 'php',
    view: 'view',
    livewire: 'lw',
    ai: 'ai',
    cache: 'cache',
    framework: 'boot',
  };
  const routes = J.routes.map((r, i) => {
    const m = /^(GET|POST|PUT|PATCH|DELETE) (.*)$/.exec(r.name),
      parts = {};
    for (const k in r.parts)
      if (r.parts[k] > 0) parts[HUE[k] || 'php'] = (parts[HUE[k] || 'php'] || 0) + r.parts[k];
    return {
      id: 'r' + (i + 1),
      name: r.name,
      method: m ? m[1] : r.name.startsWith('livewire ') ? 'LW' : '',
      path: m ? m[2] : r.name.replace(/^livewire .*?(\w+)$/, '$1'),
      action: (r.action || '').replace(/^.*\\/, ''),
      median_ms: r.median_ms,
      p95_ms: r.p95_ms,
      queries: r.queries,
      sql_ms: r.parts.sql || 0,
      memory_bytes: r.memory_bytes,
      response_bytes: r.response_bytes,
      livewire_bytes: r.livewire_bytes || 0,
      parts,
      samples: r.samples,
    };
  });
  const byName = Object.fromEntries(routes.map(r => [r.name, r])),
    hues = f => ({ [HUE[f.cost.kind] || 'php']: f.cost.ms });
  const role = {
    query: 'The query',
    loop: 'The loop',
    read: 'The read',
    relation: 'The relation',
    call: 'The call',
    view: 'The view',
    schema: 'The schema',
    setting: 'The setting',
    here: 'Here',
  };
  const findings = J.findings.map(f => {
    const r = byName[f.route],
      timed = f.cost && f.cost.ms != null && r;
    return {
      ...f,
      id: 'f' + f.id.slice(0, 8),
      full: f.id,
      route: r ? r.id : '',
      cost: timed ? { ...f.cost, parts: hues(f) } : null,
      advice: f.advice || '',
      why: f.why || '',
      family: f.family || 'other',
      gain:
        timed && r.median_ms > f.cost.ms ? { before: r.median_ms, after: r.median_ms - f.cost.ms } : null,
      places: (f.places || [])
        .filter(p => p.text)
        .map(p => ({
          ...p,
          role: role[p.role] || p.role,
          note: p.note || '',
          text: p.text.replace(/\n$/, ''),
          marks: [[p.line, '']],
        })),
      statement: f.statement ? { sql: f.statement } : null,
      plan: f.plan ? { before: f.plan, marks: [], note: '' } : null,
      fix: { kind: f.fix.kind, edits: (f.fix.edits || []).filter(e => e.diff) },
      trace: null,
    };
  });
  const tier = name => findings.filter(f => f.tier === name);
  const L = J.summary.ledger,
    first = L ? byName[L.route] : null,
    m = J.measured,
    a = J.app;
  const how = [
    [
      'Instance',
      m.walls
        ? `A private php-fpm of the app's own PHP behind ${m.walls}, on a copy of the database (${a.database || 'none'}). Nothing of yours was changed.`
        : 'Nothing was run: the code was read, nothing else.',
    ],
    m.user && ['As whom', m.user],
    m.walls && [
      'Two runs',
      'Counts come from a deep run, times from another one with the light recorder, so that its own cost is in no figure.',
    ],
    m.problem && ['Not run', m.problem + (m.next ? '. ' + m.next : '')],
  ].filter(Boolean);
  return {
    ...J,
    routes,
    findings: [...tier('ranked'), ...tier('suggested'), ...tier('checklist')],
    traces: {},
    profile: null,
    checklists: J.checklists || [],
    proof: J.proof || null,
    measured: {
      ...m,
      how,
      files: a.files,
      per_route: routes.length
        ? Math.round(routes.reduce((n, r) => n + r.samples.length, 0) / routes.length)
        : 0,
      warmup: 1,
    },
    summary: {
      ...J.summary,
      ledger: first ? { route: first.id, first: L.first, after_ms: L.after_ms } : null,
      before: `${String(a.routes)} routes known, ${routes.length} pages and components driven`,
    },
    skipped: (J.skipped || []).map(s => ({
      what: s.what + (s.line ? ':' + s.line : ''),
      why: s.why || '',
      next: s.next || '',
    })),
  };
}
