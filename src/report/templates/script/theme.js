// Light, dark, or as the system has it. Before anything is drawn, so that the page does not flash.
const THEMES = ['system', 'light', 'dark'];
const remembered = () => {
  try {
    const theme = localStorage.getItem('countersign-theme');
    return THEMES.includes(theme) ? theme : 'system';
  } catch {
    return 'system'; // a browser may keep nothing for files
  }
};
const setTheme = theme => {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
};
let theme = remembered();
setTheme(theme);

const startTheme = () => {
  const button = document.getElementById('theme');
  const say = () => { button.textContent = `Theme: ${theme}`; };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    setTheme(theme);
    say();
    try {
      localStorage.setItem('countersign-theme', theme);
    } catch { /* then it holds for this visit */ }
  });
  say();
};

