// The bar: what it holds, what matches, and how many would be left by each choice.
const OF_VERSIONS = ['verdict', 'owner', 'account', 'region'];
const OF_FINDINGS = ['status', 'severity', 'control'];
const number = new Intl.NumberFormat('en-US');

const startFilters = () => {
  const bar = document.getElementById('filters');
  const text = document.getElementById('filter-text');
  const clear = document.getElementById('filter-clear');
  const result = document.getElementById('filter-result');
  const selects = new Map([...OF_VERSIONS, ...OF_FINDINGS].flatMap(name => {
    const select = document.getElementById(`filter-${name}`);
    return select ? [[name, select]] : [];
  }));
  const labels = new Map(all('option[value]:not([value=""])', bar).map(option => [option, option.textContent]));
  const quiet = quietResults();
  const versions = readVersions(quiet);
  const { findings, reasons, kinds } = readFindings(versions);
  const elsewhere = findings.filter(finding => !finding.version);
  const loose = all('#findings [data-pass]').flatMap(element => quiet(element.dataset));
  const everything = new Set([...findings, ...loose, ...versions.flatMap(version => version.quiet)]);
  const total = findings.reduce((sum, { facts }) => sum + facts.controls.length, 0)
    + versions.reduce((sum, version) => sum + version.quiet.length, loose.length);

  const chosen = () => [['q', text.value.trim()], ...[...selects].map(([name, select]) => [name, select.value])];
  const misses = (names, wanted, facts) => names.filter(name => {
    if (!wanted[name]) return false;
    return name === 'control' ? !facts.controls.includes(wanted.control) : facts[name] !== wanted[name];
  });

  const show = (element, shown) => {
    if (element && element.hidden === shown) element.hidden = !shown;
  };

  // One pass over everything.
  const apply = () => {
    const filters = chosen();
    const wanted = Object.fromEntries(filters);
    const terms = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    const narrowed = OF_FINDINGS.some(name => wanted[name]);
    const left = new Map([...selects.keys()].map(name => [name, new Map()]));
    const count = (name, value, by = 1) => {
      const counts = left.get(name);
      counts?.set(value, (counts.get(value) ?? 0) + by);
    };
    let shownVersions = 0;
    let shownFindings = 0;

    if (terms.length > 0) versions.forEach(wordsOf);
    for (const facts of alike.values()) {
      facts.missed = misses(OF_FINDINGS, wanted, facts);
      facts.fits = facts.missed.length === 0;
      facts.hits = 0;
    }
    // What a result lacks is the same wherever it was found.
    for (const finding of terms.length > 0 ? everything : []) {
      finding.lacks = terms.filter(term => !finding.words.includes(term));
    }
    // Whether a finding matches. It counts where all else about its live version matches, too.
    const judge = ({ facts, lacks }, name, counted) => {
      if (facts.missed.length > 1) return false;
      if (terms.length > 0 && !lacks.every(term => name.includes(term))) return false;
      if (counted) facts.hits += 1;
      return facts.fits;
    };
    const showFinding = (finding, shown) => {
      show(finding.row, shown);
      if (shown && finding.reason) finding.reason.left += 1;
    };
    for (const { reason } of findings) {
      if (reason) reason.left = reason.kind.left = 0;
    }

    for (const version of versions) {
      const missed = misses(OF_VERSIONS, wanted, version.facts);
      const counted = missed.length === 0;
      let found = false;
      for (const finding of version.findings) {
        const matches = judge(finding, version.name, counted);
        found ||= matches;
        showFinding(finding, matches && counted);
        show(finding.told, finding.facts.fits);
      }
      for (const result of version.quiet) found = judge(result, version.name, counted) || found;
      const fits = (!narrowed || found) && terms.every(term => wordsOf(version).includes(term));
      for (const facet of fits && missed.length < 2 ? OF_VERSIONS : []) {
        if (counted || missed[0] === facet) count(facet, version.facts[facet]);
      }
      if (fits && counted) shownVersions += 1;
      show(version.row, fits && counted);
      show(version.section, fits && counted);
    }
    for (const finding of elsewhere) {
      const counted = misses(OF_VERSIONS, wanted, finding.row.dataset).length === 0;
      const shown = judge(finding, '', counted) && counted;
      showFinding(finding, shown);
      show(finding.told, shown);
    }
    if (!OF_VERSIONS.some(name => wanted[name])) loose.forEach(result => judge(result, '', true));
    for (const { hits, fits, missed, controls, ...facts } of alike.values()) {
      const weight = hits * (wanted.control ? 1 : controls.length);
      if (fits) shownFindings += weight;
      for (const facet of hits > 0 ? OF_FINDINGS : []) {
        if (!fits && missed[0] !== facet) continue;
        if (facet === 'control') controls.forEach(control => count(facet, control, hits));
        else count(facet, facts[facet], weight);
      }
    }
    for (const reason of reasons) {
      show(reason.element, reason.left > 0);
      reason.kind.left += reason.left;
    }
    for (const kind of kinds) {
      show(kind.element, kind.left > 0);
      kind.count.textContent = number.format(kind.left);
    }

    const active = filters.some(([, value]) => value !== '');
    document.documentElement.classList.toggle('filtered', active);
    clear.hidden = !active;
    result.textContent = `${number.format(shownVersions)} of ${number.format(versions.length)} live versions, ${number.format(shownFindings)} of ${number.format(total)} findings`;
    text.parentElement.classList.toggle('set', wanted.q !== '');
    for (const [name, select] of selects) {
      select.parentElement.classList.toggle('set', select.value !== '');
      for (const option of select.options) {
        if (option.value) option.textContent = `${labels.get(option)} (${number.format(left.get(name).get(option.value) ?? 0)})`;
      }
    }
  };

  const restore = () => {
    const { wanted } = readAddress();
    text.value = wanted.get('q') ?? '';
    for (const [name, select] of selects) {
      const value = wanted.get(name) ?? '';
      select.value = [...select.options].some(option => option.value === value) ? value : '';
    }
    apply();
  };
  const empty = (step = true) => {
    text.value = '';
    selects.forEach(select => { select.value = ''; });
    apply();
    writeAddress(chosen(), step);
  };

  let typing = false;
  let due = 0;
  text.addEventListener('input', () => {
    writeAddress(chosen(), !typing);
    typing = true;
    cancelAnimationFrame(due);
    due = requestAnimationFrame(apply);
  });
  text.addEventListener('change', () => { typing = false; });
  selects.forEach(select => select.addEventListener('change', () => {
    apply();
    writeAddress(chosen(), true);
  }));
  clear.addEventListener('click', () => {
    empty();
    text.focus();
  });
  restore();
  bar.hidden = false;
  // What a link leads to should not end up below the bar, where that stays in sight.
  new ResizeObserver(() => {
    const above = getComputedStyle(bar).position === 'sticky' ? bar.offsetHeight : 0;
    document.documentElement.style.scrollPaddingTop = `${above + 8}px`;
  }).observe(bar);
  // The first search should not have to read the page.
  const read = deadline => {
    let at = versions.findIndex(version => version.words === null);
    while (at >= 0 && at < versions.length && deadline.timeRemaining() > 2) wordsOf(versions[at++]);
    if (at >= 0 && at < versions.length) requestIdleCallback(read);
  };
  globalThis.requestIdleCallback?.(read);
  return { versions, chosen, restore, empty, focus: () => { text.focus(); text.select(); } };
};

