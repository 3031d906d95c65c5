// Sections of live versions that unfold.
const unfold = section => { section.open = true; };

const startFolds = versions => {
  const shown = () => versions.map(version => version.section).filter(section => section && !section.hidden);
  document.getElementById('unfold').addEventListener('click', () => shown().forEach(unfold));
  document.getElementById('fold').addEventListener('click', () => shown().forEach(section => { section.open = false; }));

  // On paper everything open is told; on the screen everything is as it was afterwards.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = shown().filter(section => !section.open && section.querySelector('.finding'));
    opened.forEach(unfold);
  });
  addEventListener('afterprint', () => {
    opened.forEach(section => { section.open = false; });
    opened = [];
  });
};

