// Links to live versions and findings: what they lead to is unfolded, shown and marked.
const startLinks = filters => {
  const arrive = () => {
    document.querySelector('.here')?.classList.remove('here');
    const { anchor, wanted } = readAddress();
    const target = anchor && document.getElementById(anchor);
    if (target?.closest('[hidden]')) filters.empty(anchor);
    else if (anchor && [...wanted].length === 0) writeAddress(filters.chosen(), false);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) unfold(at);
    }
    if (target.matches('.version, [id^="f-"]')) target.classList.add('here');
    target.scrollIntoView();
    // What was not laid out before has its true height now.
    requestAnimationFrame(() => target.scrollIntoView());
  };
  addEventListener('hashchange', event => {
    // A link in the page keeps what is filtered; a step of the history has its own.
    if (readAddress().wanted.size > 0 || !event.oldURL.includes('?') || !readAddress().anchor) filters.restore();
    arrive();
  });
  // A link to where one is already changes no address.
  document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute('href') === `#${readAddress().anchor}`) {
      event.preventDefault();
      arrive();
    }
  });
  if (location.hash.length > 1) arrive();
};

