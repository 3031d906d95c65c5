// Links to live versions and findings: what they lead to is unfolded, shown and marked.
const startLinks = (filters, find) => {
  const arrive = () => {
    document.querySelector('.here')?.classList.remove('here');
    const { anchor } = readAddress();
    const target = anchor ? find(anchor) : null;
    if (target?.closest('[hidden]')) filters.empty(false);
    else writeAddress(filters.chosen(), false);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) at.open = true;
    }
    if (target.matches('.version, [id^="f-"]')) target.classList.add('here');
    target.scrollIntoView();
    // What was not laid out before has its true height now.
    requestAnimationFrame(() => target.scrollIntoView());
  };

  // A link within the page keeps what is filtered; a step of the history has its own filters.
  let following = false;
  addEventListener('hashchange', () => {
    if (!following) filters.restore();
    following = false;
    arrive();
  });
  document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.getAttribute('href') === location.hash) {
      event.preventDefault(); // it is the address already: nothing would change
      arrive();
    } else {
      following = true;
    }
  });
  if (location.hash.length > 1) arrive();
};

