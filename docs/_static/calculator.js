// The calculator page: forms drawn from the library's own description of them, computed by the
// library itself, which runs in a worker. Nothing entered here leaves the page.

const place = document.getElementById("itp-calculator");

// --- small helpers ---------------------------------------------------------------------------

// Make an element: make("p", {class: "x"}, "text", child, ...).
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const address = (path) => new URL(path, document.baseURI).href;

async function start() {
  const files = address(place.dataset.files);
  let page;
  try {
    page = await (await fetch(files + "forms.json")).json();
  } catch {
    place.replaceChildren(make("p", { class: "itp-alert", role: "alert" }, "forms.json?"));
    return;
  }
  new Calculator(page, files);
}

// --- the page --------------------------------------------------------------------------------

class Calculator {
  constructor(page, files) {
    this.page = page;
    this.files = files;
    this.waiting = new Map(); // computations by number, until the worker answers
    this.kept = {}; // what was entered, by calculator, so that a change of language keeps it
    this.number = 0;
    this.state = { step: "loading", loaded: 0, total: 0 };
    const wanted = new URLSearchParams(location.search).get("lang");
    this.lang = page[wanted] ? wanted : "en";
    addEventListener("hashchange", () => this.draw(true));
    this.draw(false);
    this.load();
  }

  get words() {
    return this.page[this.lang].words;
  }

  get tools() {
    return this.page[this.lang].tools;
  }

  get tool() {
    const key = decodeURIComponent(location.hash.slice(1));
    return this.tools.find((tool) => tool.key === key) || this.tools[0];
  }

  // --- Python

  load() {
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
      this.state = { step: "unable" };
      this.showState();
      return;
    }
    this.worker = new Worker(address(place.dataset.worker), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => this.hear({ kind: "failed", message: event.message || "" });
    this.worker.postMessage({ files: this.files });
  }

  hear({ kind, id, answer, ...more }) {
    if (kind === "progress") this.state = more;
    else if (kind === "ready") this.state = { step: "ready" };
    else if (kind === "failed") this.state = { step: "failed", ...more };
    if (kind === "answer") {
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    } else this.showState();
  }

