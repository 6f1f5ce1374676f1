/* What pages do beyond HTML. Everything here has its way without scripts: forms, links, details, popovers. */
(function () {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* Keyboard: / or Ctrl-K goes to the search box; arrows walk through what was found; Escape leaves it. */
  const box = document.getElementById("hs-search");
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    const wanted = (event.key === "/" && !typing(event.target)) || (event.key === "k" && (event.ctrlKey || event.metaKey));
    if (!wanted || !box) return;
    event.preventDefault();
    if (box.offsetParent) { box.focus(); box.select(); } else { location.href = box.form.action; }
  });
  if (box) {
    const found = document.getElementById("hs-found");
    box.form.addEventListener("keydown", (event) => {
      const hits = all("a", found);
      const at = hits.findIndex((hit) => hit === document.activeElement);
      if (event.key === "ArrowDown" && hits.length) { event.preventDefault(); hits[(at + 1) % hits.length].focus(); }
      else if (event.key === "ArrowUp" && hits.length) { event.preventDefault(); at <= 0 ? box.focus() : hits[at - 1].focus(); }
      else if (event.key === "Escape") { found.replaceChildren(); box.focus(); box.blur(); }
      else if (event.key === "Enter" && event.target === box && hits.length === 1) { event.preventDefault(); location.href = hits[0].href; }
    });
    box.addEventListener("input", () => { if (!box.value.trim()) found.replaceChildren(); });
  }

  /* Open sheets close when one looks elsewhere. */
  const close = (event) => all("details.hs-drop[open]").forEach((sheet) => { if (!sheet.contains(event.target)) sheet.open = false; });
  document.addEventListener("click", close);
  document.addEventListener("focusin", close);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.hs-drop[open]").forEach((sheet) => { sheet.open = false; sheet.querySelector("summary").focus(); });
  });

  /* Theme: at once here, remembered by the server. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    root.dataset.theme = event.submitter.value;
    document.dispatchEvent(new Event("huoshui:choose-theme"));
    all("button", form).forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter)));
    const body = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
    form.closest("details")?.removeAttribute("open");
  });

  /* Dialogs that ask; without scripts their opener is a link to a page that asks the same. */
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) { event.preventDefault(); document.getElementById(opener.dataset.opens).showModal(); }
    const closer = event.target.closest("[data-closes]");
    if (closer) { event.preventDefault(); closer.closest("dialog").close(); }
  });

  /* A form that is sent when something in it is chosen; its button is for readers without scripts. */
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-sends")) form.requestSubmit();
  });

  /* Toasts go after 8 seconds, but wait while one points at them or has the focus in them. */
  all(".hs-toast").forEach((toast) => {
    let left = 8, held = false;
    for (const [name, value] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]])
      toast.addEventListener(name, () => { held = value; });
    const timer = setInterval(() => { if (!held && --left <= 0) { clearInterval(timer); toast.remove(); } }, 1000);
  });

  /* Copying a text: the button is there only with scripts; without them one click selects the text (.hs-whole). */
  if (navigator.clipboard) all("button[data-copies]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copies]");
    if (!button) return;
    const from = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(from.value ?? from.textContent);
    const label = button.lastChild, said = label.textContent;
    if (said === button.dataset.copied) return;
    label.textContent = button.dataset.copied;
    button.dispatchEvent(new CustomEvent("huoshui:copied", { bubbles: true }));
    setTimeout(() => { label.textContent = said; }, 2000);
  });

  /* What is copied is counted where a form says so. */
  document.addEventListener("huoshui:copied", (event) => {
    const form = document.getElementById(event.target.dataset.counts || "");
    if (form) fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
  });

  /* Putting a text where the cursor was last in the form; without scripts the text stands beside, to be typed. */
  let written = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea, input[type=text]") && event.target.form) written = event.target;
  });
  all("button[data-inserts]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-inserts]");
    if (!button) return;
    const into = written && written.form === button.form ? written : button.form.querySelector("textarea");
    into.focus();
    into.setRangeText(button.dataset.inserts, into.selectionStart, into.selectionEnd, "end");
    into.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* What could not be fetched is said; what is on the page stays. */
  const lost = () => {
    const place = document.querySelector(".hs-toasts");
    if (!place || place.querySelector(".hs-lost")) return;
    const toast = document.createElement("div");
    toast.className = "hs-toast warn hs-lost";
    toast.textContent = place.dataset.lost;
    place.append(toast);
    setTimeout(() => toast.remove(), 8000);
  };
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:responseError", lost);

  /* Selecting rows. */
  document.addEventListener("change", (event) => {
    const whole = event.target.closest("[data-selects-all]");
    if (whole) all("[data-selects]", whole.closest("table")).forEach((row) => { row.checked = whole.checked; });
  });
})();
