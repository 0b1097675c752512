/* Draws the report from the JSON above. Every value passes through html``, which escapes; nothing else writes markup. */
(() => {
  'use strict';
  const D = adapt(JSON.parse(document.getElementById('data').textContent));
  const $ = (s, e = document) => e.querySelector(s),
    $$ = (s, e = document) => [...e.querySelectorAll(s)];
  class Safe {
    constructor(s) {
      this.s = s;
    }
    toString() {
      return this.s;
    }
  }
  const ESC = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const val = v =>
    v instanceof Safe
      ? v.s
      : Array.isArray(v)
        ? v.map(val).join('')
        : v == null || v === false
          ? ''
          : String(v).replace(/[&<>"']/g, c => ESC[c]);
  const html = (s, ...v) => new Safe(s.reduce((a, x, i) => (i ? a + val(v[i - 1]) + x : x), ''));

  /* Numbers: three digits that matter, a narrow space before the unit, a true minus. */
  const NB = '\u202f',
    group = s => s.replace(/\B(?=(\d{3})+$)/g, ',');
  const num = v => {
    const a = Math.abs(v),
      s =
        a >= 10 || a === Math.round(a)
          ? group(String(Math.round(a)))
          : a >= 1
            ? a.toFixed(1)
            : String(+a.toFixed(2));
    return (v < 0 ? '\u2212' : '') + s;
  };
  const ms = v => num(v) + NB + 'ms',
    pct = v => (v < 9.95 && v > 0 && v % 1 ? v.toFixed(1) : Math.round(v)) + NB + '%';
  const signed = v => (v < 0 ? '\u2212' : '+') + Math.abs(v).toFixed(1) + NB + '%';
  const bytes = b => (!b ? '\u2013' : b >= 1e6 ? (b / 1e6).toFixed(1) + NB + 'MB' : num(b / 1e3) + NB + 'kB');
  /* A sentence begins with a capital, unless its first word is a name out of the code. */
  const cap = s => (/^[a-z]+[ ,:]/.test(s) ? s[0].toUpperCase() + s.slice(1) : s);
  const glue = s => s.replace(/(\d) (?=(ms|s|kB|MB|%)\b)/g, '$1' + NB);
  const many = (n, w, p) => num(n) + ' ' + (n === 1 ? w : p || w + 's');
  const KIND = {
    sql: 'SQL',
    php: 'PHP',
    view: 'Blade',
    lw: 'Livewire',
    ai: 'AI and HTTP',
    cache: 'Cache',
    boot: 'Framework',
  };
  /* A path may break behind its slashes. */
  const broken = s => s.split(/(?<=\/)/).map((t, i) => (i ? html`<wbr>${t}` : t));
  const at = f => (f.line ? f.file + ':' + f.line : f.file);

  const F = D.findings,
    byId = Object.fromEntries(F.map((f, i) => ((f.rank = i + 1), [f.id, f]))),
    R = D.routes,
    routeOf = Object.fromEntries(R.map(r => [r.id, r]));
  const slowest = Math.max(1, ...R.map(r => r.median_ms)),
    fastest = R.reduce((a, r) => (!a || r.median_ms < a.median_ms ? r : a), null);
  const routeName = id =>
    !routeOf[id] ? '' : (routeOf[id].method === 'LW' ? '' : routeOf[id].method + ' ') + routeOf[id].path;
  /* What the list shows unasked: what is ranked; of a result without measurements, what is likely too. */
  const MEASURED = R.length > 0,
    listed = f => f.tier === 'ranked' || (f.tier === 'suggested' && !MEASURED),
    LISTED = F.filter(listed).length;
  const TIERS = [
    ['suggested', 'not timed'],
    ['checklist', 'checklist'],
  ]
    .map(([tier, label]) => [tier, label, F.filter(f => f.tier === tier && !listed(f)).length])
    .filter(t => t[2]);
  const count = k => F.filter(f => listed(f) && f.severity === k).length,
    autos = F.filter(f => f.tier === 'ranked' && f.fix.kind === 'auto');
  const ruler = (max, n) => {
    const raw = max / n,
      p = 10 ** Math.floor(Math.log10(raw));
    return [1, 2, 5, 10].map(x => x * p).find(x => x >= raw * 0.8);
  };
  const bar = (parts, total) =>
    Object.entries(parts).map(
      ([k, v]) => html`<i class="k-${k}" style="width:${((v / total) * 100).toFixed(2)}%"></i>`,
    );

  const SEV = {
    error: '<circle cx="7" cy="7" r="6" fill="currentColor"/>',
    warning:
      '<path d="M7 1.2 13.2 12.6H.8z" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>',
    info: '<circle cx="7" cy="7" r="4" fill="none" stroke="currentColor" stroke-width="1.6"/>',
  };
  const sev = s =>
    html`<svg class="sev sev-${s}" viewBox="0 0 14 14" role="img" aria-label="${s}">${new Safe(SEV[s])}</svg>`;
  const MARK = {
    pass: '<path d="m2 7.5 3.2 3.3L12 3.6"/>',
    fail: '<path d="m3 3 8 8m0-8-8 8"/>',
    unknown: '<circle cx="7" cy="7" r="5" stroke-dasharray="2.4 2.2"/>',
  };
  const mark = s =>
    html`<svg class="${s}" width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" aria-hidden="true">${new Safe(MARK[s])}</svg>`;
  const CHEV = new Safe(
    '<svg class="chev" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path d="m5 2.5 4.5 4.5L5 11.5" fill="none" stroke="currentColor" stroke-width="1.7"/></svg>',
  );
  const copy = (text, label = 'Copy', what = '') =>
    html`<button class="copy" data-copy="${text}" aria-label="${label} ${what}">${label}</button>`;
  const cmd = text => html`<span class="cmd"><code>${text}</code>${copy(text, 'Copy', 'command')}</span>`;

  /* A sentence with its figures made heavy; the promised figure in green. */
  const speak = (s, good) =>
      s.split(/(?<=[.:]) (?=[A-Z0-9])/).map(t => html`<span>${figures(t, good)} </span>`),
    figures = (s, good) =>
      s
        .split(/(\/[\w\/{}-]+|\d[\d,.]*\d? ?(?:ms\b|%|queries|suspicions?|kB|MB|fixes|findings?|routes)|\d+ (?=were))/)
        .map((p, i) =>
          i % 2
            ? html`<b class="${good != null && parseFloat(p.replace(/,/g, '')) === good ? 'good' : ''}">${p.replace(' ', '\u00a0')}</b>`
            : p,
        );

  /* ---- head ---- */
  const date = t =>
    new Date(t).toLocaleString('en-GB', {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZone: 'UTC',
    }) + ' UTC';
  const facts = (id = 'how') => {
    const a = D.app,
      m = D.measured;
    return html`<div class="facts"><span><b>${a.name}</b>${a.commit && html` ${a.branch} at <code>${a.commit.slice(0, 7)}</code>`}${a.dirty ? `, ${many(a.dirty, 'file')} changed` : ''}</span>
  ${a.laravel && html`<span>Laravel ${a.laravel}</span>`}${a.php && html`<span>PHP ${a.php} ${a.sapi}</span>`}${a.livewire && html`<span>Livewire ${a.livewire}</span>`}${a.database && html`<span>${a.database}</span>`}<span>${date(m.at)}</span>
  <span>${R.length ? `${many(R.length, 'page')}, ${many(m.requests, 'request')}` : 'nothing was run'} <button aria-expanded="false" aria-controls="${id}" data-act="how">how measured</button></span></div>
  <dl class="how" id="${id}" hidden>${m.how.map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>`;
  };

  function ledger() {
    const L = D.summary.ledger;
    if (!L) return '';
    const r = routeOf[L.route],
      own = F.filter(f => f.route === L.route && f.cost && f.tier === 'ranked').slice(0, L.first),
      left = { ...r.parts },
      rest = L.after_ms,
      /* Costs of findings overlap: their slices share what they own together. */
      shrink = (r.median_ms - rest) / own.reduce((n, f) => n + f.cost.ms, 0);
    own.forEach(f => {
      for (const k in f.cost.parts) left[k] = Math.max(0, +((left[k] || 0) - f.cost.parts[k]).toFixed(2));
    });
    const w = v => `width:calc(${((v / r.median_ms) * 100).toFixed(3)}% - 1px)`,
      step = ruler(r.median_ms, innerWidth < 700 ? 4 : 8),
      ticks = [];
    for (let t = 0; t <= r.median_ms - step * 0.75; t += step)
      ticks.push(html`<span style="left:${(t / r.median_ms) * 100}%">${t}</span>`);
    return html`<figure class="ledger" aria-label="Where the ${ms(r.median_ms)} of ${routeName(r.id)} go"><div class="ledger-head"><span>${routeName(r.id)}, median request</span>
    <span class="legend">${Object.entries(r.parts).map(([k, v]) => html`<span><i class="k-${k}"></i>${KIND[k]} ${ms(v)}</span>`)}</span></div>
    <div class="slices">${own.map(f => html`<a href="#${f.id}" style="${w(f.cost.ms * shrink)}" aria-label="Finding ${f.rank}: ${ms(f.cost.ms)}">${bar(f.cost.parts, f.cost.ms)}${f.cost.ms / r.median_ms > 0.025 && html`<b>${f.rank}</b>`}</a>`)}<span class="${own.length ? 'rest' : ''}" style="${w(rest)}">${bar(left, rest)}</span></div>
    <div class="ruler" aria-hidden="true">${ticks}<span class="end" style="left:100%">${ms(r.median_ms)}</span></div>
    ${
      own.length > 0 &&
      html`<div class="owners">${own.map(f => html`<a href="#${f.id}" class="${f.cost.ms / r.median_ms < 0.07 ? 'slim' : ''}" style="${w(f.cost.ms * shrink)}"><strong>${f.rank}. ${ms(f.cost.ms)}, ${pct(f.cost.share * 100)}</strong><em>${cap(f.message)}</em></a>`)}<span style="${w(rest)}"><strong>${ms(rest)}</strong><em class="dim">the rest</em></span></div>
    <div class="after"><div class="slices" style="width:${(L.after_ms / r.median_ms) * 100}%;height:24px"><span style="width:100%"><i class="goal" style="opacity:1"></i></span></div><p><b>about ${ms(L.after_ms)}</b> without ${own.length === 1 ? 'it' : 'these ' + own.length}, ${(r.median_ms / L.after_ms).toFixed(1)} times as fast</p></div>`
    }</figure>`;
  }

  /* ---- findings ---- */
  const share = f => {
    if (!f.cost) return html`<span class="share"></span>`;
    const r = routeOf[f.route];
    return html`<span class="share"><span class="scale"><span class="track" style="width:${((r.median_ms / slowest) * 100).toFixed(2)}%">${bar(f.cost.parts, r.median_ms)}</span></span><small>${pct(f.cost.share * 100)} of ${r.path}</small></span>`;
  };
  const ticked = s =>
    s
      .split(/((?:\w+\([^)]*\))?(?:->\w+\([^)]*\)+)+|wire:[\w.:]+|\$[\w>-]+|php artisan [\w:]+|once\(.*\)|\w+\(\d+\))/)
      .map((p, i) => (i % 2 ? html`<code>${p}</code>` : p));
  const conf = c => html`<span class="conf ${c}"><span class="vh">confidence </span>${c}</span>`;
  const row = f =>
    html`<li class="f" id="${f.id}"><h3><button class="row" aria-expanded="false" aria-controls="d-${f.id}"><span class="lead-no">${sev(f.severity)}${f.rank}</span><span class="cost">${f.cost ? html`${num(f.cost.ms)} <small>ms</small>${f.growth?.ms ? html`<small class="as">as ${ms(f.growth.ms)}</small>` : ''}` : html`<span class="none">not timed</span>`}</span>${share(f)}<span class="main"><span class="msg">${cap(f.message)}</span><span class="where"><code>${at(f)}</code><em>${f.rule}</em></span></span><span class="do">${ticked(cap(f.advice))}</span><span class="bd"><span class="badge ${f.fix.kind}">${f.fix.kind}</span>${conf(f.confidence)}</span>${CHEV}</button></h3><div class="detail" id="d-${f.id}" hidden></div></li>`;

  const STR = '(//.*|\\{\\{--.*?--\\}\\}|\'(?:[^\'\\\\]|\\\\.)*\'|"(?:[^"\\\\]|\\\\.)*")',
    TOK = new RegExp(
      STR + '|\\b(public|private|protected|function|return|fn|new(?! ?\\()|use|static|foreach|as)\\b',
      'g',
    ),
    SQL = new RegExp(
      STR + '|\\b(select|from|where|order by|group by|inner join|limit|and|or|on|desc|like)\\b',
      'g',
    );
  const dedent = s => {
    const n = Math.min(
      ...s
        .split('\n')
        .filter(l => l.trim())
        .map(l => l.search(/\S/)),
    );
    return s
      .split('\n')
      .map(l => l.slice(n))
      .join('\n');
  };
  const tint = (s, re = TOK) => {
    const out = [];
    let i = 0;
    for (const m of s.matchAll(re)) {
      out.push(
        s.slice(i, m.index),
        html`<span class="${m[2] ? 't-k' : /^(\/\/|\{\{)/.test(m[0]) ? 't-c' : 't-s'}">${m[0]}</span>`,
      );
      i = m.index + m[0].length;
    }
    out.push(s.slice(i));
    return out;
  };
  function line(text, frag) {
    const i = frag ? text.indexOf(frag) : -1;
    return i < 0
      ? tint(text)
      : [tint(text.slice(0, i)), html`<mark>${tint(frag)}</mark>`, tint(text.slice(i + frag.length))];
  }
  const place = (p, i, n) =>
    html`<div class="place">${n > 1 && html`<b aria-hidden="true">${i + 1}</b>`}<header><strong>${p.role}</strong> ${p.note}<br><code>${p.file}:${p.line}</code></header><div class="code" tabindex="0" role="group" aria-label="${p.file}">${dedent(
      p.text,
    )
      .split('\n')
      .map((t, k) => {
        const no = p.start + k,
          m = p.marks.find(x => x[0] === no);
        return html`<span class="${m ? 'hit' : ''}"><span class="ln">${no}</span>${line(t, m && m[1])}</span>`;
      })}</div></div>`;
  const undent = s => {
    const ls = s.split('\n').filter(l => l[0] !== '@'),
      d = dedent(ls.map(l => l.slice(1)).join('\n')).split('\n');
    return ls.map((l, i) => l[0] + d[i]);
  };
  const diff = e =>
    html`<div class="edit"><header><code>${e.file}</code></header><div class="code" tabindex="0" role="group" aria-label="Change to ${e.file}">${undent(
      e.diff,
    ).map(t => {
      const c = t[0];
      return html`<span class="${c === '+' ? 'add' : c === '-' ? 'del' : ''}"><span class="sg">${c === '-' ? '\u2212' : c}</span>${c === ' ' ? tint(t.slice(1)) : t.slice(1)}</span>`;
    })}</div></div>`;
  const patch = f => f.fix.edits.map(e => `--- a/${e.file}\n+++ b/${e.file}\n${e.diff}\n`).join('');
  const block = (cls, text, marks = []) =>
    html`<div class="code ${cls}" tabindex="0" role="group">${text.split('\n').map((t, i) => html`<span class="${marks.includes(i) ? 'hit' : ''}">${cls === 'plan' ? t : tint(t, SQL)}</span>`)}</div>`;

  function detail(f) {
    const g = f.gain,
      s = f.statement,
      tr = f.trace && D.traces[f.trace];
    return html`<div class="in"><p class="lead">${glue(f.why)}</p>
  <dl class="tiles">${g && html`<div><dt>This page, this fix alone</dt><dd><s>${num(g.before)} →</s> <span class="good">${ms(g.after)}</span></dd></div>`}${g && g.queries && html`<div><dt>Queries</dt><dd><s>${g.queries[0]} →</s> ${g.queries[1]}</dd></div>`}${f.cost && f.cost.bytes && html`<div><dt>Payload</dt><dd>${bytes(f.cost.bytes)}</dd></div>`}
    <div><dt>Confidence</dt><dd>${f.confidence}${f.from === 'both' ? ', source and trace agree' : f.from === 'trace' ? ', from the trace' : ', from source alone'}</dd></div><div><dt>Fix</dt><dd>${{ auto: 'auto: fettle fix tries and proves it', suggest: 'suggest: for a person to decide' }[f.fix.kind] || 'none: for a person to find'}</dd></div>${f.growth && html`<div><dt>Grows</dt><dd>${num(f.growth.per_row)} ${f.growth.unit} a row of ${f.growth.table}${f.growth.ms ? html`; ranked as about ${ms(f.growth.ms)}, at ${num(f.growth.times)} times the rows` : ''}</dd></div>`}</dl>
  <div class="two"><div><h4>Where it comes from</h4>${f.places.map((p, i) => place(p, i, f.places.length))}</div>
    <div><h4>Do this ${f.fix.edits.length > 0 && html`<span>${copy(patch(f), 'Copy patch')}</span>`}</h4><p class="off">${ticked(cap(f.advice))}</p>${f.fix.edits.map(diff)}
      ${s && html`<h4 class="sub">Statement <span>${f.cost && f.cost.calls > 1 ? `${num(f.cost.calls)} a request` : ''}</span></h4>${block('wrap-sql', s.sql)}`}
      ${f.plan && html`<h4 class="sub">Plan now</h4>${block('plan', f.plan.before, f.plan.marks)}${f.plan.after && html`<h4 class="sub">Plan with the index</h4>${block('plan', f.plan.after)}`}${f.plan.note && html`<p class="note">${f.plan.note}</p>`}`}
      ${f.evidence.length > 0 && html`<h4 class="sub">Evidence</h4><table class="factsheet"><tbody>${f.evidence.map(e => html`<tr><td>${e.what}</td><td class="${typeof e.value === 'number' ? 'num' : 'val'}">${typeof e.value === 'number' ? num(e.value) : e.value}${e.unit && NB}${e.unit}</td><td>${e.source}</td></tr>`)}</tbody></table>`}<p class="note">${f.cost ? 'Times: requests on a private copy, after a warm-up. Counts: a separate deep run.' + (f.cost.invented ? ` Invented: ${f.cost.invented}.` : '') : MEASURED ? 'This path was not taken in the run, so it has no time.' : 'Nothing was run, so it has no time.'}</p></div></div>
  ${tr && html`<div><h4>In the request <span>${tr.route}, ${ms(tr.total)}</span></h4>${waterfall(tr, f.id)}</div>`}
  <div class="acts">${cmd(`fettle why ${f.full.slice(0, 8)}`)}${copy(location.href.split('#')[0] + '#' + f.id, 'Copy link', 'to this finding')}${copy(at(f), 'Copy place')}</div></div>`;
  }

  /* ---- waterfall: one lane for each line of the request; repeats are a comb under one bracket, a loop a bracket ---- */
  const LANES = 44;
  const form = l => (l.times > 1 ? (l.kids ? 'loop' : 'rep') : l.kids || l.kind === 'transaction' ? 'frame' : '');
  /* Which lanes are drawn: the dearest; of one finding, its own, what holds them, and the dearest around. */
  function chosen(tr, focus) {
    const keep = new Set(),
      up = l => {
        for (; l && !keep.has(l); l = tr.lanes[l.up]) keep.add(l);
      };
    const rank = [...tr.lanes].sort((a, b) => b.ms - a.ms);
    tr.lanes.filter(l => (focus ? l.found.includes(focus) : l.found.length)).forEach(up);
    const most = focus ? keep.size + 8 : LANES;
    for (const l of rank) if (keep.size < most && l.ms > tr.total / 100 && !(focus && l.depth > 4)) up(l);
    return tr.lanes.filter(l => keep.has(l));
  }
  function lane(l, tr, focus, step) {
    const T = tr.total,
      x = t => ((Math.min(t, T) / T) * 100).toFixed(2) + '%',
      f = form(l),
      m = l.marks,
      from = m.length ? m[0] : 0,
      to = m.length ? Math.max(...m.map((v, i) => (i % 2 ? v + m[i - 1] : 0))) : 0;
    let rects = '';
    for (let i = 0; i < m.length; i += 2)
      rects += `<rect ${f === 'frame' ? 'class="frame" ' : ''}x="${x(m[i])}" y="${f === 'rep' ? 14 : 6}" width="${Math.max(0.1, (m[i + 1] / T) * 100).toFixed(2)}%" height="${f === 'rep' ? 15 : 12}"/>`;
    const cap = f === 'loop' ? 27 : 11,
      brk = `<line class="brk" x1="${x(from)}" x2="${x(to)}" y1="6.5" y2="6.5"/><line class="brk" x1="${x(from)}" x2="${x(from)}" y1="6.5" y2="${cap}"/><line class="brk" x1="${x(to)}" x2="${x(to)}" y1="6.5" y2="${cap}"/>`,
      band = `<rect class="band" x="${x(from)}" y="${f === 'loop' ? 6 : 14}" width="${(((to - from) / T) * 100).toFixed(2)}%" height="${f === 'loop' ? 21 : 15}"/>`,
      svg = f === 'loop' ? band + brk : f === 'rep' ? band + brk + rects : rects,
      hot = focus && l.found.includes(focus),
      tip = [l.whole, l.at, l.rows != null && many(l.rows, 'row')].filter(Boolean).join('\n');
    return html`<li class="lane k-${l.hue} ${f} ${hot ? 'hot' : ''}"><div class="nm" style="padding-left:${12 + Math.min(l.depth, 9) * 12}px" title="${tip}">${
      !focus &&
      l.found
        .filter(id => byId[id])
        .slice(0, 3)
        .map(id => html`<a href="#${id}" aria-label="Finding ${byId[id].rank}">${byId[id].rank}</a>`)
    }${l.times > 1 && html`<b>${num(l.times)}${NB}×</b> `}${l.hue === 'sql' ? html`<code>${l.name}</code>` : l.name}</div><div class="tk" style="--step:${(step / T).toFixed(5)}"><svg aria-hidden="true">${new Safe(svg)}</svg></div><div class="num ${f === 'frame' ? 'dim' : ''}">${ms(l.ms)}</div></li>`;
  }
  function waterfall(tr, focus) {
    const step = ruler(tr.total, 6),
      ticks = [],
      lanes = chosen(tr, focus),
      left = tr.lanes.length - lanes.length;
    for (let t = 0; t < tr.total - step * 0.4; t += step)
      ticks.push(html`<span style="left:${((t / tr.total) * 100).toFixed(2)}%">${num(t)}</span>`);
    return html`<div class="wf ${focus ? 'focus' : ''}"><div class="axis" aria-hidden="true"><span></span><div>${ticks}</div><span class="num">ms</span></div><ol>${lanes.map(l => lane(l, tr, focus, step))}</ol>${left > 0 && !focus && html`<p class="left">${many(left, 'smaller line')} left out: <code>fettle trace</code> shows them.</p>`}</div>`;
  }

  /* ---- icicle: the same request by who called whom ---- */
  let frames = [];
  function grow(tr) {
    frames = [{ name: tr.route, hue: 'boot', d: 0, x: 0, w: tr.total, up: null, i: 0, kids: [], found: [] }];
    const of = [],
      used = [0];
    tr.lanes.forEach(l => {
      const up = l.up < 0 ? frames[0] : of[l.up];
      if (!up || l.kind === 'transaction') return;
      const x = up.x + used[up.i],
        w = Math.min(l.ms, up.x + up.w - x);
      if (w < tr.total / 500) return;
      const f = { name: (l.times > 1 ? num(l.times) + '\u202f× ' : '') + l.name, hue: l.hue, d: up.d + 1, x, w, up, i: frames.length, kids: [], found: l.found, at: l.at };
      used[up.i] += w;
      used.push(0);
      up.kids.push(f);
      frames.push((of[l.n] = f));
    });
  }
  const icicle = () =>
    html`<div class="ice" id="ice" role="group" aria-label="Icicle of one request. Arrow keys move, Enter enlarges, Escape goes back." style="height:${(Math.max(...frames.map(f => f.d)) + 1) * 23}px">${frames.map(f => html`<button data-i="${f.i}" tabindex="${f.i ? -1 : 0}" class="k-${f.hue} ${f.found.length ? 'hot' : ''}" style="top:${f.d * 23}px" aria-label="${f.name}, ${ms(f.w)}">${f.name}</button>`)}</div><p class="ice-say" id="ice-say" aria-live="polite"></p>`;
  let zoomed = 0;
  function zoom(i) {
    const wide = $('#ice').clientWidth;
    zoomed = i;
    const z = frames[i];
    $$('#ice button').forEach((b, k) => {
      const f = frames[k],
        l = Math.max(f.x, z.x),
        r = Math.min(f.x + f.w, z.x + z.w),
        w = ((r - l) / z.w) * 100;
      b.style.left = ((l - z.x) / z.w) * 100 + '%';
      b.style.width = Math.max(0, w) + '%';
      b.hidden = w <= 0;
      const small = w * wide < 3400; /* 34 pixels: too narrow for a word */
      b.style.paddingInline = small ? 0 : '';
      b.style.fontSize = small ? 0 : '';
    });
    tell(i);
  }
  function tell(i) {
    const f = frames[i],
      id = f.found.find(x => byId[x]),
      own = f.w - f.kids.reduce((a, k) => a + k.w, 0);
    $('#ice-say').innerHTML =
      html`<b>${f.name}</b> ${f.at && html`<code>${f.at}</code> `}${ms(f.w)}, ${pct((f.w / frames[0].w) * 100)} of the request${f.kids.length && own >= 0.05 ? `, ${ms(own)} of it its own` : ''}. ${id ? html`Finding <a href="#${id}">${byId[id].rank}. ${byId[id].message}</a>` : ''}${zoomed ? html` <span class="dim">Esc: whole request</span>` : ''}`;
  }

  /* One request drawn both ways; which one, the reader chooses. */
  const TRACES = Object.values(D.traces).sort((a, b) => b.total - a.total),
    first = D.traces[(D.summary.ledger || {}).route] || TRACES[0];
  const request = tr => {
    grow(tr);
    return html`<p class="cap">One timed request near the median of ${ms(routeOf[tr.id].median_ms)}. Above along time, below by what holds what. Boxed numbers and solid frames are findings.</p>${waterfall(tr)}${frames.length > 1 && icicle()}`;
  };
  const picker = () =>
    html`<select id="pick" aria-label="Which request">${TRACES.map(t => html`<option value="${t.id}" ${t === first && new Safe('selected')}>${routeName(t.id)}, ${ms(t.total)}</option>`)}</select><div id="req">${request(first)}</div>`;

  /* ---- routes ---- */
  const COLS = [
    ['path', 'Route'],
    ['median_ms', 'Time by kind; a tick is one request, the dark one the p95', 'time'],
    ['median_ms', 'Median', 'num'],
    ['p95_ms', 'p95', 'num'],
    ['queries', 'Queries', 'num'],
    ['sql_ms', 'SQL', 'num'],
    ['memory_bytes', 'Peak memory', 'num'],
    ['response_bytes', 'Response', 'num'],
    ['n', 'Findings', 'num'],
  ];
  let order = [2, -1];
  R.forEach(r => (r.n = F.filter(f => f.route === r.id).length));
  const top = Math.max(...R.map(r => Math.max(r.p95_ms, ...r.samples)));
  function routesBody() {
    const k = COLS[order[0]][0],
      rows = [...R].sort((a, b) => (a[k] < b[k] ? -1 : a[k] > b[k] ? 1 : 0) * order[1]);
    return rows.map(
      r => html`<tr><td class="route"><b>${r.method === 'LW' ? '' : html`<span class="dim">${r.method}</span> `}${broken(r.path)}</b><small>${r.action}${r.method === 'LW' ? ', Livewire update' : ''}</small></td>
    <td class="time"><span class="track">${bar(r.parts, top)}</span><svg aria-hidden="true">${r.samples.map(s => html`<line x1="${((s / top) * 100).toFixed(1)}%" x2="${((s / top) * 100).toFixed(1)}%" y1="1" y2="6"/>`)}<line class="p" x1="${(r.p95_ms / top) * 100}%" x2="${(r.p95_ms / top) * 100}%" y1="0" y2="9"/></svg></td>
    <td class="num big" data-l="median">${ms(r.median_ms)}</td><td class="num" data-l="p95">${ms(r.p95_ms)}</td><td class="num ${r.queries > 50 ? 'over' : ''}" data-l="queries">${r.queries}</td><td class="num" data-l="SQL">${ms(r.sql_ms)}</td><td class="num" data-l="peak memory">${bytes(r.memory_bytes)}</td><td class="num" data-l="response">${bytes(r.response_bytes)}</td><td class="num" data-l="findings">${r.n ? html`<a href="#findings?route=${r.id}">${r.n}</a>` : '0'}</td></tr>`,
    );
  }
  const routesHead = () =>
    COLS.map(([k, l, c], i) =>
      c === 'time'
        ? html`<th class="time">${l}</th>`
        : html`<th class="${c || ''}" ${order[0] === i ? new Safe(`aria-sort="${order[1] < 0 ? 'descending' : 'ascending'}"`) : ''}><button data-sort="${i}">${l}</button></th>`,
    );

  /* ---- checklists ---- */
  const numbered = n => F.find(f => f.number === n);
  const tally = () => {
    const all = D.checklists.flatMap(c => c.items),
      n = s => all.filter(i => i.status === s).length;
    return `${n('pass')} pass, ${n('fail')} fail, ${n('unknown')} unknown: not enough was seen to say.`;
  };
  const check = i => {
    const f = i.finding && numbered(i.finding);
    return html`<li class="chk">${mark(i.status)}<div><b>${i.name} <span class="${i.status}">${i.status}</span></b><p>${cap(i.text)}${f && html` <a href="#${f.id}">finding ${f.rank}</a>`}</p></div></li>`;
  };
  const checklists = () =>
    html`<div class="cols">${D.checklists.map(c => html`<div><h3>${c.name} <span>${c.items.filter(i => i.status === 'pass').length} of ${c.items.length} pass</span></h3><ul>${c.items.map(check)}</ul></div>`)}</div>`;

  /* ---- after fettle fix ---- */
  const P = D.proof,
    lo = -100,
    hi = 15,
    ex = v => (((Math.max(lo, Math.min(hi, v)) - lo) / (hi - lo)) * 100).toFixed(2) + '%';
  const GOOD = { faster: 'pass', 'less work': 'pass', slower: 'fail', behaviour: 'fail' };
  const verdict = v => html`<span class="vd v-${v.replace(' ', '-')}">${mark(GOOD[v] || 'unknown')}${v}</span>`;
  const percent = v => signed(v * 100);
  const between = e => (e.known ? `95${NB}% interval ${percent(e.lo)} to ${percent(e.hi)}` : `${many(e.pairs, 'pair')}: too few for an interval`);
  const eff = (e, cls) =>
    e &&
    html`<div class="eff v-${cls.replace(' ', '-')}"><b>${percent(e.effect)}</b> <small>${between(e)}</small>${e.known && html`<svg aria-hidden="true"><rect class="zone" x="${ex(-2)}" width="${((4 / (hi - lo)) * 100).toFixed(2)}%" height="24"/><line class="z" x1="0" x2="100%" y1="12" y2="12"/><line class="ci" x1="${ex(e.lo * 100)}" x2="${ex(e.hi * 100)}" y1="12" y2="12"/><circle class="pt" cx="${ex(e.effect * 100)}" cy="12" r="3.5"/></svg>`}</div>`;
  const median = v => {
    const s = [...v].sort((a, b) => a - b),
      n = s.length >> 1;
    return s.length % 2 ? s[n] : (s[n - 1] + s[n]) / 2;
  };
  /* Each window of a pair as a dot; the bar is the median of a side. */
  function dist(r, v) {
    const A = r.windows_a,
      B = r.windows_b;
    if (!A.length || !B.length) return '';
    const max = Math.max(...A, ...B) * 1.02,
      x = v => ((v / max) * 100).toFixed(2) + '%',
      a = median(A),
      b = median(B),
      label = (ws, m, y, text) => {
        const right = Math.max(...ws),
          left = Math.min(...ws),
          far = right / max > 0.55;
        return html`<text x="${x(far ? left : right)}" dx="${far ? -10 : 10}" y="${y}" text-anchor="${far ? 'end' : 'start'}" class="tx">${text} <tspan class="tb2">${ms(m)}</tspan></text>`;
      };
    const dots = (v, y, c) => html`<g class="${c}">${v.map(s => html`<circle cx="${x(s)}" cy="${y}" r="3"/>`)}</g>`;
    return html`<div class="dist"><svg role="img" aria-label="Before ${ms(a)}, after ${ms(b)}, ${A.length} pairs"><line x1="0" x2="100%" y1="12" y2="12"/><line x1="0" x2="100%" y1="36" y2="36"/>${dots(A, 12, 'b')}<line class="m" x1="${x(a)}" x2="${x(a)}" y1="4" y2="20"/>${dots(B, 36, 'a v-' + v.replace(' ', '-'))}<line class="m" x1="${x(b)}" x2="${x(b)}" y1="28" y2="44"/>${label(A, a, 16, 'before')}${label(B, b, 40, 'after')}</svg></div>`;
  }
  const fewer = r => r.counters.map(c => html`<span>${c.what} <s>${num(c.a)} →</s> <b>${num(c.b)}</b></span>`);
  const ran = c =>
    [
      `${c.responses_equal} of ${many(c.responses, 'response')} the same`,
      many(c.identities, 'user'),
      many(c.shapes, 'shape of data', 'shapes of data'),
      c.lines_edited ? `edited lines ran ${num(c.runs_of_edited_lines)} times` : 'no line of code edited',
      c.not_exercised && `not exercised: ${c.not_exercised}`,
    ]
      .filter(Boolean)
      .join(', ');
  const differs = d => html`<li><b>${d.what}</b> of ${d.route}${d.as && html`, as ${d.as}`}${d.where && html`, at <code>${d.where}</code>`}: <code>${d.a}</code> became <code>${d.b}</code></li>`;
  function step(s) {
    const p = s.proof,
      r = s.best;
    return html`<li class="pf"><div>${verdict(s.word)}${p && html`<p>${many(p.whole.pairs, 'pair')}, ${num(p.seconds)}${NB}s</p>`}${s.commit && html`<p><code>${s.commit.slice(0, 7)}</code></p>`}</div>
    <div><span class="msg">${cap(s.found ? s.found.message : s.message || s.summary || s.rule)}</span><span class="where"><code>${s.line ? s.file + ':' + s.line : s.file}</code><em>${s.rule}</em>${s.found && html`<a href="#${s.found.id}">finding ${s.found.rank}</a>`}</span>${s.state !== 'kept' && s.why && html`<p>${cap(s.why)}</p>`}${s.diff && html`<details><summary>${s.summary || 'The change'}</summary>${patches(s.diff)}</details>`}</div>
    <div>${r && dist(r, s.word)}${r && html`<p>${r.windows_a.length > 0 && 'CPU time of '}${r.route}</p>`}${r && r.counters.length > 0 && html`<p class="less">${fewer(r)}</p>`}</div>
    <div>${eff(s.effect, s.word === 'faster' ? 'faster' : s.word === 'less work' ? 'same' : s.word)}${p && html`<p>${ran(p.coverage)}</p>`}${p && p.cost_of_fix && html`<p class="bad">${p.cost_of_fix}</p>`}${p && p.differences.length > 0 && html`<ul class="diffs">${p.differences.slice(0, 5).map(differs)}</ul>`}</div></li>`;
  }
  /* A unified diff of one or more files, each as an edit. */
  const patches = text =>
    text
      .split(/^(?=--- )/m)
      .filter(t => t.trim())
      .map(t => {
        const lines = t.replace(/\n$/, '').split('\n'),
          name = (lines.find(l => l.startsWith('+++ ')) || '').replace(/^\+\+\+ (b\/)?/, '');
        return diff({ file: name, diff: lines.filter(l => !/^(---|\+\+\+) /.test(l)).join('\n') });
      });
  function spoken() {
    const w = P.whole,
      n = P.kept.length;
    if (!n) return `No fix is kept. ${many(P.dropped.length, 'was', 'were')} tried and dropped, ${P.left.length} left to you.`.replace(/(\d) (was|were) tried/, '$1 $2 tried');
    const best = w && [...w.routes].filter(r => r.cpu && r.cpu.verdict === 'faster' && r.a.latency_ms > r.b.latency_ms).sort((x, y) => y.a.latency_ms - y.b.latency_ms - x.a.latency_ms + x.b.latency_ms)[0];
    const fewest = [...P.kept].filter(s => s.best && s.best.counters[0] && s.best.counters[0].what === 'statements').sort((x, y) => x.best.counters[0].b - x.best.counters[0].a - y.best.counters[0].b + y.best.counters[0].a)[0];
    const second = best
      ? `${best.route} went from ${num(best.a.latency_ms)} ms to ${num(best.b.latency_ms)} ms.`
      : fewest
        ? `${fewest.best.route} went from ${fewest.best.counters[0].a} queries to ${fewest.best.counters[0].b} queries.`
        : '';
    return `${many(n, 'fix is', 'fixes are')} kept, ${P.dropped.length} dropped, ${P.left.length} left to you. ${second}`;
  }
  function wholeRow(r) {
    const v = r.cpu ? r.cpu.verdict : 'not timed',
      q = r.counters.find(c => c.what === 'statements');
    return html`<tr><td class="route"><b>${broken(r.route)}</b></td><td class="num" data-l="before">${r.a.latency_ms != null ? ms(r.a.latency_ms) : '–'}</td><td class="num big" data-l="after">${r.b.latency_ms != null ? ms(r.b.latency_ms) : '–'}</td><td data-l="queries" class="num">${q ? html`<s>${num(q.a)} →</s> ${num(q.b)}` : r.a.statements != null ? num(r.a.statements) : '–'}</td><td class="num" data-l="CPU">${r.cpu ? percent(r.cpu.effect) : '–'}</td><td data-l="interval">${r.cpu ? (r.cpu.known ? `${percent(r.cpu.lo)} to ${percent(r.cpu.hi)}` : `${many(r.cpu.pairs, 'pair')}, too few`) : r.why_not || ''}</td><td data-l="verdict">${verdict(v)}</td></tr>`;
  }
  const stepsOf = (id, title, what, list) =>
    list.length > 0 && html`<section id="${id}" aria-labelledby="h-${id}"><div class="sec"><h2 id="h-${id}">${title}</h2><p>${what}</p></div><ol>${list.map(step)}</ol></section>`;
  function proofView() {
    const w = P.whole,
      c = w && w.coverage,
      some = P.kept.find(s => s.proof) || P.dropped.find(s => s.proof),
      any = w || (some && some.proof);
    return html`<div class="v-proof">${facts('how-proof')}<h1 class="verdict">${speak(spoken())}</h1>
  ${P.take && html`<div class="next"><span>${P.branch ? html`On branch <code>${P.branch}</code>, one commit a fix. Your folder is untouched.` : 'As a patch. Your folder is untouched.'}</span>${cmd(P.take)}${P.branch && cmd('fettle fix --undo')}</div>`}
  ${w && html`<section id="same" aria-labelledby="h-same"><div class="sec"><h2 id="h-same">All kept fixes together</h2><p>${w.whole ? html`CPU time over all pages ${percent(w.whole.effect)}, ${between(w.whole)}: <b>${w.whole.verdict}</b>` : 'not timed'}${w.stopped_because === 'budget' ? ', when the budget ended' : ''}.</p></div>
  <dl class="oks"><div><dt>Responses</dt><dd>${mark(c.responses && c.responses_equal === c.responses ? 'pass' : c.responses ? 'fail' : 'unknown')}${c.responses_equal} of ${c.responses} the same</dd></div><div><dt>Who asked, and of what</dt><dd>${many(c.identities, 'user')}, ${many(c.shapes, 'shape of data', 'shapes of data')}</dd></div><div><dt>Edited lines</dt><dd>${mark(c.not_exercised ? 'unknown' : 'pass')}${c.not_exercised ? `${c.not_exercised.split(',').length} of ${c.lines_edited} did not run together` : `all ${c.lines_edited} ran`}</dd></div><div><dt>The app’s own tests</dt><dd>${mark(/pass/.test(P.tests || '') && !/fail/.test(P.tests) ? 'pass' : 'unknown')}${cap(P.tests || 'none were found')}</dd></div></dl>
  ${w.differences.length > 0 && html`<h3 class="sub">What differs</h3><ul class="diffs">${w.differences.slice(0, 10).map(differs)}</ul>`}
  <div class="scroll"><table class="tb routes after-tb"><thead><tr><th>Route</th><th class="num">Before</th><th class="num">After</th><th class="num">Queries</th><th class="num">CPU</th><th>95${NB}% interval</th><th>Verdict</th></tr></thead><tbody>${w.routes.map(wholeRow)}</tbody></table></div></section>`}
  ${stepsOf('kept', 'Kept', `Before and after ran side by side; a dot is one window. The grey band is ±2${NB}%: an interval inside it means the same. “Less work”: fewer statements, rows or models, and not slower.`, P.kept)}
  ${stepsOf('dropped', 'Dropped', 'Tried, and taken back.', P.dropped)}
  ${stepsOf('left', 'Left to you', 'Not applied, because.', P.left)}
  ${any && html`<section id="method" aria-labelledby="h-method"><div class="sec"><h2 id="h-method">How far to trust this</h2></div><dl class="how"><dt>Design</dt><dd>Before and after at the same moment on copies of the same data, in short windows in random ABBA order. One figure a window; requests are never pooled.</dd><dt>Test</dt><dd>Sign-flip permutation on log ratios, interval of their median, Holm over routes. At most ${num(any.alpha * 100)} of 100 runs like this one say faster or slower wrongly.</dd>${any.aa && any.aa.pairs > 0 && html`<dt>Control</dt><dd>The unchanged app against itself: ${percent(any.aa.effect)}, ${between(change(any.aa))}.</dd>`}<dt>Behaviour</dt><dd>The same requests from the same snapshot, with the clock still and chance seeded. What varies by itself was learnt first${any.masked_share > 0 ? html`; at most ${pct(any.masked_share * 100)} of a response was set aside for it` : ''}.</dd></dl></section>`}</div>`;
  }
  const change = v => ({ ...v, known: v.lo != null && v.hi != null && v.lo > -1 });

  /* ---- the page ---- */
  const opts = (list, all) =>
    html`<option value="">${all}</option>${list.map(([v, l]) => html`<option value="${v}">${l}</option>`)}`;
  const fams = [...new Set(F.map(f => f.family))].map(x => [
    x,
    `${x} (${F.filter(f => f.family === x).length})`,
  ]);
  const section = (id, h, p, body) =>
    html`<section id="${id}" aria-labelledby="h-${id}"><div class="sec"><h2 id="h-${id}">${h}</h2><p>${p}</p></div>${body}</section>`;
  const list =
    () => html`<div class="filters" role="search"><input type="search" id="q" placeholder="Search, or press /" aria-label="Search findings" autocomplete="off">${['error', 'warning', 'info'].filter(count).map(s => html`<button class="tog" aria-pressed="false" data-sev="${s}">${many(count(s), s, s === 'info' ? 'info' : s + 's')}</button>`)}<select id="fam" aria-label="Family">${opts(fams, 'All families')}</select><select id="rt" aria-label="Route" ${!MEASURED && new Safe('hidden')}>${opts(
      R.filter(r => r.n).map(r => [r.id, r.path]),
      'All routes',
    )}</select><button class="tog" aria-pressed="false" data-auto>auto only</button>${TIERS.map(([tier, label, n]) => html`<button class="tog" aria-pressed="false" data-tier="${tier}">${label} (${n})</button>`)}<output id="shown"></output><button class="btn" data-act="all">${F.length > 50 ? 'Open 50' : 'Open all'}</button></div>
  <div class="caps" aria-hidden="true"><span></span><span class="num">Cost</span><span>Share of its page</span><span>What and where</span><span>Do this</span><span>Fix</span><span></span></div><ol id="list" class="${F.length > 60 ? 'many' : ''}">${F.map(row)}</ol><p class="nomatch" id="nomatch" hidden>No finding matches. <button class="btn" data-act="clear">Clear the filters</button></p>`;
  const empty = () =>
    html`<div class="empty"><div><h3>What was looked at</h3><p>${D.measured.rules} rules read ${num(D.measured.files)} files and ${many(D.measured.requests, 'request')} to ${many(R.length, 'page')}.</p><p>This speaks for what was driven, with this data. The rest is listed under Skipped.</p></div></div>`;
  document.body.classList.toggle('untimed', !MEASURED);
  const MAIN = $('#main'),
    fixable = autos.length;
  const sections = {
    check: [
      ['findings', 'Findings', LISTED],
      ...(MEASURED ? [['routes', 'Routes', R.length]] : []),
      ...(first ? [['request', 'One request']] : []),
      ...(D.checklists.length ? [['checklists', 'Checklists']] : []),
      ['skipped', 'Skipped', D.skipped.length],
    ],
    proof: P
      ? [
          ...(P.whole ? [['same', 'Together']] : []),
          ['kept', 'Kept', P.kept.length],
          ['dropped', 'Dropped', P.dropped.length],
          ['left', 'Left to you', P.left.length],
          ['method', 'Method'],
        ]
      : [],
  };
  MAIN.innerHTML =
    html`<div class="v-check">${facts()}<h1 class="verdict">${speak(D.summary.verdict, D.summary.ledger && D.summary.ledger.after_ms)}</h1>${ledger()}
  ${F.length > 0 && html`<div class="next">${fixable > 0 && MEASURED ? html`<span><b>${fixable} of ${LISTED}</b> can be tried and proved by</span>${cmd('fettle fix .')}<span>on a branch; your folder stays as it is.</span>` : html`${!MEASURED && html`<span>What does each one cost?</span>${cmd('fettle check .')}`}<span>One finding whole, in the terminal:</span>${cmd('fettle why 1')}`}</div>`}
  ${F.length ? section('findings', 'Findings', MEASURED ? (F.some(f => f.growth?.ms) ? 'By measured cost, of small tables as that grows with their rows.' : 'By measured cost.') + ' The bar is the page, on one scale for all; the coloured part is the finding.' : 'By how sure the code makes it. fettle check measures what each one costs.', list()) : section('findings', 'In fine fettle', 'No findings. Here is how hard it was looked for.', empty())}
  ${MEASURED && section('routes', 'Routes', `${D.summary.before}. Median and p95 of the timed requests.`, html`<div class="scroll"><table class="tb routes"><thead><tr id="rh">${routesHead()}</tr></thead><tbody id="rb">${routesBody()}</tbody></table></div>`)}
  ${first && section('request', 'One request', '', picker())}
  ${D.checklists.length > 0 && section('checklists', 'Checklists', tally(), checklists())}
  ${section('skipped', 'Skipped', D.skipped.length ? 'What could not be read or driven, why, and what to do.' : 'Nothing. Everything that was found was read and driven.', html`<ul class="skp">${D.skipped.map(s => html`<li><b>${s.what}</b><p>${s.why}</p><p>${s.next}</p></li>`)}</ul>`)}</div>${P && proofView()}`.s;
  document.title = `${D.app.name}: ${many(LISTED, 'finding')}`;
  $('#views').innerHTML = P
    ? html`<button data-view="check" aria-pressed="true">Check</button><button data-view="proof" aria-pressed="false">After fix</button>`
        .s
    : '';
  $('#views').hidden = !P;
  $('#foot').innerHTML =
    html`<span>${D.tool}</span><span>${num(D.measured.rules)} rules on ${num(D.measured.files)} files, ${num(D.measured.requests)} requests in ${num(D.measured.took_s)}${NB}s</span><button data-act="help">Keys <kbd>?</kbd></button>`.s;

  /* ---- behaviour ---- */
  const say = t => ($('#say').textContent = t),
    hay = F.map(f => [f.message, f.rule, f.file, f.advice, f.id, routeName(f.route)].join(' ').toLowerCase()),
    S = { q: '', sev: new Set(), tiers: new Set(), fam: '', rt: '', auto: false };
  let lis = F.length ? [...$('#list').children] : [];
  function filter(write = true) {
    if (!F.length) return;
    let n = 0;
    const q = S.q.toLowerCase().split(/\s+/).filter(Boolean);
    F.forEach((f, i) => {
      const ok =
        (listed(f) || S.tiers.has(f.tier)) &&
        q.every(w => hay[i].includes(w)) &&
        (!S.sev.size || S.sev.has(f.severity)) &&
        (!S.fam || f.family === S.fam) &&
        (!S.rt || f.route === S.rt || f.route === '*') &&
        (!S.auto || f.fix.kind === 'auto');
      lis[i].hidden = !ok;
      n += ok;
    });
    $('#shown').textContent = n === LISTED && !S.tiers.size ? '' : `${n} of ${F.length}`;
    $('#nomatch').hidden = n > 0;
    $('#q').value = S.q;
    $('#fam').value = S.fam;
    $('#rt').value = S.rt;
    $$('[data-sev]').forEach(b => b.setAttribute('aria-pressed', S.sev.has(b.dataset.sev)));
    $('[data-auto]').setAttribute('aria-pressed', S.auto);
    $$('[data-tier]').forEach(b => b.setAttribute('aria-pressed', S.tiers.has(b.dataset.tier)));
    if (write) {
      const p = new URLSearchParams();
      S.q && p.set('q', S.q);
      S.sev.size && p.set('severity', [...S.sev].join());
      S.fam && p.set('family', S.fam);
      S.rt && p.set('route', S.rt);
      S.auto && p.set('fix', 'auto');
      S.tiers.size && p.set('tier', [...S.tiers].join());
      try {
        history.replaceState(null, '', '#findings' + (p + '' ? '?' + p : ''));
      } catch (e) {}
    }
  }
  function fill(li) {
    const d = $('.detail', li);
    if (!d.firstChild) d.innerHTML = detail(byId[li.id]).s;
    return d;
  }
  function toggle(li, on = !li.classList.contains('open')) {
    const d = fill(li);
    li.classList.toggle('open', on);
    $('.row', li).setAttribute('aria-expanded', on);
    if (on) d.removeAttribute('hidden');
    else d.setAttribute('hidden', 'until-found');
  }
  function view(v) {
    document.body.dataset.view = v;
    $$('#views button').forEach(b => b.setAttribute('aria-pressed', b.dataset.view === v));
    $('#nav').innerHTML = sections[v]
      .filter(s => document.getElementById(s[0]))
      .map(([id, l, n]) => html`<a href="#${id}">${l}${n != null && html`<sup>${n}</sup>`}</a>`)
      .join('');
    spy();
  }
  function go() {
    const [h, query] = decodeURIComponent(location.hash.slice(1)).split('?'),
      f = byId[h];
    if (h === 'proof') {
      view('proof');
      scrollTo(0, 0);
    } else if (sections.proof.some(s => s[0] === h)) view('proof');
    else if (!$('#nav').firstChild || (h && document.body.dataset.view !== 'check')) view('check');
    if (query != null && F.length) {
      const p = new URLSearchParams(query);
      S.q = p.get('q') || '';
      S.sev = new Set((p.get('severity') || '').split(',').filter(Boolean));
      S.fam = p.get('family') || '';
      S.rt = p.get('route') || '';
      S.auto = p.get('fix') === 'auto';
      S.tiers = new Set((p.get('tier') || '').split(',').filter(Boolean));
      filter(false);
    }
    if (f) {
      const li = document.getElementById(h);
      if (li.hidden) {
        S.q = S.fam = S.rt = '';
        S.sev.clear();
        S.auto = false;
        if (!listed(f)) S.tiers.add(f.tier);
        filter(false);
      }
      toggle(li, true);
      cursor(li, false);
      li.scrollIntoView();
      $('.row', li).focus({ preventScroll: true });
    } else if (h) {
      const e = document.getElementById(h);
      if (e) e.scrollIntoView();
    }
  }
  let cur = null;
  function cursor(li, focus = true) {
    cur && cur.classList.remove('cur');
    cur = li;
    li.classList.add('cur');
    if (focus) {
      $('.row', li).focus();
      li.scrollIntoView({ block: 'nearest' });
    }
  }
  function spy() {
    let on = null;
    for (const a of $$('#nav a')) {
      const e = document.getElementById(a.hash.slice(1));
      if (e && e.getBoundingClientRect().top < 140) on = a;
    }
    $$('#nav a').forEach(a =>
      a === on ? a.setAttribute('aria-current', 'true') : a.removeAttribute('aria-current'),
    );
  }
  async function clip(b) {
    const t = b.dataset.copy,
      was = b.textContent;
    try {
      await navigator.clipboard.writeText(t);
    } catch (e) {
      const a = document.createElement('textarea');
      a.value = t;
      a.className = 'vh';
      document.body.append(a);
      a.select();
      document.execCommand('copy');
      a.remove();
    }
    b.style.width = b.offsetWidth + 'px';
    b.textContent = 'Copied';
    b.classList.add('done');
    say('Copied');
    setTimeout(() => {
      b.textContent = was;
      b.classList.remove('done');
      b.style.width = '';
    }, 1200);
  }
  function theme() {
    const dark =
        getComputedStyle(document.documentElement).colorScheme === 'dark' ||
        (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches),
      t = dark ? 'light' : 'dark';
    document.documentElement.dataset.theme = t;
    try {
      localStorage.setItem('fettle-theme', t);
    } catch (e) {}
  }
  function all() {
    const vis = lis.filter(l => !l.hidden).slice(0, 50),
      on = vis.some(l => !l.classList.contains('open'));
    vis.forEach(l => toggle(l, on));
    $('[data-act=all]').textContent = on ? 'Close all' : F.length > 50 ? 'Open 50' : 'Open all';
  }
  const ACT = {
    how: b => {
      const on = b.getAttribute('aria-expanded') !== 'true';
      b.setAttribute('aria-expanded', on);
      b.closest('.facts').nextElementSibling.hidden = !on;
    },
    all,
    help: () => $('#help').showModal(),
    clear: () => {
      S.q = S.fam = S.rt = '';
      S.sev.clear();
      S.auto = false;
      filter();
    },
  };

  document.addEventListener('click', e => {
    const b = e.target.closest('button, a');
    if (!b) return;
    const d = b.dataset;
    if (d.copy != null) clip(b);
    else if (d.act) ACT[d.act](b);
    else if (d.sev) {
      S.sev.has(d.sev) ? S.sev.delete(d.sev) : S.sev.add(d.sev);
      filter();
    } else if (d.auto != null) {
      S.auto = !S.auto;
      filter();
    } else if (d.tier) {
      S.tiers.has(d.tier) ? S.tiers.delete(d.tier) : S.tiers.add(d.tier);
      filter();
    } else if (d.view) {
      view(d.view);
      scrollTo(0, 0);
      try {
        history.replaceState(null, '', d.view === 'proof' ? '#proof' : location.href.split('#')[0]);
      } catch (e) {}
    } else if (b.id === 'theme') theme();
    else if (d.i) {
      zoom(+d.i === zoomed ? 0 : +d.i);
    } else if (d.sort) {
      const i = +d.sort;
      order = [i, order[0] === i ? -order[1] : i ? -1 : 1];
      $('#rh').innerHTML = routesHead().map(val).join('');
      $('#rb').innerHTML = routesBody().map(val).join('');
      $(`[data-sort="${i}"]`).focus();
    } else if (b.classList.contains('row')) {
      const li = b.closest('.f');
      toggle(li);
      cursor(li, false);
    } else if (b.hash && b.hash === location.hash) {
      e.preventDefault();
      go();
    }
  });
  document.addEventListener('input', e => {
    if (e.target.id === 'q') {
      S.q = e.target.value;
      cancelAnimationFrame(busyQ);
      busyQ = requestAnimationFrame(() => filter());
    }
  });
  document.addEventListener('change', e => {
    if (e.target.id === 'fam') {
      S.fam = e.target.value;
      filter();
    }
    if (e.target.id === 'pick') {
      $('#req').innerHTML = request(D.traces[e.target.value]).s;
      ready();
    }
    if (e.target.id === 'rt') {
      S.rt = e.target.value;
      filter();
    }
  });
  document.addEventListener('beforematch', e => {
    const li = e.target.closest('.f');
    if (li) toggle(li, true);
  });
  function ready() {
    const ice = $('#ice');
    if (!ice) return;
    zoom(0);
    ice.addEventListener('mouseover', e => e.target.dataset.i && tell(+e.target.dataset.i));
    ice.addEventListener('focusin', e => tell(+e.target.dataset.i));
    ice.addEventListener('keydown', e => {
      const f = frames[+document.activeElement.dataset.i],
        sib = f && f.up ? f.up.kids : [];
      const to = {
        ArrowUp: f.up,
        ArrowDown: f.kids[0],
        ArrowLeft: sib[sib.indexOf(f) - 1],
        ArrowRight: sib[sib.indexOf(f) + 1],
      }[e.key];
      if (e.key === 'Escape') zoom(0);
      if (to) {
        e.preventDefault();
        const b = ice.children[to.i];
        if (!b.hidden) b.focus();
      }
    });
  }
  ready();
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || $('#help').open) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) {
      if (e.key === 'Escape') {
        if (e.target.id === 'q' && S.q) {
          S.q = '';
          filter();
        }
        e.target.blur();
      }
      return;
    }
    const vis = lis.filter(l => !l.hidden),
      i = vis.indexOf(cur),
      K = {
        j: () => vis[i + 1] && cursor(vis[i + 1]),
        k: () => vis[i - 1] && cursor(vis[i - 1]),
        e: () => F.length && all(),
        c: () => cur && (fill(cur), clip($('.acts .copy', cur))),
        t: theme,
        v: () => P && $(`#views [aria-pressed=false]`).click(),
        '?': () => $('#help').showModal(),
        '/': () => {
          const q = $('#q');
          if (q) {
            e.preventDefault();
            q.focus();
          }
        },
      }[e.key];
    if (K) K();
  });
  let busy = 0,
    busyQ = 0;
  addEventListener(
    'scroll',
    () => {
      if (!busy)
        busy = requestAnimationFrame(() => {
          busy = 0;
          spy();
        });
    },
    { passive: true },
  );
  addEventListener('hashchange', go);
  if (P && !location.hash) view('proof');
  go();
  filter(false);
  /* The browser gives the focus to the fragment after this has run; take it back. */
  addEventListener('load', () =>
    setTimeout(() => {
      const li = cur && location.hash === '#' + cur.id && cur;
      if (li) $('.row', li).focus({ preventScroll: true });
    }, 30),
  );
  /* Let the browser's own search find text inside closed findings, as long as they are few. */
  if (F.length <= 40 && 'requestIdleCallback' in window)
    requestIdleCallback(() =>
      lis.forEach(l => {
        if (!l.classList.contains('open')) {
          fill(l).setAttribute('hidden', 'until-found');
        }
      }),
    );
})();
