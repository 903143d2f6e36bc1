/* Sapar: small helps on top of pages that work without them. No eval, no inline styles in HTML. */
(() => {
  "use strict";
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const typing = (element) =>
    element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  /* The height of a sticky head, so that scroll-padding keeps the focus in sight. */
  const measure = () => {
    const head = document.querySelector(".sticky");
    if (!head) return;
    document.documentElement.style.setProperty("--measured", `${head.offsetHeight}px`);
    document.documentElement.classList.add("measured");
  };
  const head = document.querySelector(".sticky");
  if (head && "ResizeObserver" in window) new ResizeObserver(measure).observe(head);
  measure();

  /* On a phone lists and tabs are strips to push sideways: the present one is in sight. */
  all(":is(.rail, .tabs) [aria-current]").forEach((link) => {
    const strip = link.closest("ul, ol, .tabs");
    if (!strip || strip.scrollWidth <= strip.clientWidth) return;
    const [one, other] = [link.getBoundingClientRect(), strip.getBoundingClientRect()];
    strip.scrollLeft += one.left + one.width / 2 - other.left - other.width / 2;
  });

  /* Lists: arrow keys always, j k enter x only when the user has shortcuts on. Only when the
     list itself or a row of it has the focus, never while somebody types. */
  const rows = (list) => all("tbody > tr[data-href]", list);
  const go = (list, step) => {
    const items = rows(list);
    if (!items.length) return;
    const at = items.findIndex((row) => row.classList.contains("current"));
    const next = Math.min(Math.max(at + step, 0), items.length - 1);
    if (at >= 0) items[at].classList.remove("current");
    const row = items[at < 0 ? 0 : next];
    row.classList.add("current");
    row.scrollIntoView({ block: "nearest" });
    const say = list.querySelector("[data-say]") || addVoice(list);
    say.textContent = (row.querySelector("th, td a, td") || row).textContent.trim();
  };
  const addVoice = (list) => {
    const voice = document.createElement("caption");
    voice.className = "out-of-sight";
    voice.dataset.say = "";
    voice.setAttribute("aria-live", "polite");
    list.prepend(voice);
    return voice;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const list = event.target.closest?.("[data-list]");
    if (!list || typing(event.target)) return;
    const single = document.body.dataset.shortcuts === "on";
    const current = list.querySelector("tr.current");
    const key = event.key;
    if (key === "ArrowDown" || (single && key === "j")) go(list, 1);
    else if (key === "ArrowUp" || (single && key === "k")) go(list, -1);
    else if (key === "Enter" && event.target === list && current) location.assign(current.dataset.href);
    else if (single && key === "x" && current) current.querySelector("input[type=checkbox]")?.click();
    else return;
    event.preventDefault();
  });

  /* A click anywhere in a row opens it, unless it hit something of its own or marked text. */
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, summary, select")) return;
    if (String(getSelection())) return;
    location.assign(row.dataset.href);
  });

  /* A strip of lists moves so that the whole link that has the focus is in sight. */
  document.addEventListener("focusin", (event) => {
    event.target.closest?.(".rail a")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  /* Menus close when one leaves them or presses Escape. */
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  /* Autosave: the line says what happened to the text. */
  const line = (element) => element.closest("[data-autosave-form]")?.querySelector("[data-saved]");
  const tell = (element, state, time = "") => {
    const place = line(element);
    if (!place) return;
    place.classList.toggle("failed", state === "failed");
    place.textContent = `${place.dataset[state]} ${time}`.trim();
  };
  const clock = () => {
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    return `${two(now.getHours())}:${two(now.getMinutes())}`;
  };
  const unsaved = new Set();
  const sourceOf = (event) => event.detail?.ctx?.sourceElement || event.target;
  const okay = (event) => {
    const status = event.detail?.ctx?.response?.status ?? event.detail?.ctx?.response?.raw?.status;
    return status === undefined || status < 400;
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("[data-autosave-form]");
    if (form) unsaved.add(form);
  });
  document.addEventListener("htmx:before:request", (event) => tell(sourceOf(event), "saving"));
  document.addEventListener("htmx:after:request", (event) => {
    const element = sourceOf(event);
    const form = element.closest?.("[data-autosave-form]");
    if (!form) return;
    if (okay(event)) {
      unsaved.delete(form);
      tell(element, "done", clock());
    } else tell(element, "failed");
  });
  document.addEventListener("htmx:error", (event) => tell(sourceOf(event), "failed"));
  document.addEventListener("saved", (event) => {
    const form = event.target.closest?.("[data-autosave-form]");
    /* htmx fires HX-Trigger after htmx:after:request, so the server's time has the last word. */
    if (form && event.detail?.at) tell(form, "done", event.detail.at);
  });
  document.addEventListener("submit", (event) => unsaved.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size) event.preventDefault();
  });

  /* A filter that submits itself; the button stays for those without script. */
  document.addEventListener("change", (event) => {
    event.target.closest?.("form[data-submit-on-change]")?.requestSubmit();
  });

  /* Files dropped on a label go into its input. */
  const dropzone = (event) => event.target.closest?.(".drop");
  document.addEventListener("dragover", (event) => {
    const zone = dropzone(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => dropzone(event)?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    const zone = dropzone(event);
    const input = zone?.querySelector("input[type=file]");
    if (!input || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    zone.classList.remove("over");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  /* Buttons that print, and the first problem of a page. */
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });
  const focusProblem = () => document.querySelector("[data-focus]")?.focus();
  focusProblem();
  document.addEventListener("htmx:after:swap", () => {
    measure();
  });
})();
