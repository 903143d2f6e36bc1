/* The referral form: small helps on top of pages that work without them. */
(() => {
  "use strict";
  const form = document.getElementById("refer-form");
  const wait = 10000;

  if (form) {
    /* Each sending has a number, so that one that was overtaken on the way changes nothing. What
       the browser cannot read (half a date) has no value: its name is sent instead. */
    let step = 0;
    form.addEventListener("formdata", (event) => {
      step += 1;
      event.formData.set("step", String(step));
      for (const field of form.elements) {
        if (field.name && field.validity?.badInput) event.formData.append("unreadable", field.name);
      }
    });

    /* A line that broke: try again until the text is kept. */
    let again = 0;
    form.addEventListener("htmx:error", () => {
      clearTimeout(again);
      again = setTimeout(() => form.dispatchEvent(new Event("change", { bubbles: true })), wait);
    });

    /* The answer is renewed while somebody may be reading a "why": what was open stays open. */
    let open = [];
    const key = (details) => details.closest("[id]")?.id;
    document.addEventListener("htmx:before:swap", () => {
      open = Array.from(document.querySelectorAll("aside details[open]"), key);
    });
    document.addEventListener("htmx:after:swap", () => {
      for (const details of document.querySelectorAll("aside details")) {
        if (open.includes(key(details))) details.open = true;
      }
      for (const place of form.querySelectorAll(".later")) {
        const wrong = Boolean(place.querySelector(".error"));
        const field = place.closest(".field");
        field?.classList.toggle("wrong", wrong);
        field?.querySelectorAll(".control").forEach((control) => {
          if (wrong) control.setAttribute("aria-invalid", "true");
          else control.removeAttribute("aria-invalid");
        });
      }
    });
  }

  /* Files dropped anywhere on the page go into its form. */
  const target = document.querySelector("form[data-drop-anywhere]");
  const input = target?.querySelector("input[type=file]");
  const carries = (event) => Array.from(event.dataTransfer?.types || []).includes("Files");
  if (input) {
    document.addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      if (event.defaultPrevented || !event.dataTransfer?.files.length) return;
      event.preventDefault();
      input.files = event.dataTransfer.files;
      input.focus();
    });
  }

  /* Large files: say how far they are. Without script the browser sends them all the same. */
  const upload = document.querySelector("form[data-upload]");
  upload?.addEventListener("submit", (event) => {
    if (!upload.querySelector("input[type=file]").files.length) return;
    event.preventDefault();
    const line = upload.querySelector("[data-progress]");
    const words = line.querySelector("[data-words]");
    const bar = line.querySelector("progress");
    const button = upload.querySelector("button");
    const request = new XMLHttpRequest();
    const say = (text) => {
      line.hidden = false;
      words.textContent = text;
    };
    request.upload.addEventListener("progress", (moved) => {
      if (!moved.lengthComputable) return;
      const part = Math.floor((moved.loaded / moved.total) * 100);
      bar.value = part;
      say(part < 100 ? `${words.dataset.sending} ${part} %` : words.dataset.kept);
    });
    const failed = () => {
      button.disabled = false;
      say(words.dataset.failed);
    };
    request.addEventListener("load", () => {
      if (request.status === 204) location.assign(location.pathname);
      else if (request.status < 400) location.assign(request.responseURL);
      else failed();
    });
    request.addEventListener("error", failed);
    button.disabled = true;
    say(`${words.dataset.sending} 0 %`);
    request.open("POST", upload.action);
    request.setRequestHeader("X-Upload", "1");
    request.send(new FormData(upload));
  });
})();
