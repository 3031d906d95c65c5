// Everything begins when the page is there.
const start = () => {
  if (!document.getElementById('filters')) return;
  document.documentElement.classList.add('scripted');
  startTheme();
  const filters = startFilters();
  startFolds(filters.versions);
  startKeys(filters);
  startLinks(filters);
};
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
