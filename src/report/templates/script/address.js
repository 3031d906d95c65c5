// The address: `#ANCHOR?FILTERS`. Either part may be missing; neither reaches a server.
const readAddress = () => {
  const fragment = location.hash.slice(1);
  const at = fragment.indexOf('?');
  const anchor = at < 0 ? fragment : fragment.slice(0, at);
  return { anchor, wanted: new URLSearchParams(at < 0 ? '' : fragment.slice(at + 1)) };
};

// Writes the filters behind the anchor that is there, as a new step of the history or in place of the present one.
const writeAddress = (filters, step, anchor = readAddress().anchor) => {
  const query = new URLSearchParams(filters.filter(([, value]) => value !== '')).toString();
  const fragment = `#${anchor}${query && `?${query}`}`;
  if (fragment === location.hash || (fragment === '#' && !location.hash)) return;
  try {
    history[step ? 'pushState' : 'replaceState'](null, '', fragment);
  } catch { /* a page that is shown inside another may not */ }
};

