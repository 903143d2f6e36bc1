/* Sends a folder, or one file, in pieces: each with its checksum, from where the last attempt broke off. A folder goes
   as a tar that is never made: its bytes follow from names and sizes, so any of them can be sent again.
   Without this script the form sends one file. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-study]");
  if (!form || !window.fetch || !Blob.prototype.slice) return;
  const words = form.dataset;
  const BLOCK = Number(words.block);
  const RECORD = 512;
  const LONGEST_PAUSE = 60;
  const hashes = Boolean(window.crypto?.subtle);
  const progress = form.querySelector("[data-progress]");
  const bar = progress.querySelector("progress");
  const line = progress.querySelector("[data-words]");
  const zone = form.querySelector("[data-zone]");
  const inputs = form.querySelectorAll("input[type=file]");
  let running = null; /* { stopped, seconds } */

  form.querySelectorAll("[data-scripted]").forEach((each) => { each.hidden = false; });
  form.querySelectorAll("[data-plain]").forEach((each) => { each.hidden = true; });
  document.getElementById("id_file").multiple = true;
  form.querySelectorAll("[data-open]").forEach((button) => {
    button.addEventListener("click", () => document.getElementById(button.dataset.open).click());
  });

  const mb = (bytes) => words.mb.replace("{n}", Math.max(1, Math.round(bytes / 1048576)).toLocaleString(document.documentElement.lang));
  const say = (text, share) => {
    progress.hidden = false;
    if (line.textContent !== text) line.textContent = text;
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = 100 * share;
  };
  const pause = (seconds) => new Promise((done) => { setTimeout(done, 1000 * seconds); });
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  const encoder = new TextEncoder();

  /* A header of a tar: the end of the path as far as it fits; it is only shown. */
  const header = (path, size) => {
    const record = new Uint8Array(RECORD);
    let name = encoder.encode(path);
    if (name.length > 100) {
      name = name.slice(name.length - 100);
      while (name.length && (name[0] & 0xc0) === 0x80) name = name.slice(1);
      while (name.length && name[0] === 0x2f) name = name.slice(1);
    }
    const put = (text, at) => record.set(encoder.encode(text), at);
    record.set(name, 0);
    put("0000600\0" + "0000000\0" + "0000000\0", 100);
    put(size.toString(8).padStart(11, "0") + "\0" + "00000000000\0" + "        " + "0", 124);
    put("ustar\0" + "00", 257);
    const sum = record.reduce((all, byte) => all + byte, 0);
    put(sum.toString(8).padStart(6, "0") + "\0 ", 148);
    return record;
  };

  /* Files with their paths, in an order that does not depend on the browser. */
  const packed = (files) => {
    if (files.length === 1 && !files[0].path.includes("/")) return { name: files[0].path, body: files[0].file };
    const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
    const pieces = sorted.flatMap(({ path, file }) => [
      header(path, file.size), file, new Uint8Array((RECORD - (file.size % RECORD)) % RECORD),
    ]);
    const name = sorted[0].path.includes("/") ? sorted[0].path.split("/")[0] : sorted[0].path;
    return { name, body: new Blob([...pieces, new Uint8Array(2 * RECORD)]) };
  };
  const fingerprint = async (files) => {
    if (!hashes) return "";
    const lines = files.map(({ path, file }) => `${path}\t${file.size}\t${file.lastModified}\n`).sort();
    return hex(await sha256(encoder.encode(lines.join(""))));
  };

  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  class Refused extends Error {}
  class Away extends Refused {} /* signed out meanwhile, or no longer allowed: the page itself says so */
  const ask = async (url, method, more = {}, headers = {}) => {
    const response = await fetch(url, {
      method, credentials: "same-origin", ...more,
      headers: { "X-CSRFToken": token, Accept: "application/json", ...headers },
    });
    if (response.redirected || response.status === 401 || response.status === 403) throw new Away();
    return response;
  };
  const told = async (response) => {
    if (response.ok) return response.json();
    const said = await response.json().catch(() => ({}));
    const [problem] = said.problems || [];
    throw new Refused(problem ? `${problem.what} ${problem.remedy}` : words.failed);
  };

  /* A broken line: wait longer and longer, until a piece arrives again. */
  const rest = async (state) => {
    say(words.waiting.replace("{n}", state.seconds), bar.value / 100);
    for (let left = state.seconds; left > 0 && !state.stopped; left -= 1) await pause(1);
    state.seconds = Math.min(LONGEST_PAUSE, 2 * state.seconds);
  };
  /* Where the other side is. */
  const offsetOf = async (url, state) => {
    while (!state.stopped) {
      try {
        const response = await ask(url, "HEAD");
        if (response.ok) return Number(response.headers.get("Upload-Offset"));
        if (response.status < 500) throw new Refused(words.failed);
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      await rest(state);
    }
    return 0;
  };

  const piece = async (blob) => {
    try {
      return await blob.arrayBuffer();
    } catch {
      throw new Refused(words.changed);
    }
  };

  /* One block: what of it is not there yet is sent; the answer is where the other side is then. */
  const send = async (url, data, begin, offset, state) => {
    const left = data.slice(Math.max(0, offset - begin));
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    if (hashes) headers["Content-Digest"] = `sha-256=:${btoa(String.fromCharCode(...await sha256(left)))}:`;
    let response = null;
    try {
      response = await ask(url, "PATCH", { body: left }, headers);
    } catch (error) {
      if (error instanceof Refused) throw error;
      await rest(state);
      return offsetOf(url, state);
    }
    if (response.status === 204) state.seconds = 1;
    if (response.status === 204 || response.status === 409) return Number(response.headers.get("Upload-Offset"));
    if (response.status === 423 || response.status === 400 || response.status >= 500) {
      await rest(state);
      return offsetOf(url, state);
    }
    throw new Refused(words.failed);
  };

  const all = async (url, body, known, state) => {
    const digests = [];
    let offset = known;
    for (let begin = 0; begin < body.size && !state.stopped; begin += BLOCK) {
      const end = Math.min(body.size, begin + BLOCK);
      const data = hashes || offset < end ? await piece(body.slice(begin, end)) : null;
      if (hashes) digests.push(await sha256(data));
      if (end <= known) say(words.again.replace("{n}", Math.round((100 * end) / known)), end / body.size);
      while (offset < end && !state.stopped) {
        offset = await send(url, data, begin, offset, state);
        if (state.stopped) return "";
        if (offset < begin) throw new Refused(words.failed);
        say(words.sending.replace("{have}", mb(offset)).replace("{total}", mb(body.size)), offset / body.size);
      }
    }
    if (!hashes) return "";
    const joined = new Uint8Array(digests.length * 32);
    digests.forEach((digest, at) => joined.set(digest, 32 * at));
    return hex(await sha256(joined));
  };

  const upload = async (files) => {
    if (running) return;
    const real = files.filter(({ file }) => file.size > 0);
    if (!real.length) { say(words.none, 0); return; }
    const state = { stopped: false, seconds: 1 };
    running = state;
    form.setAttribute("aria-busy", "true");
    try {
      say(words.packing);
      const { name, body } = packed(real);
      const given = new URLSearchParams({ name, total: body.size, fingerprint: await fingerprint(real) });
      const { url, offset } = await told(await ask(words.begin, "POST", { body: given }));
      const blocks = await all(url, body, offset, state);
      if (state.stopped) { window.location.reload(); return; }
      say(words.done, 1);
      const end = new URLSearchParams({ do: "finish", blocks });
      await told(await ask(url, "POST", { body: end }));
      running = null;
      window.location.reload();
    } catch (error) {
      running = null;
      if (error instanceof Away) { window.location.reload(); return; }
      say(error instanceof Refused ? error.message : words.failed, bar.value / 100);
    } finally {
      running = null;
      form.removeAttribute("aria-busy");
    }
  };

  /* What was dropped: folders are walked. */
  const entries = (reader) => new Promise((done, fail) => { reader.readEntries(done, fail); });
  const fileOf = (entry) => new Promise((done, fail) => { entry.file(done, fail); });
  const walk = async (entry) => {
    if (entry.isFile) return [{ path: entry.fullPath.replace(/^\/+/, ""), file: await fileOf(entry) }];
    const reader = entry.createReader();
    const found = [];
    for (let some = await entries(reader); some.length; some = await entries(reader)) {
      for (const each of some) found.push(...await walk(each));
    }
    return found;
  };
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("over");
    const dropped = Array.from(event.dataTransfer.items || [], (item) => item.webkitGetAsEntry?.()).filter(Boolean);
    say(words.packing);
    const found = [];
    for (const each of dropped) found.push(...await walk(each));
    upload(found);
  });
  inputs.forEach((input) => input.addEventListener("change", () => {
    upload(Array.from(input.files, (file) => ({ path: file.webkitRelativePath || file.name, file })));
    input.value = "";
  }));
  form.addEventListener("submit", (event) => event.preventDefault());
  progress.querySelector("[data-stop]").addEventListener("click", () => { if (running) running.stopped = true; });
  window.addEventListener("beforeunload", (event) => { if (running && !running.stopped) event.preventDefault(); });
})();
