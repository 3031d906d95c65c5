// What can be filtered, read from the page once.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const codes = text => (text ? text.split(' ') : []);

// What can be said of many results alike: they are judged and counted as one.
const alike = new Map();
const factsOf = (status, severity, control) => {
  const key = `${status} ${severity} ${control}`;
  if (!alike.has(key)) alike.set(key, { status, severity, controls: codes(control), missed: [], fits: true, hits: 0 });
  return alike.get(key);
};

// What passes or does not apply, which the page tells by code alone: the same for every live version.
const quietResults = () => {
  const controls = new Map(all('#findings [data-control-of]').map(row => [row.dataset.controlOf, row]));
  const known = new Map();
  const of = status => control => {
    const key = `${status} ${control}`;
    if (!known.has(key)) {
      const row = controls.get(control);
      known.set(key, { words: row?.textContent.toLowerCase() ?? '', facts: factsOf(status, row?.dataset.severity, control) });
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
    const kept = version.section?.querySelector('noscript')?.textContent;
    const told = kept ? textOf(kept) : version.section?.textContent ?? '';
    version.words = `${version.row.textContent} ${told}`.toLowerCase();
    if (kept) readReasons(version, kept);
  }
  return version.words;
};
const textOf = markup => markup.replace(/<[^>]*>/g, '');

// Where a finding stands below its control alone, why it is open is told with its live version.
const readReasons = (version, kept) => {
  const findings = new Map(version.findings.map(finding => [finding.anchor, finding]));
  for (const [told] of kept.matchAll(/<(p|div) class="finding .*?<\/\1>/gs)) {
    for (const [, anchor] of told.matchAll(/ id="(f-[^"]*)"/g)) {
      const finding = findings.get(anchor);
      if (finding) finding.words += ` ${textOf(told).toLowerCase()}`;
    }
  }
};

// Open findings: rows of a table, or links below their control and reason.
const readFindings = versions => {
  const findings = [];
  const reasons = [];
  const kinds = [];
  const read = (row, { status, severity, control }, anchor, told, reason) => {
    const version = versions[row.dataset.of] ?? null;
    const where = document.getElementById(anchor);
    const words = `${told} ${row.textContent} ${(reason && where?.textContent) ?? ''}`.toLowerCase();
    const finding = { row, anchor, told: where, version, reason, facts: factsOf(status, severity, control), words };
    version?.findings.push(finding);
    findings.push(finding);
  };
  for (const row of all('#findings [data-finding]')) read(row, row.dataset, row.dataset.finding, '', null);
  for (const element of all('#findings .kind')) {
    const kind = { element, count: element.querySelector('.number'), left: 0 };
    const title = element.querySelector('summary').textContent;
    kinds.push(kind);
    for (const why of all('.why', unpack(element))) {
      const reason = { element: why, kind, left: 0 };
      const words = `${title} ${why.firstElementChild.textContent}`;
      reasons.push(reason);
      for (const link of all(':scope > a', why)) read(link, element.dataset, link.getAttribute('href').slice(1), words, reason);
    }
  }
  return { findings, reasons, kinds };
};
