// What can be filtered, read from the page once.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const codes = text => (text ? text.split(' ') : []);

const SEVERITY_OF = new Map();

const readVersions = () => all('#live-versions tr[data-live]').map(row => {
  const named = all('.main, [data-label="Model version"], [data-label="Owner"]', row);
  return {
    row,
    section: document.getElementById(row.dataset.live),
    facts: row.dataset,
    name: named.map(cell => cell.textContent).join(' ').toLowerCase(),
    quiet: [['pass', codes(row.dataset.pass)], ['not_applicable', codes(row.dataset.na)]],
    findings: [],
    words: null,
  };
});

const readFindings = versions => {
  const bySection = new Map(versions.map(version => [version.facts.live, version]));
  return all('#findings [data-finding]').map(row => {
    const { of, status, severity, control, finding } = row.dataset;
    const version = bySection.get(of) ?? null;
    const read = { row, told: document.getElementById(finding), version, status, severity, controls: codes(control), words: row.textContent.toLowerCase() };
    version?.findings.push(read);
    return read;
  });
};

// All that is told of a live version; read when somebody searches for the first time.
const wordsOf = version => {
  version.words ??= `${version.row.textContent} ${version.section?.textContent ?? ''}`.toLowerCase();
  return version.words;
};

