// What unfolds. In a large report, what nobody has unfolded yet is kept as text, which costs nothing.
const keptIn = fold => fold?.querySelector(':scope > noscript, :scope > .body > noscript');

// What is kept in a fold as markup, which is shown nowhere until the fold is filled.
const unpacked = new Map();
const unpack = fold => {
  const kept = keptIn(fold);
  if (kept && !unpacked.has(fold)) {
    const told = document.createElement('template');
    told.innerHTML = kept.textContent; // the page's own markup, in which all text was escaped when it was written
    unpacked.set(fold, told.content);
  }
  return unpacked.get(fold) ?? fold;
};

const startFolds = versions => {
  const bySection = new Map(versions.map(version => [version.section, version]));
  const fill = fold => {
    const kept = keptIn(fold);
    if (!kept) return;
    const version = bySection.get(fold);
    if (version) wordsOf(version);
    kept.replaceWith(unpack(fold));
    unpacked.delete(fold);
    for (const finding of version?.findings ?? []) {
      finding.told = document.getElementById(finding.anchor);
      if (finding.told) finding.told.hidden = !finding.facts.fits;
    }
  };
  const unfold = ({ section }) => {
    fill(section);
    section.open = true;
  };
  const shown = () => versions.filter(({ section }) => section && !section.hidden);
  document.addEventListener('toggle', event => {
    if (event.target.open) fill(event.target);
  }, true);
  all('details[open]').forEach(fill);
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
    const kept = all('noscript').find(({ textContent }) => textContent.includes(mark));
    if (kept) fill(kept.closest('details'));
    return document.getElementById(anchor);
  };
};