  compute(tool, given) {
    this.number += 1;
    const id = this.number;
    this.worker.postMessage({ id, tool, given, lang: this.lang });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  showState() {
    const { step, loaded, total, message } = this.state;
    const words = this.words[step];
    const bar = this.bar;
    bar.hidden = step !== "loading" && step !== "starting";
    if (step === "loading" && total) bar.value = loaded / total;
    else if (step === "starting") bar.removeAttribute("value");
    const size = total && step === "loading" ? megabytes(loaded, total) : "";
    this.bytes.textContent = size;
    const text = message ? `${words} ${message}` : words;
    // only a new step is told to a screen reader, not every byte
    if (this.status.textContent !== text) this.status.textContent = text;
    place.dataset.state = step;
  }

  // --- drawing

  draw(moved) {
    this.keep();
    const { words, tool } = this;
    document.documentElement.dataset.calculatorLang = this.lang;
    this.status = make("p", { class: "itp-status", role: "status" });
    this.bytes = make("span", { class: "itp-bytes", "aria-hidden": "true" });
    this.bar = make("progress", { max: 1, "aria-label": words.loading, hidden: true });
    this.result = make("section", { class: "itp-result", "aria-live": "polite" });
    this.heading = make("h2", { id: "itp-heading", tabindex: "-1" }, tool.title);
    place.replaceChildren(
      make(
        "div",
        { lang: this.lang, class: "itp-body" },
        this.drawLanguages(),
        make("p", { class: "itp-notice" }, words.notice),
        words.translated ? make("p", { class: "itp-notice" }, words.translated) : null,
        this.drawMenu(tool),
        make("div", { class: "itp-load" }, this.status, this.bar, this.bytes),
        this.heading,
        make("p", {}, tool.intro),
        this.drawForm(tool),
        this.result,
        make("p", { class: "itp-links" }, make("a", { href: tool.rules + ".html" }, words.rule),
          " · ", words.same, " ", make("code", {}, tool.call)),
      ),
    );
    this.restore();
    this.showState();
    if (moved) this.heading.focus();
  }

  drawLanguages() {
    const buttons = Object.entries(this.page).map(([lang, { name }]) =>
      make(
        "button",
        {
          type: "button",
          lang,
          "aria-pressed": String(lang === this.lang),
          onclick: () => this.speak(lang),
        },
        name,
      ),
    );
    return make("div", { class: "itp-languages", role: "group", "aria-label": "Language 语言" },
      ...buttons);
  }

  speak(lang) {
    this.keep();
    this.lang = lang;
    const url = new URL(location.href);
    url.searchParams.set("lang", lang);
    history.replaceState(null, "", url);
    this.draw(false);
    place.querySelector(`.itp-languages [lang="${lang}"]`).focus();
  }

  drawMenu(tool) {
    const links = this.tools.map(({ key, title }) =>
      make("li", {}, make("a", { href: "#" + key, "aria-current": key === tool.key && "page" },
        title)),
    );
    return make("nav", { class: "itp-menu", "aria-label": this.words.calculators },
      make("ul", {}, ...links));
  }

  drawForm(tool) {
    const button = make("button", { type: "submit", class: "itp-compute" }, this.words.compute);
    const clear = make("button", { type: "reset" }, this.words.clear);
    this.form = make(
      "form",
      {
        class: "itp-form",
        "data-tool": tool.key,
        novalidate: true,
        autocomplete: "off",
        "aria-labelledby": "itp-heading",
        onsubmit: (event) => this.submit(event),
        onchange: () => this.show(),
        // after the browser has reset the fields
        onreset: () => setTimeout(() => { this.result.replaceChildren(); this.show(true); }),
      },
      ...tool.fields.map((field) => this.drawField(field)),
      make("div", { class: "itp-buttons" }, button, clear),
    );
    return this.form;
  }

  drawField(field) {
    const id = "itp-" + field.name.replace(/[^\w-]/g, "_");
    const described = [field.hint && id + "-hint", id + "-error"].filter(Boolean).join(" ");
    const hint = field.hint ? make("p", { class: "itp-hint", id: id + "-hint" }, field.hint) : null;
    const error = make("p", { class: "itp-error", id: id + "-error", hidden: true });
    const common = { id, name: field.name, "aria-describedby": described };
    const needed = field.required ? make("span", { class: "itp-needed" }, this.words.needed) : null;
    if (field.kind === "several") {
      const boxes = field.choices.map(([value, words], at) =>
        make("label", {}, make("input", { type: "checkbox", name: field.name, value,
          id: at ? `${id}-${at}` : id }), " ", words));
      return make("fieldset", { class: "itp-field", "data-field": field.name,
        "aria-describedby": described }, make("legend", {}, field.label), ...boxes, error);
    }
    let control;
    if (field.kind === "choice") {
      control = make("select", common);
      control.append(...field.choices.map(([value, words]) =>
        make("option", { value, selected: value === field.start }, words)));
    } else if (field.kind === "lines") {
      control = make("textarea", { ...common, rows: 6, spellcheck: "false" });
    } else {
      const type = field.kind === "date" ? "date" : "text";
      control = make("input", { ...common, type, value: field.start || null, spellcheck: "false",
        inputmode: field.kind === "whole" ? "numeric" : null,
        "aria-required": field.required && "true" });
    }
    return make("div", { class: "itp-field itp-" + field.kind, "data-field": field.name },
      make("label", { for: id }, field.label, " ", needed), hint, control, error);
  }

  // Show the fields that what was chosen asks for, and offer the choices that belong to it.
  show(fresh = false) {
    const value = (name) => this.form.elements[name]?.value;
    for (const field of this.tool.fields) {
      const box = this.box(field.name);
      if (field.narrowed_by) this.narrow(field, value(field.narrowed_by), fresh);
      if (field.shown_if) {
        const [other, values] = field.shown_if;
        box.hidden = !values.includes(value(other));
      }
    }
  }

  narrow(field, first, fresh) {
    const select = this.form.elements[field.name];
    if (select.dataset.first === first && !fresh) return;
    const same = select.value.replace(/^[^:]*/, first); // the same term in another edition
    const wanted = fresh ? [field.start] : [same, field.start];
    const kept = field.choices.filter(([value]) => value.startsWith(first + ":"));
    select.replaceChildren(...kept.map(([value, words]) =>
      make("option", { value, selected: value === field.start }, words)));
    select.dataset.first = first;
    const values = kept.map(([value]) => value);
    select.value = wanted.find((value) => values.includes(value)) || values[0];
  }

  box(name) {
    return this.form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  }

  // --- what was entered

  read() {
    const given = {};
    for (const field of this.tool.fields) {
      if (this.box(field.name).hidden) continue;
      const found = new FormData(this.form).getAll(field.name);
      given[field.name] = field.kind === "several" ? found : found[0] || "";
    }
    return given;
  }

  keep() {
    if (!this.form) return;
    const all = {};
    for (const name of new Set(new FormData(this.form).keys())) {
      all[name] = new FormData(this.form).getAll(name);
    }
    this.kept[this.form.dataset.tool] = all;
  }

  restore() {
    const all = this.kept[this.tool.key] || {};
    for (const round of [1, 2]) { // twice: a choice may decide what another one offers
      for (const [name, values] of Object.entries(all)) {
        for (const control of this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
          if (control.type === "checkbox") control.checked = values.includes(control.value);
          else control.value = values[0];
        }
      }
      this.show();
    }
  }

  // --- the answer

  async submit(event) {
    event.preventDefault();
    for (const error of this.form.querySelectorAll(".itp-error")) error.hidden = true;
    for (const control of this.form.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
    }
    if (!this.worker) return;
    this.result.replaceChildren(make("p", { class: "itp-wait" }, this.words.computing));
    const { tool } = this;
    const answer = await this.compute(tool.key, this.read());
    if (this.tool !== tool) return; // somebody went elsewhere meanwhile
    if (answer.error) this.refuse(answer.error);
    else this.showAnswer(tool, answer);
  }

  refuse({ field, message, original }) {
    const text = [make("span", {}, message)];
    if (original !== message) text.push(make("span", { class: "itp-original", lang: "en" }, original));
    const box = field && this.box(field);
    if (!box) {
      this.result.replaceChildren(make("p", { class: "itp-alert", role: "alert" }, ...text));
      return;
    }
    this.result.replaceChildren();
    const error = box.querySelector(".itp-error");
    const control = box.querySelector("input, select, textarea");
    error.replaceChildren(...text);
    error.hidden = false;
    control.setAttribute("aria-invalid", "true");
    control.focus();
  }

  showAnswer(tool, answer) {
    const { words } = this;
    const title = make("h3", { tabindex: "-1" }, answer.headline);
    const list = (name, texts, kind) =>
      texts.length ? [make("h4", {}, name), make("ul", { class: kind }, ...texts.map((text) =>
        make("li", {}, text)))] : [];
    this.result.replaceChildren(
      title,
      ...list(words.warnings, answer.warnings, "itp-warnings"),
      ...list(words.because, answer.reading, "itp-reading"),
      ...answer.panels.flatMap((panel) => this.table(panel)),
      ...list(words.remarks, answer.remarks, "itp-remarks"),
      ...this.working(answer.steps),
      ...this.sources(answer.sources),
      make("p", { class: "itp-notice" }, words.decides),
      this.answerButtons(tool, answer),
    );
    title.focus();
  }

  // A table that becomes a list of cards on a narrow screen; the roles keep it a table for all.
  table({ title, columns, rows, numbers }) {
    const number = (at) => (numbers.includes(at) ? "itp-number" : null);
    const head = make("tr", { role: "row" }, ...columns.map((name, at) =>
      make("th", { role: "columnheader", scope: "col", class: number(at) }, name)));
    const body = rows.map((row) => make("tr", { role: "row" }, ...row.map((cell, at) =>
      make("td", { role: "cell", class: number(at), "data-label": columns[at] }, cell))));
    const kind = columns.length === 2 ? "itp-table itp-pairs" : "itp-table";
    return [make("table", { role: "table", class: kind }, make("caption", {}, title),
      make("thead", { role: "rowgroup" }, head), make("tbody", { role: "rowgroup" }, ...body))];
  }

  working(steps) {
    if (!steps.length) return [];
    const lines = steps.map((step) => {
      const parts = [step.what, step.formula, step.substituted, step.result].filter(Boolean);
      const source = step.source ? ` [${step.source}]` : "";
      return make("li", {}, parts.join(" = "), step.note ? `; ${step.note}` : "",
        make("span", { class: "itp-source" }, source));
    });
    return [make("h4", {}, this.words.working), make("ol", { class: "itp-working" }, ...lines)];
  }

  sources(sources) {
    const lines = sources.map(({ cited, note, reference, link, verified }) =>
      make("li", {}, cited, verified ? "" : ` ${this.words.unverified}`, note ? `: ${note}` : "",
        make("br"), link ? make("a", { href: link, rel: "noreferrer" }, reference) : reference));
    return [make("h4", {}, this.words.sources), make("ul", { class: "itp-sources" }, ...lines)];
  }

  answerButtons(tool, { document: found, given }) {
    const { words } = this;
    const told = make("span", { role: "status" });
    const text = JSON.stringify({ calculator: tool.key, given, result: found }, null, 2);
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(text);
        told.textContent = words.copied;
      } catch {
        // no clipboard on this page's connection: show the text to be copied by hand
        this.result.append(make("pre", { tabindex: "0", class: "itp-json" }, text));
        told.textContent = words.below;
      }
    };
    return make("div", { class: "itp-buttons itp-screen" },
      make("button", { type: "button", class: "itp-copy", onclick: copy }, words.copy),
      make("button", { type: "button", onclick: () => print() }, words.print), told);
  }
}

function megabytes(loaded, total) {
  return `${(loaded / 1e6).toFixed(1)} / ${(total / 1e6).toFixed(1)} MB`;
}

if (place) start(); // not there where the calculator was not built
