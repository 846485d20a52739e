// Runs before the first paint, so that a chosen theme does not flash.
try {
  var theme = localStorage.getItem("fanout.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (e) { /* storage is off: the system's theme it is */ }
