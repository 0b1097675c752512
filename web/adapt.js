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
      parts,
      samples: r.samples,
    };
  });
  /* The hue of each kind of span, and how its name is said on one line. */
  const KINDS = {
    sql: 'sql',
    prepare: 'sql',
    connect: 'sql',
    transaction: 'sql',
    view: 'view',
    livewire: 'lw',
    http: 'ai',
    ai: 'ai',
    cache: 'cache',
    redis: 'cache',
    middleware: 'boot',
    boot: 'boot',
  };
  const short = s => s.replace(/[\w\\]*\\(?=\w)/g, ''),
    /* A statement's table matters more than its columns. */
    brief = s => {
      let depth = 0,
        at = 0;
      if (/^select /i.test(s))
        for (let i = 0; i < s.length && !at; i++) {
          depth += (s[i] === '(') - (s[i] === ')');
          if (!depth && /^ from /i.test(s.slice(i, i + 6))) at = i;
        }
      return (at > 31 ? 'select …' + s.slice(at) : s).replace(/["`]/g, '');
    },
    say = l =>
      l.kind === 'sql' || l.kind === 'prepare'
        ? brief(l.name)
        : l.kind === 'connect'
          ? 'connect to ' + l.name.replace(/:.*/s, '')
        : l.kind === 'controller' || l.kind === 'view'
          ? short(l.name)
          : `${l.kind} ${l.word ? l.word + ' ' : ''}${short(l.name || '')}`;
  /* One request: lines in preorder become lanes, each with the number of its parent. */
  const traces = {};
  J.routes.forEach((r, i) => {
    if (!r.trace || !r.trace.lines.length) return;
    const path = [];
    const lanes = r.trace.lines.map((l, n) => {
      path.length = l.depth - 1;
      const lane = {
        n,
        up: path.length ? path[path.length - 1] : -1,
        depth: l.depth - 1,
        hue: KINDS[l.kind] || 'php',
        kind: l.kind,
        name: say(l),
        whole: l.name,
        at: l.file ? l.file + ':' + l.line : '',
        times: l.count || 1,
        rows: l.rows,
        ms: l.ms,
        marks: l.at,
        kids: 0,
        found: [],
      };
      path.push(n);
      return lane;
    });
    lanes.forEach(l => l.up >= 0 && lanes[l.up].kids++);
    traces['r' + (i + 1)] = { id: 'r' + (i + 1), route: r.name, total: r.trace.ms, lanes };
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
  /* Two lines above and below are enough to know the place again. */
  const excerpt = p => {
    const from = Math.max(p.start, p.line - 2),
      lines = p.text.replace(/\n$/, '').split('\n').slice(from - p.start, from - p.start + 5);
    return { ...p, role: role[p.role] || p.role, note: p.note || '', start: from, text: lines.join('\n'), marks: [[p.line, '']] };
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
        .filter((p, i, all) => !all.some((q, k) => q.file === p.file && q.line === p.line && (p.role === 'here' ? k !== i : k < i && q.role !== 'here')))
        .map(excerpt),
      statement: f.statement ? { sql: f.statement } : null,
      plan: f.plan ? { before: f.plan, marks: [], note: '' } : null,
      fix: { kind: f.fix.kind, edits: (f.fix.edits || []).filter(e => e.diff) },
      trace: null,
    };
  });
  /* A line belongs to a finding of its route when it stands at one of the finding's places: repeats to what repeats. */
  findings.forEach(f => {
    const t = traces[f.route];
    if (!t || !f.cost) return;
    const places = new Set([f, ...(f.related || [])].map(p => p.file + ':' + p.line)),
      repeats = /^n-plus-one|in-accessor|duplicate|read-loop|sequential|unbatched|per-model/.test(f.rule);
    t.lanes.forEach(l => {
      const here = places.has(l.at) && (!repeats || l.times > 1) && l.kind !== 'transaction';
      if (here || (l.kind === 'sql' && f.statement && l.whole === f.statement.sql)) l.found.push(f.id);
    });
    if (t.lanes.some(l => l.found.includes(f.id))) f.trace = f.route;
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
    m.invented && ['Invented', m.invented[0].toUpperCase() + m.invented.slice(1) + '.'],
    m.problem && ['Not run', m.problem + (m.next ? '. ' + m.next : '')],
  ].filter(Boolean);
  /* What fettle fix did: each step with the figures of the page where it matters most. */
  const worth = v => v != null && isFinite(v),
    change = v => (v && v.pairs > 0 ? { ...v, known: worth(v.lo) && worth(v.hi) && v.lo > -1 } : null),
    gap = r => (worth(r.a.cpu_ms) && worth(r.b.cpu_ms) ? Math.abs(Math.log(r.b.cpu_ms / r.a.cpu_ms)) : -1);
  const COUNTERS = [
    ['statements', 'statements'],
    ['rows', 'rows'],
    ['models', 'models'],
    ['cache', 'cache calls'],
    ['http', 'outgoing calls'],
    ['bytes', 'bytes sent'],
  ];
  const counters = r =>
    COUNTERS.filter(([k]) => worth(r.a[k]) && worth(r.b[k]) && r.a[k] !== r.b[k]).map(([k, w]) => ({ what: w, a: r.a[k], b: r.b[k] }));
  const proofRoute = r => ({ ...r, cpu: change(r.cpu), latency: change(r.latency), counters: counters(r) });
  const fixed = s => {
    const p = s.proof,
      all = p ? p.routes.map(proofRoute).sort((x, y) => gap(y) - gap(x)) : [],
      r = all.find(x => x.windows_a.length) || all[0];
    return {
      ...s,
      found: findings.find(f => f.full === s.finding),
      best: r,
      effect: p && change(p.whole),
      word: s.state === 'kept' ? (p && p.verdict === 'faster' ? 'faster' : 'less work') : s.state === 'dropped' ? (p && !p.same_behaviour ? 'behaviour' : p && p.verdict !== 'faster' ? p.verdict : 'dropped') : 'yours',
    };
  };
  const X = J.fix,
    steps = X ? X.steps.map(fixed) : [];
  const proof = X && {
    ...X,
    kept: steps.filter(s => s.state === 'kept'),
    dropped: steps.filter(s => s.state === 'dropped'),
    left: steps.filter(s => s.state !== 'kept' && s.state !== 'dropped'),
    whole: X.whole && { ...X.whole, whole: change(X.whole.whole), aa: change(X.whole.aa), routes: X.whole.routes.map(proofRoute).sort((x, y) => (y.a.latency_ms || 0) - (x.a.latency_ms || 0)) },
  };
  return {
    ...J,
    routes,
    findings: [...tier('ranked'), ...tier('suggested'), ...tier('checklist')],
    traces,
    checklists: J.checklists || [],
    proof: proof || null,
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
