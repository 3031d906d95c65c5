// What can be filtered, read from the page once.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const codes = text => (text ? text.split(' ') : []);

// What passes or does not apply, which the page tells by code alone: the same for every live version.
const quietResults = () => {
  const controls = new Map(all('#findings [data-control-of]').map(row => [row.dataset.controlOf, row]));
  const known = new Map();
  const of = status => control => {
    const key = `${status} ${control}`;
    if (!known.has(key)) {
      const row = controls.get(control);
      known.set(key, { words: row?.textContent.toLowerCase() ?? '', status, severity: row?.dataset.severity, controls: [control] });
    }
    return known.get(key);
  };
  return ({ pass, na }) => [...codes(pass).map(of('pass')), ...codes(na).map(of('not_applicable'))];
};

const readVersions = quiet => all('#live-versions tr[data-live]').map(row => {
  const named = all('.main, [data-label="Model version"], [data-label="Owner"]', row);
  return {
    row,
    section: document.getElementById(row.dataset.live),
    facts: row.dataset,
    name: named.map(cell => cell.textContent).join(' ').toLowerCase(),
    quiet: quiet(row.dataset),
    findings: [],
    words: null,
  };
});

// All that is told of a live version; read when somebody searches for the first time.
const wordsOf = version => {
  if (version.words === null) {
    const kept = version.section?.querySelector('noscript');
    const told = kept ? kept.textContent.replace(/<[^>]*>/g, '') : version.section?.textContent ?? '';
    version.words = `${version.row.textContent} ${told}`.toLowerCase();
  }
  return version.words;
};

// Open findings: rows of a table, or links below their control and reason.
const readFindings = versions => {
  const bySection = new Map(versions.map(version => [version.facts.live, version]));
  const reasons = new Map();
  const kinds = new Map();
  const reasonOf = row => {
    const element = row.closest('.why');
    if (!element) return null;
    if (!reasons.has(element)) {
      const kind = element.closest('.kind');
      if (!kinds.has(kind)) kinds.set(kind, { element: kind, count: kind.querySelector('.number'), left: 0 });
      const words = `${kind.querySelector('summary').textContent} ${element.firstElementChild.textContent}`;
      reasons.set(element, { element, kind: kinds.get(kind), words: words.toLowerCase(), left: 0 });
    }
    return reasons.get(element);
  };
  const findings = all('#findings [data-finding], #findings .why > a').map(row => {
    const reason = reasonOf(row);
    const { status, severity, control } = (reason?.kind.element ?? row).dataset;
    const version = bySection.get(row.dataset.of) ?? null;
    const anchor = row.dataset.finding ?? row.getAttribute('href').slice(1);
    const told = document.getElementById(anchor);
    const words = reason ? `${reason.words} ${row.textContent.toLowerCase()}` : row.textContent.toLowerCase();
    const finding = { row, anchor, told, version, reason, status, severity, controls: codes(control), words, fits: true };
    version?.findings.push(finding);
    return finding;
  });
  return { findings, reasons: [...reasons.values()], kinds: [...kinds.values()] };
};

