// The table of live versions by another column: one button a heading, which goes both ways.
const startSort = versions => {
  const table = document.querySelector('#live-versions table');
  if (!table) return;
  const body = table.tBodies[0];
  const written = new Map(versions.map(({ row }, at) => [row, at]));
  const cell = (row, at) => row.cells[at].textContent.trim();
  const share = (row, at) => Number.parseFloat(cell(row, at).replace(/^[^\d]*$/, '-1'));
  const text = new Intl.Collator('en', { numeric: true });
  const orders = {
    Verdict: (a, b) => written.get(a) - written.get(b),
    'Live version': (a, b, at) => text.compare(cell(a, at), cell(b, at)),
    Traffic: (a, b, at) => share(b, at) - share(a, at),
    Owner: (a, b, at) => text.compare(cell(a, at), cell(b, at)),
  };
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, at) => {
    const order = orders[heading.textContent];
    if (!order) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    if (at === 0) heading.setAttribute('aria-sort', 'ascending');
    button.addEventListener('click', () => {
      const way = heading.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      headings.forEach(other => other.removeAttribute('aria-sort'));
      heading.setAttribute('aria-sort', way > 0 ? 'ascending' : 'descending');
      const rows = versions.map(({ row }) => row);
      rows.sort((a, b) => way * order(a, b, at) || written.get(a) - written.get(b));
      body.append(...rows);
    });
  });
};

