// Everything begins when the page is there.
const start = () => {
  if (!document.getElementById('filters')) return;
  document.documentElement.classList.add('scripted');
  startTheme();
  const filters = startFilters();
  startSort(filters.versions);
  const find = startFolds(filters.versions);
  startKeys(filters);
  startLinks(filters, find);
};
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
