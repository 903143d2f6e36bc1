/* Moving fractions on the chart of a day or of a week. The page works without it: the form below the chart does
   the same. Nothing is written here: the server is asked, and writes what it accepts. */
(() => {
  "use strict";
  const chart = document.querySelector(".gantt[data-moves]");
  const place = document.getElementById("move");
  if (!chart || !place) return;
  const STEP = 5;
  const NEAR = 4;
  const svg = chart.querySelector("svg");
  const begin = Number(chart.dataset.begin);
  const span = Number(chart.dataset.end) - begin;
  /* Rows of rooms, each on a day: "room:2027-03-01:G1". */
  const rows = Array.from(chart.querySelectorAll('g[data-row^="room:"]'), (row) => ({
    day: row.dataset.row.slice(5, 15),
    room: row.dataset.row.slice(16),
    top: Number(row.dataset.top),
    height: Number(row.dataset.height),
    group: row,
  }));
  const bars = Array.from(chart.querySelectorAll("a[data-bar]"));
  const box = (bar) => bar.querySelector("svg");
  const rowOf = (bar) => rows.find((row) => row.group === bar.closest("g[data-row]"));
  const home = (bar) => ({ start: Number(bar.dataset.start), row: rowOf(bar) });
  const two = (number) => String(number).padStart(2, "0");
  const clock = (minute) => `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
  const form = () => document.getElementById("move-form");
  let lifted = null; /* { bar, at: { start, row }, shadow } */
  let loaded = ""; /* the bar whose form is on the page */

  const voice = document.createElement("p");
  voice.className = "out-of-sight";
  voice.setAttribute("aria-live", "assertive");
  place.before(voice);
  const say = (text) => {
    voice.textContent = text;
  };

  /* One bar is reached by Tab, the others by arrow keys. */
  const rove = (bar) => {
    bars.forEach((each) => each.setAttribute("tabindex", each === bar ? "0" : "-1"));
  };
  if (bars.length) rove(bars.find((bar) => bar.classList.contains("picked")) || bars[0]);

  const pick = (bar) => {
    bars.forEach((each) => each.classList.toggle("picked", each === bar));
    chart.querySelectorAll(".windows line").forEach((line) => {
      line.classList.toggle("picked", line.dataset.of === bar.dataset.bar);
    });
    if (loaded === bar.dataset.bar && form()) return Promise.resolve();
    loaded = bar.dataset.bar;
    return window.htmx.ajax("GET", bar.getAttribute("href"), { target: "#move", swap: "innerHTML" });
  };

  /* What is lifted is drawn a second time, above all others, with its piece of the beam. */
  const SVG = "http://www.w3.org/2000/svg";
  const beams = chart.querySelectorAll('g[data-row^="beam:"]');
  const shade = (bar) => {
    const shadow = document.createElementNS(SVG, "g");
    shadow.setAttribute("class", "bar lifted");
    shadow.append(box(bar).cloneNode(true));
    if (beams.length === 1) {
      const piece = document.createElementNS(SVG, "rect");
      piece.setAttribute("class", "beam-wish");
      piece.setAttribute("y", Number(beams[0].dataset.top) + 2);
      piece.setAttribute("height", 22);
      shadow.append(piece);
    }
    svg.append(shadow);
    bar.classList.add("away");
    return shadow;
  };
  const share = (minutes) => `${Number(((100 * minutes) / span).toFixed(2))}%`;
  const draw = () => {
    const { bar, at, shadow } = lifted;
    const shape = shadow.querySelector("svg");
    shape.setAttribute("x", share(at.start - begin));
    shape.setAttribute("y", at.row.top + 3);
    const core = shape.querySelector(".core");
    const part = (name) => (parseFloat(core.getAttribute(name) || "0") / 100) * Number(bar.dataset.length);
    const piece = shadow.querySelector(".beam-wish");
    piece?.setAttribute("x", share(at.start - begin + part("x")));
    piece?.setAttribute("width", share(part("width")));
  };

  const fill = () => {
    const asked = form();
    if (!asked || !lifted || loaded !== lifted.bar.dataset.bar) return;
    asked.elements.start.value = clock(lifted.at.start);
    asked.elements.room.value = lifted.at.row.room;
    asked.elements.day.value = lifted.at.row.day;
    asked.dispatchEvent(new Event("ask"));
  };

  const lift = (bar) => {
    if (lifted) putBack();
    lifted = { bar, at: home(bar), shadow: shade(bar) };
    draw();
    pick(bar).then(fill);
  };

  const putBack = () => {
    if (!lifted) return;
    const { bar, shadow } = lifted;
    lifted.at = home(bar);
    fill();
    shadow.remove();
    bar.classList.remove("away");
    lifted = null;
    say(chart.dataset.putBack);
  };

  const go = (start, row) => {
    const length = Number(lifted.bar.dataset.length);
    lifted.at = { start: Math.min(Math.max(start, begin), begin + span - length), row };
    draw();
    fill();
    say(`${clock(lifted.at.start)} ${row.room} ${row.day === home(lifted.bar).row.day ? "" : row.day}`);
  };

  /* Keys: first among the bars, then, once one is lifted, with it. */
  const beside = (bar, key) => {
    const here = home(bar);
    const inRow = (row) => bars.filter((each) => rowOf(each) === row);
    const same = inRow(here.row).sort((a, b) => a.dataset.start - b.dataset.start);
    const at = same.indexOf(bar);
    if (key === "ArrowRight") return same[at + 1];
    if (key === "ArrowLeft") return same[at - 1];
    if (key === "Home") return same[0];
    if (key === "End") return same[same.length - 1];
    const full = rows.filter((row) => inRow(row).length);
    const next = full[full.indexOf(here.row) + (key === "ArrowDown" ? 1 : -1)];
    const away = (each) => Math.abs(each.dataset.start - here.start);
    return inRow(next).sort((a, b) => away(a) - away(b))[0];
  };

  const carry = (key, small) => {
    const { start, row } = lifted.at;
    const step = small ? 1 : STEP;
    if (key === "ArrowRight") go(start + step, row);
    else if (key === "ArrowLeft") go(start - step, row);
    else go(start, rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)] || row);
  };

  const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
  chart.addEventListener("keydown", (event) => {
    const bar = event.target.closest("a[data-bar]");
    if (!bar || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (lifted && lifted.bar === bar && ARROWS.includes(key)) carry(key, event.shiftKey);
    else if (lifted && key === "Escape") putBack();
    else if (lifted && lifted.bar === bar && key === "Enter") form()?.requestSubmit();
    else if (key === "Enter") {
      lift(bar);
      say(chart.dataset.lifted);
    } else if (ARROWS.includes(key) || key === "Home" || key === "End") {
      const next = beside(bar, key);
      if (next) {
        rove(next);
        next.focus();
      }
    } else return;
    event.preventDefault();
  });

  /* The pointer: a click picks, a pull lifts; letting go asks, and the button proposes. */
  let pulled = null;
  chart.addEventListener("pointerdown", (event) => {
    const bar = event.target.closest("a[data-bar]");
    if (!bar || event.button !== 0) return;
    pulled = { bar, x: event.clientX, y: event.clientY, moved: false, from: null };
  });
  document.addEventListener("pointermove", (event) => {
    if (!pulled) return;
    const far = Math.hypot(event.clientX - pulled.x, event.clientY - pulled.y);
    if (!pulled.moved && far < NEAR) return;
    if (!pulled.moved) {
      pulled.moved = true;
      if (!lifted || lifted.bar !== pulled.bar) lift(pulled.bar);
      pulled.from = { ...lifted.at };
    }
    const frame = svg.getBoundingClientRect();
    const minutes = pulled.from.start + ((event.clientX - pulled.x) / frame.width) * span;
    const y = event.clientY - frame.top;
    const row = rows.reduce((best, each) =>
      Math.abs(each.top + each.height / 2 - y) < Math.abs(best.top + best.height / 2 - y) ? each : best);
    const start = Math.round(minutes / STEP) * STEP;
    if (start !== lifted.at.start || row !== lifted.at.row) go(start, row);
    event.preventDefault();
  });
  document.addEventListener("pointerup", () => {
    if (!pulled) return;
    const { bar, moved } = pulled;
    rove(bar);
    bar.focus({ preventScroll: true });
    /* The click that follows a pull is none. */
    pulled = moved ? { done: true } : null;
    if (moved) setTimeout(() => { pulled = null; });
  });
  document.addEventListener("pointercancel", () => {
    pulled = null;
    putBack();
  });
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("click", (event) => {
    const bar = event.target.closest("a[data-bar]");
    if (!bar || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (pulled?.done) return;
    rove(bar);
    if (lifted && lifted.bar !== bar) putBack();
    pick(bar);
  });

  /* What cannot be is seen on the chart as well as said. */
  document.addEventListener("htmx:after:swap", () => {
    lifted?.shadow.classList.toggle("broken", place.querySelector(".move-broken") !== null);
  });

  /* What is written into the form by hand is seen on the chart. */
  place.addEventListener("change", () => {
    const asked = form();
    const bar = bars.find((each) => each.dataset.bar === loaded) || chart.querySelector("a.picked");
    if (!asked || !bar) return;
    const [hours, minutes] = asked.elements.start.value.split(":").map(Number);
    const { room, day } = asked.elements;
    const row = rows.find((each) => each.room === room.value && each.day === day.value);
    if (!Number.isFinite(hours + minutes) || !row) return;
    const at = { start: hours * 60 + minutes, row };
    if (lifted && lifted.bar !== bar) putBack();
    lifted = { bar, at, shadow: lifted?.shadow || shade(bar) };
    draw();
  });
  place.addEventListener("click", (event) => {
    if (!event.target.closest("a.quiet") || !lifted) return;
    event.preventDefault();
    const { bar } = lifted;
    putBack();
    bar.focus();
  });
})();
