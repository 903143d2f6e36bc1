/* Brushing over the weeks of a year: the span fills the form below, which shows its figures. A click
   on one week leads to it; without script the form does the same. */
(() => {
  "use strict";
  const chart = document.querySelector(".year[data-brush]");
  const form = document.getElementById("span");
  if (!chart || !form) return;
  const count = Number(chart.dataset.columns);
  const columns = Array.from(chart.querySelectorAll("[data-column]"));
  const brush = chart.querySelector(".brush");
  const svg = chart.querySelector("svg");
  let from = null;
  let to = null;

  const at = (event) => {
    const frame = svg.getBoundingClientRect();
    const place = Math.floor(((event.clientX - frame.left) / frame.width) * count);
    return Math.min(Math.max(place, 0), count - 1);
  };
  const draw = (one, other) => {
    const first = Math.min(one, other);
    brush.setAttribute("x", `${(100 * first) / count}%`);
    brush.setAttribute("width", `${(100 * (Math.abs(other - one) + 1)) / count}%`);
  };
  const show = (one, other) => {
    form.elements.first.value = columns[Math.min(one, other)].dataset.column;
    form.elements.last.value = columns[Math.max(one, other)].dataset.column;
    form.elements.last.dispatchEvent(new Event("change", { bubbles: true }));
  };

  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("mousedown", (event) => event.preventDefault());
  chart.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest("[data-column]")) return;
    from = at(event);
    to = from;
  });
  document.addEventListener("pointermove", (event) => {
    if (from === null) return;
    to = at(event);
    if (to !== from) draw(from, to);
  });
  document.addEventListener("pointerup", () => {
    if (from === null) return;
    if (to !== from) {
      show(from, to);
      chart.addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
    }
    from = null;
  });
  document.addEventListener("pointercancel", () => {
    from = null;
  });

  /* Keys: one week is reached by Tab, arrows go on, with Shift they widen the span. */
  const rove = (column) => columns.forEach((each) => each.setAttribute("tabindex", each === column ? "0" : "-1"));
  rove(columns[0]);
  let anchor = null;
  chart.addEventListener("keydown", (event) => {
    const here = columns.indexOf(event.target.closest("[data-column]"));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (here < 0 || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = Math.min(Math.max(here + step, 0), count - 1);
    if (event.shiftKey) {
      anchor = anchor ?? here;
      draw(anchor, next);
      show(anchor, next);
    } else anchor = null;
    rove(columns[next]);
    columns[next].focus();
    event.preventDefault();
  });

  /* A span chosen in the form is seen on the chart. */
  form.addEventListener("change", () => {
    const place = (name) => columns.findIndex((each) => each.dataset.column === form.elements[name].value);
    draw(place("first"), place("last"));
  });
})();
