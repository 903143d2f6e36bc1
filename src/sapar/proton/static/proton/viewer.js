/* Three slices of a study with dose wash and contours, drawn on canvases of our own. Each canvas is a
   slider: arrows and page keys change the slice, Shift and arrows move the cross, + and - zoom. A
   wheel, a swipe, two fingers and a tap do the same; the buttons beside it too. Without this script
   the tables of the page say everything that decides. Nothing is asked of another host. */
(() => {
  "use strict";
  const root = document.getElementById("viewer");
  const given = document.getElementById("viewer-data");
  if (!root || !given) return;
  const data = JSON.parse(given.textContent);
  const words = data.words;
  const all = (selector) => Array.from(root.querySelectorAll(selector));
  const one = (selector) => root.querySelector(selector);
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const KEPT = 120;
  const MEMORY = 24e6;
  const PAGE = 10;
  const MOST_ZOOM = 8;
  const FINE = 240;
  const AIR = -1024;

  /* The grid: voxel centres in mm along x (to the patient's left), y (to the back), z (to the head).
     Each plane names what runs across, what runs down, and along what its slices lie. */
  const grid = data.grid;
  const PLANES = {
    axial: { across: "x", down: "y", along: "z", flip: false },
    coronal: { across: "x", down: "z", along: "y", flip: true },
    sagittal: { across: "y", down: "z", along: "x", flip: true },
  };
  const state = {
    at: { ...data.start },
    dose: data.doses.length ? data.doses[0].key : "none",
    window: data.windows[0],
    strength: 0.5,
    off: new Set(data.structures.filter((each) => !each.on).map((each) => each.number)),
    cross: true,
  };
  /* Browsers do not know the numbers of every language of ours: the page says the decimal sign. */
  const number = (value, digits = 0) =>
    Number(value).toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "\u2212").replace(".", data.decimal);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
  const nearest = (line, mm) => {
    let [low, high] = [0, line.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (line[middle] <= mm) low = middle;
      else high = middle;
    }
    return mm - line[low] <= line[high] - mm ? low : high;
  };
  /* Where a place lies between the lines of a grid, as a fraction of an index. */
  const between = (line, mm) => {
    if (line.length < 2) return 0;
    if (mm <= line[0]) return 0;
    const last = line.length - 1;
    if (mm >= line[last]) return last;
    let [low, high] = [0, last];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (line[middle] <= mm) low = middle;
      else high = middle;
    }
    return low + (mm - line[low]) / (line[high] - line[low]);
  };
  const edges = (line) => {
    const half = line.length > 1 ? [(line[1] - line[0]) / 2, (line.at(-1) - line.at(-2)) / 2] : [1, 1];
    return [line[0] - half[0], line.at(-1) + half[1]];
  };

  /* One slice from the server: a length, a JSON head, then numbers of 16 bits as differences along
     each row, low bytes first and high bytes after them (views/volumes.py). */
  const text = new TextDecoder();
  const decode = (buffer) => {
    const length = new DataView(buffer).getUint32(0, true);
    const head = JSON.parse(text.decode(new Uint8Array(buffer, 4, length)));
    const bytes = new Uint8Array(buffer, 4 + length);
    let at = 0;
    const numbers = ([rows, columns]) => {
      const size = rows * columns;
      const found = new Uint16Array(size);
      for (let row = 0, n = 0; row < rows; row += 1) {
        let sum = 0;
        for (let column = 0; column < columns; column += 1, n += 1) {
          sum = (sum + (bytes[at + n] | (bytes[at + size + n] << 8))) & 0xffff;
          found[n] = sum;
        }
      }
      at += 2 * size;
      return found;
    };
    head.image.values = numbers(head.image.shape);
    head.doses.forEach((dose) => {
      dose.values = numbers(dose.shape);
    });
    return head;
  };

  class Plane {
    constructor(name) {
      this.name = name;
      Object.assign(this, PLANES[name]);
      this.figure = one(`[data-plane="${name}"]`);
      this.canvas = this.figure.querySelector("canvas");
      this.caption = this.figure.querySelector("[data-position]");
      this.lines = { across: grid[this.across], down: grid[this.down], along: grid[this.along] };
      this.kept = new Map();
      this.asked = new Map();
      this.zoom = 1;
      this.shift = [0, 0];
      this.step = 1;
      this.picture = document.createElement("canvas");
      this.wash = document.createElement("canvas");
      this.slice = null;
      this.drawn = -1;
      this.listen();
    }

    get index() {
      return nearest(this.lines.along, state.at[this.along]);
    }

    get count() {
      return this.lines.along.length;
    }

    /* The image as a rectangle on the canvas: mm to pixels of the screen. */
    frame() {
      const [left, right] = edges(this.lines.across);
      const [low, high] = edges(this.lines.down);
      const { width, height } = this.canvas;
      const scale = Math.min(width / (right - left), height / (high - low)) * this.zoom;
      const x0 = width / 2 - (scale * (right + left)) / 2 + this.shift[0];
      const y0 = this.flip
        ? height / 2 + (scale * (high + low)) / 2 + this.shift[1]
        : height / 2 - (scale * (high + low)) / 2 + this.shift[1];
      const sign = this.flip ? -1 : 1;
      return {
        scale, left, right, low, high,
        x: (mm) => x0 + scale * mm,
        y: (mm) => y0 + sign * scale * mm,
        across: (px) => (px - x0) / scale,
        down: (px) => (sign * (px - y0)) / scale,
      };
    }

    async load(index) {
      if (index < 0 || index >= this.count) return null;
      if (this.kept.has(index)) return this.kept.get(index);
      if (this.asked.has(index)) return this.asked.get(index);
      const asking = (async () => {
        const answer = await fetch(data.slice.replace("axial/0", `${this.name}/${index}`), { credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const found = decode(await answer.arrayBuffer());
        this.kept.set(index, found);
        const size = found.doses.reduce((sum, dose) => sum + dose.values.byteLength, found.image.values.byteLength);
        const most = clamp(Math.floor(MEMORY / size), 8, KEPT);
        while (this.kept.size > most) this.kept.delete(this.kept.keys().next().value);
        return found;
      })();
      this.asked.set(index, asking);
      try {
        return await asking;
      } finally {
        this.asked.delete(index);
      }
    }

    async show() {
      const wanted = this.index;
      this.label();
      try {
        const found = await this.load(wanted);
        if (wanted !== this.index) return;
        if (found !== this.slice) {
          this.slice = found;
          this.drawn = wanted;
          this.paint();
          this.stain();
        }
        this.draw();
        root.dataset.ready = "yes";
        fault("");
        readout();
        this.label();
        for (const next of [1, 2, -1]) this.load(wanted + next * this.step).catch(() => {});
      } catch {
        fault(words.lost);
      }
    }

    /* Rows of the picture are as even as pixels must be; planes of a CT need not be. */
    rows() {
      const line = this.lines.down;
      const [low, high] = edges(line);
      let least = Infinity;
      for (let n = 1; n < line.length; n += 1) least = Math.min(least, line[n] - line[n - 1]);
      const count = line.length > 1 ? Math.round((high - low) / least) : 1;
      const size = (high - low) / count;
      return Array.from({ length: count }, (_none, n) => low + size * (n + 0.5));
    }

    paint() {
      const { values, shape } = this.slice.image;
      const [, columns] = shape;
      const rows = this.rows();
      this.picture.width = columns;
      this.picture.height = rows.length;
      const ink = this.picture.getContext("2d");
      const image = ink.createImageData(columns, rows.length);
      const [level, width] = [state.window.level, state.window.width];
      const low = level - width / 2 - AIR;
      const gain = 255 / width;
      rows.forEach((mm, n) => {
        const place = between(this.lines.down, mm);
        const first = Math.floor(place);
        const part = place - first;
        const here = first * columns;
        const next = part ? here + columns : here;
        let at = 4 * columns * (this.flip ? rows.length - 1 - n : n);
        for (let column = 0; column < columns; column += 1, at += 4) {
          const value = values[here + column] * (1 - part) + values[next + column] * part;
          const grey = (value - low) * gain;
          image.data[at] = grey;
          image.data[at + 1] = grey;
          image.data[at + 2] = grey;
          image.data[at + 3] = 255;
        }
      });
      ink.putImageData(image, 0, 0);
    }

    /* Dose at a place of the plane in Gy; 0 outside of the dose grid. */
    gy(key, across, down) {
      return this.sampler(key)(across, down);
    }

    /* The same as a function of the place, for many places of one slice. */
    sampler(key) {
      if (key === "difference") {
        const [photon, proton] = [this.sampler("photon"), this.sampler("proton")];
        return (across, down) => photon(across, down) - proton(across, down);
      }
      const dose = this.slice?.doses.find((each) => each.key === key);
      if (!dose) return () => 0;
      const [rows, columns] = dose.shape;
      const [first, step] = dose.across;
      const [low, high] = dose.even ? [-Infinity, Infinity] : edges(dose.down);
      const [right, below] = [columns > 1 ? 1 : 0, rows > 1 ? columns : 0];
      const v = dose.values;
      return (across, down) => {
        const x = (across - first) / step;
        const y = dose.even ? (down - dose.down[0]) / dose.down[1] : between(dose.down, down);
        if (x < 0 || x > columns - 1 || y < 0 || y > rows - 1 || down < low || down > high) return 0;
        const column = Math.max(0, Math.min(Math.floor(x), columns - 2));
        const row = Math.max(0, Math.min(Math.floor(y), rows - 2));
        const [a, b] = [x - column, y - row];
        const at = row * columns + column;
        const upper = v[at] * (1 - a) + v[at + right] * a;
        const lower = v[at + below] * (1 - a) + v[at + below + right] * a;
        return (upper * (1 - b) + lower * b) / 100;
      };
    }

    /* The wash is finer than a coarse image, so that its bands are as smooth as the dose. */
    finer(line) {
      const [low, high] = edges(line);
      const count = Math.max(1, Math.ceil(FINE / line.length)) * line.length;
      return Array.from({ length: count }, (_none, n) => low + ((high - low) * (n + 0.5)) / count);
    }

    stain() {
      const line = this.finer(this.lines.across);
      const rows = this.finer(this.rows());
      this.wash.width = line.length;
      this.wash.height = rows.length;
      const ink = this.wash.getContext("2d");
      ink.clearRect(0, 0, line.length, rows.length);
      if (state.dose === "none" || !this.slice) return;
      const image = ink.createImageData(line.length, rows.length);
      const bands = state.dose === "difference" ? data.differences : data.levels;
      const sample = this.sampler(state.dose);
      rows.forEach((mm, n) => {
        let at = 4 * line.length * (this.flip ? rows.length - 1 - n : n);
        for (const across of line) {
          const colour = band(bands, sample(across, mm));
          if (colour) {
            image.data[at] = colour[0];
            image.data[at + 1] = colour[1];
            image.data[at + 2] = colour[2];
            image.data[at + 3] = 255;
          }
          at += 4;
        }
      });
      ink.putImageData(image, 0, 0);
    }

    fit() {
      const box = this.canvas.getBoundingClientRect();
      const dense = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(box.width * dense), Math.round(box.height * dense)];
      if (!width || !height || (this.canvas.width === width && this.canvas.height === height)) return;
      this.canvas.width = width;
      this.canvas.height = height;
      this.draw();
    }

    draw() {
      const ink = this.canvas.getContext("2d");
      const { width, height } = this.canvas;
      ink.fillStyle = "#000";
      ink.fillRect(0, 0, width, height);
      if (!this.slice) return;
      const f = this.frame();
      const top = this.flip ? f.y(f.high) : f.y(f.low);
      const box = [f.x(f.left), top, f.scale * (f.right - f.left), f.scale * (f.high - f.low)];
      ink.imageSmoothingEnabled = true;
      ink.drawImage(this.picture, ...box);
      if (state.dose !== "none") {
        ink.globalAlpha = state.strength;
        ink.drawImage(this.wash, ...box);
        ink.globalAlpha = 1;
      }
      this.outline(ink, f);
      if (state.cross) this.crossing(ink, f);
      this.letters(ink);
    }

    outline(ink, f) {
      const dense = window.devicePixelRatio || 1;
      ink.lineJoin = "round";
      for (const { number: which, lines, closed } of this.slice.contours) {
        if (state.off.has(which)) continue;
        const structure = data.structures.find((each) => each.number === which);
        if (!structure) continue;
        ink.beginPath();
        for (const line of lines) {
          for (let n = 0; n < line.length; n += 2) {
            const [x, y] = [f.x(line[n]), f.y(line[n + 1])];
            if (n) ink.lineTo(x, y);
            else ink.moveTo(x, y);
          }
          if (closed) ink.closePath();
        }
        // A dark edge keeps every colour apart from what lies behind it.
        ink.strokeStyle = "rgba(0,0,0,0.65)";
        ink.lineWidth = (structure.target ? 4.5 : 3.5) * dense;
        ink.stroke();
        ink.strokeStyle = structure.colour;
        ink.lineWidth = (structure.target ? 2.5 : 1.6) * dense;
        ink.stroke();
      }
    }

    crossing(ink, f) {
      const dense = window.devicePixelRatio || 1;
      const [x, y] = [f.x(state.at[this.across]), f.y(state.at[this.down])];
      const gap = 9 * dense;
      ink.lineWidth = dense;
      ink.strokeStyle = "rgba(255,255,255,0.75)";
      ink.beginPath();
      for (const [from, to] of [
        [[0, y], [x - gap, y]], [[x + gap, y], [this.canvas.width, y]],
        [[x, 0], [x, y - gap]], [[x, y + gap], [x, this.canvas.height]],
      ]) {
        ink.moveTo(...from);
        ink.lineTo(...to);
      }
      ink.stroke();
    }

    /* Which side is which: left and right are the patient's. */
    letters(ink) {
      const dense = window.devicePixelRatio || 1;
      const { width, height } = this.canvas;
      const [left, right, top, bottom] = data.letters[this.name];
      ink.font = `600 ${13 * dense}px "Sapar Sans", "Noto Sans", sans-serif`;
      ink.fillStyle = "#fff";
      ink.strokeStyle = "#000";
      ink.lineWidth = 3 * dense;
      ink.textBaseline = "middle";
      const put = (word, x, y, align) => {
        ink.textAlign = align;
        ink.strokeText(word, x, y);
        ink.fillText(word, x, y);
      };
      put(left, 8 * dense, height / 2, "left");
      put(right, width - 8 * dense, height / 2, "right");
      put(top, width / 2, 12 * dense, "center");
      put(bottom, width / 2, height - 12 * dense, "center");
    }

    describe() {
      const [across, down] = [state.at[this.across], state.at[this.down]];
      const parts = [
        say(words.slice, { n: number(this.index + 1), of: number(this.count) }),
        say(words.place, { x: number(state.at.x), y: number(state.at.y), z: number(state.at.z) }),
      ];
      // A dose is said only of the slice that is here, not of the one still drawn while it comes.
      if (this.slice && this.drawn === this.index) {
        for (const dose of data.doses) {
          if (dose.key === "difference") continue;
          parts.push(say(words.dose, { of: dose.label, gy: number(this.gy(dose.key, across, down), 1) }));
        }
      }
      return parts.join(", ");
    }

    label() {
      const here = this.index;
      this.canvas.setAttribute("aria-valuenow", String(here + 1));
      this.canvas.setAttribute("aria-valuetext", this.describe());
      this.caption.textContent = say(words.caption, { n: number(here + 1), of: number(this.count), mm: number(this.lines.along[here]) });
    }

    turn(step) {
      const next = clamp(this.index + step, 0, this.count - 1);
      this.step = step < 0 ? -1 : 1;
      state.at[this.along] = this.lines.along[next];
      moved();
    }

    point(x, y) {
      const f = this.frame();
      const pick = (line, mm) => line[nearest(line, mm)];
      state.at[this.across] = pick(this.lines.across, clamp(f.across(x), f.left, f.right));
      state.at[this.down] = pick(this.lines.down, clamp(f.down(y), f.low, f.high));
      moved();
    }

    walk(across, down) {
      for (const [axis, line, step] of [[this.across, this.lines.across, across], [this.down, this.lines.down, this.flip ? -down : down]]) {
        if (step) state.at[axis] = line[clamp(nearest(line, state.at[axis]) + step, 0, line.length - 1)];
      }
      moved();
    }

    /* Nearer or farther around a place of the canvas that stays where it is. */
    nearer(factor, x = this.canvas.width / 2, y = this.canvas.height / 2) {
      const next = clamp(this.zoom * factor, 1, MOST_ZOOM);
      const real = next / this.zoom;
      const { width, height } = this.canvas;
      this.shift = [
        (x - width / 2) * (1 - real) + this.shift[0] * real,
        (y - height / 2) * (1 - real) + this.shift[1] * real,
      ];
      this.zoom = next;
      if (next === 1) this.shift = [0, 0];
      this.draw();
    }

    place(event) {
      const box = this.canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * this.canvas.width, ((event.clientY - box.top) / box.height) * this.canvas.height];
    }

    listen() {
      this.canvas.addEventListener("keydown", (event) => this.key(event));
      this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      for (const button of this.figure.querySelectorAll("[data-do]")) {
        button.addEventListener("click", () => {
          const what = button.dataset.do;
          if (what === "next") this.turn(1);
          else if (what === "previous") this.turn(-1);
          else this.nearer(what === "nearer" ? 1.5 : 1 / 1.5);
        });
      }
      this.fingers = new Map();
      this.canvas.addEventListener("pointerdown", (event) => this.down_(event));
      this.canvas.addEventListener("pointermove", (event) => this.move(event));
      for (const end of ["pointerup", "pointercancel"]) {
        this.canvas.addEventListener(end, (event) => this.up(event));
      }
      new ResizeObserver(() => this.fit()).observe(this.canvas);
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const steps = {
        ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: PAGE, PageDown: -PAGE,
        Home: -this.count, End: this.count,
      };
      if (event.shiftKey && arrows[event.key]) this.walk(...arrows[event.key]);
      else if (steps[event.key]) this.turn(steps[event.key]);
      else if (event.key === "+" || event.key === "=") this.nearer(1.25);
      else if (event.key === "-") this.nearer(0.8);
      else return;
      event.preventDefault();
    }

    wheel(event) {
      event.preventDefault();
      if (event.ctrlKey) {
        this.nearer(event.deltaY < 0 ? 1.15 : 1 / 1.15, ...this.place(event));
        return;
      }
      this.turned = (this.turned || 0) + event.deltaY;
      const notch = event.deltaMode === 0 ? 40 : 1;
      const steps = Math.trunc(this.turned / notch);
      if (steps) {
        this.turned -= steps * notch;
        this.turn(-clamp(steps, -5, 5));
      }
    }

    down_(event) {
      if (event.button !== 0) return;
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      this.canvas.setPointerCapture(event.pointerId);
      this.began = [event.clientX, event.clientY];
      this.swiped = 0;
      this.spread = 0;
      this.canvas.focus({ preventScroll: true });
      if (event.pointerType === "mouse") this.point(...this.place(event));
    }

    move(event) {
      if (!this.fingers.has(event.pointerId)) return;
      const before = this.fingers.get(event.pointerId);
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.fingers.size === 2) {
        this.pinch(event, before);
        return;
      }
      if (event.pointerType === "mouse") {
        this.point(...this.place(event));
        return;
      }
      // A swipe across: one slice for each 12 px. Up and down the page itself scrolls.
      const steps = Math.trunc((event.clientX - this.began[0]) / 12);
      if (steps !== this.swiped) {
        this.turn(steps - this.swiped);
        this.swiped = steps;
      }
    }

    pinch(event, before) {
      const [a, b] = Array.from(this.fingers.values());
      const spread = Math.hypot(a[0] - b[0], a[1] - b[1]);
      const box = this.canvas.getBoundingClientRect();
      const dense = this.canvas.width / box.width;
      if (this.spread) {
        const [x, y] = [((a[0] + b[0]) / 2 - box.left) * dense, ((a[1] + b[1]) / 2 - box.top) * dense];
        this.shift[0] += ((event.clientX - before[0]) / 2) * dense;
        this.shift[1] += ((event.clientY - before[1]) / 2) * dense;
        this.nearer(spread / this.spread, x, y);
      }
      this.spread = spread;
      this.swiped = Infinity;
    }

    up(event) {
      const known = this.fingers.delete(event.pointerId);
      const still = this.began && Math.hypot(event.clientX - this.began[0], event.clientY - this.began[1]) < 8;
      if (known && event.type === "pointerup" && event.pointerType !== "mouse" && still && !this.swiped) {
        this.point(...this.place(event));
      }
    }
  }

  const band = (bands, gy) => {
    let found = null;
    for (const each of bands) {
      if (each.gy >= 0 ? gy >= each.gy : gy <= each.gy) {
        if (!found || Math.abs(each.gy) >= Math.abs(found.gy)) found = each;
      }
    }
    return found ? found.rgb : null;
  };
  const planes = Object.keys(PLANES).map((name) => new Plane(name));
  const fault = (said) => {
    one("[data-fault]").textContent = said;
  };
  const readout = () => {
    one("[data-readout]").textContent = planes[0].slice ? planes[0].describe() + hounsfield() : "";
  };
  const hounsfield = () => {
    const { values, shape } = planes[0].slice.image;
    const [column, row] = [nearest(grid.x, state.at.x), nearest(grid.y, state.at.y)];
    return `, ${number(values[row * shape[1] + column] + AIR)} HU`;
  };
  let waits = false;
  const moved = () => {
    for (const each of planes) each.label();
    root.dataset.at = `${state.at.x} ${state.at.y} ${state.at.z}`;
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      for (const each of planes) each.show();
    });
  };
  const again = (what) => {
    for (const each of planes) {
      if (!each.slice) continue;
      if (what === "picture") each.paint();
      if (what === "wash") each.stain();
      each.draw();
    }
  };

  /* The choices around the pictures. */
  root.addEventListener("change", (event) => {
    const { name, value, checked } = event.target;
    if (name === "viewer-dose") {
      state.dose = value;
      for (const legend of all("[data-legend]")) legend.hidden = legend.dataset.legend !== (value === "difference" ? "difference" : value === "none" ? "" : "dose");
      again("wash");
    } else if (name === "viewer-window") {
      state.window = data.windows.find((each) => each.key === value) || state.window;
      again("picture");
    } else if (name === "viewer-structure") {
      if (checked) state.off.delete(Number(value));
      else state.off.add(Number(value));
      again("");
    } else if (name === "viewer-cross") {
      state.cross = checked;
      again("");
    } else if (name === "viewer-plane") {
      root.dataset.shown = value;
      for (const each of planes) each.fit();
    }
  });
  root.addEventListener("input", (event) => {
    if (event.target.name !== "viewer-strength") return;
    state.strength = Number(event.target.value) / 100;
    again("");
  });
  /* On a small screen what is secondary is folded; an address with a fragment opens its part. */
  if (window.matchMedia("(max-width: 640px)").matches) {
    const shown = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    for (const each of document.querySelectorAll("[data-outlines], [data-fold]"))
      if (!shown?.contains(each)) each.open = false;
  }
  for (const each of planes) {
    each.fit();
    each.show();
  }
  root.dataset.script = "yes";
})();
