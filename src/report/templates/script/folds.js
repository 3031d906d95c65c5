// Sections of live versions that unfold. In a large report, what nobody has unfolded yet is kept as text.
const fill = version => {
  const kept = version.section?.querySelector('noscript');
  if (!kept) return;
  wordsOf(version);
  const told = document.createElement('template');
  told.innerHTML = kept.textContent; // the page's own markup, in which all text was escaped when it was written
  kept.replaceWith(told.content);
  for (const finding of version.findings) {
    finding.told = document.getElementById(finding.anchor);
    if (finding.told) finding.told.hidden = !finding.fits;
  }
};

const startFolds = versions => {
  const bySection = new Map(versions.map(version => [version.section, version]));
  const shown = () => versions.filter(({ section }) => section && !section.hidden);
  const unfold = version => {
    fill(version);
    version.section.open = true;
  };
  document.addEventListener('toggle', event => {
    const version = event.target.open && bySection.get(event.target);
    if (version) fill(version);
  }, true);
  versions.filter(version => version.section?.open).forEach(fill);
  document.getElementById('unfold').addEventListener('click', () => shown().forEach(unfold));
  document.getElementById('fold').addEventListener('click', () => shown().forEach(({ section }) => { section.open = false; }));

  // On paper what is open is told; on the screen everything is afterwards as it was.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = shown().filter(version => !version.section.open && version.findings.length > 0);
    opened.forEach(unfold);
  });
  addEventListener('afterprint', () => {
    opened.forEach(({ section }) => { section.open = false; });
    opened = [];
  });

  // What an anchor names, wherever it is.
  return anchor => {
    const there = document.getElementById(anchor);
    if (there || !/^[\w-]+$/.test(anchor)) return there;
    const mark = `id="${anchor}"`;
    const version = versions.find(({ section }) => section?.querySelector('noscript')?.textContent.includes(mark));
    if (version) fill(version);
    return document.getElementById(anchor);
  };
};

