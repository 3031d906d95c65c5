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
  const versions = readVersions();
  const findings = readFindings(versions);
  const elsewhere = findings.filter(finding => !finding.version);
  const total = findings.reduce((sum, finding) => sum + finding.controls.length, 0)
    + versions.reduce((sum, version) => sum + version.quiet.reduce((count, [, list]) => count + list.length, 0), 0);
  // What a passing result says of itself: its control, and how severe a failure would be.
  const controls = new Map(all('#findings [data-control-of]').map(row =>
    [row.dataset.controlOf, { words: row.textContent.toLowerCase(), severity: row.dataset.severity }]));

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

    // Whether a finding matches; what it adds to the counts, if all else about its live version does.
    const judge = (finding, name, counted) => {
      if (!terms.every(term => finding.words.includes(term) || name.includes(term))) return { matches: false, fits: false };
      const missed = misses(OF_FINDINGS, wanted, finding);
      const weight = wanted.control ? 1 : finding.controls.length;
      if (counted && missed.length === 0) shownFindings += weight;
      for (const facet of counted ? OF_FINDINGS : []) {
        if (missed.some(other => other !== facet)) continue;
        if (facet === 'control') finding.controls.forEach(control => count(facet, control));
        else count(facet, finding[facet], weight);
      }
      return { matches: missed.length === 0, fits: missed.length === 0 };
    };

    for (const version of versions) {
      const missed = misses(OF_VERSIONS, wanted, version.facts);
      let found = false;
      for (const finding of version.findings) {
        const { matches } = judge(finding, version.name, missed.length === 0);
        found ||= matches;
        show(finding.row, matches && missed.length === 0);
        show(finding.told, !narrowed || misses(OF_FINDINGS, wanted, finding).length === 0);
      }
      for (const [status, list] of version.quiet) {
        for (const control of list) {
          const { words = '', severity = '' } = controls.get(control) ?? {};
          found = judge({ words, status, severity, controls: [control] }, version.name, missed.length === 0).matches || found;
        }
      }
      const fits = (!narrowed || found) && (terms.length === 0 || terms.every(term => wordsOf(version).includes(term)));
      if (fits) {
        for (const facet of OF_VERSIONS) {
          if (!missed.some(other => other !== facet)) count(facet, version.facts[facet]);
        }
      }
      const shown = fits && missed.length === 0;
      if (shown) shownVersions += 1;
      show(version.row, shown);
      show(version.section, shown);
    }
    for (const finding of elsewhere) {
      const missed = misses(OF_VERSIONS, wanted, finding.row.dataset);
      const { matches } = judge(finding, '', missed.length === 0);
      show(finding.row, matches && missed.length === 0);
      show(finding.told, matches && missed.length === 0);
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
  const empty = () => {
    text.value = '';
    selects.forEach(select => { select.value = ''; });
    apply();
    writeAddress(chosen(), true);
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
  return { versions, chosen, restore, empty, focus: () => { text.focus(); text.select(); } };
};

