/* Runs before the page is painted: marks that scripts work, and sets the theme that the reader or the system chose. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const chosen = root.dataset.theme;
    root.setAttribute("data-bs-theme", chosen === "dark" || (chosen === "auto" && dark.matches) ? "dark" : "light");
    document.dispatchEvent(new Event("huoshui:theme"));
  };
  set();
  dark.addEventListener("change", set);
  document.addEventListener("huoshui:choose-theme", set);
})();
