// Keys, while nobody types.
const startKeys = filters => {
  const dialog = document.getElementById('keys');
  const tell = () => dialog.showModal();
  document.getElementById('show-keys').addEventListener('click', tell);
  document.getElementById('hide-keys').addEventListener('click', () => dialog.close());

  let last = null;
  const step = by => {
    const sections = filters.versions.map(version => version.section).filter(section => section && !section.hidden);
    const at = sections.indexOf(document.activeElement?.closest?.('.version') ?? last);
    const next = sections[Math.min(Math.max(at < 0 ? 0 : at + by, 0), sections.length - 1)];
    if (!next) return;
    last = next;
    next.scrollIntoView({ block: 'start' });
    next.querySelector('summary').focus({ preventScroll: true });
  };
  const actions = {
    '/': filters.focus,
    j: () => step(1),
    k: () => step(-1),
    '?': tell,
    Escape: () => filters.empty(),
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    const field = event.target.closest?.('input, select, textarea, [contenteditable]');
    if (field && event.key === 'Escape' && field.closest('#filters')) {
      field.blur();
      filters.empty();
      return;
    }
    if (field || !Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  });
};

