/* A report saves cell by cell: what was typed goes to the server when a cell is left, and lies in this window until it is
   there. Nothing that somebody else wrote meanwhile is written over: mine and theirs are shown in the cell.
   The copy lies under the same names as those of drafts.js, which erases it on signing out and for another reader. */
"use strict";
(() => {
  const form = document.getElementById("sheets");
  if (!form) return;
  const RETRY = 10000;
  const AT_ONCE = 200;
  const store = window.sessionStorage;
  const key = `typing:${document.body.dataset.reader || ""}:${location.pathname}`;
  const says = form.dataset;
  const status = document.getElementById("sheet-status");
  const marks = document.getElementById("sheet-marks").content;

  // --- A cell: td[data-cell], its field, what the server keeps (data-kept) and what was sent last -------------------------
  const cellAt = (address) => form.querySelector(`[data-cell="${CSS.escape(address)}"]`);
  const fieldOf = (cell) => cell.querySelector(".cell-input");
  const isTick = (field) => field.type === "checkbox";
  const textOf = (cell) => {
    const field = fieldOf(cell);
    return isTick(field) ? (field.checked ? "yes" : "") : field.value;
  };
  // Words in the place of a tick are kept as they were typed, and so need a field that holds them.
  const asWords = (field) => {
    const words = document.createElement("input");
    words.type = "text";
    words.className = "form-control cell-input";
    for (const name of ["id", "name", "aria-labelledby", "aria-describedby"]) words.setAttribute(name, field.getAttribute(name));
    const focused = document.activeElement === field;
    field.replaceWith(words);
    if (focused) words.focus();
    return words;
  };
  const setText = (cell, text) => {
    let field = fieldOf(cell);
    if (isTick(field)) {
      if (text === "" || text === "yes") {
        field.checked = text === "yes";
        return;
      }
      field = asWords(field);
    }
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === text)) {
      field.add(new Option(text, text));
    }
    field.value = text;
  };

  const mark = (cell, what, title = "") => {
    const place = cell.querySelector(".cell-mark");
    const found = what && marks.querySelector(`[data-mark="${what}"]`);
    place.replaceChildren(...(found ? [found.cloneNode(true)] : []));
    if (title && place.firstChild) place.firstChild.title = title;
  };
  const note = (cell, part, words) => {
    const place = cell.querySelector(`[data-${part}]`);
    place.replaceChildren();
    if (!words) return;
    place.append(marks.querySelector("[data-mark='wrong'] svg").cloneNode(true), ` ${words}`);
  };
  const complain = (cell, words) => {
    note(cell, "complaint", words);
    cell.toggleAttribute("data-wrong", Boolean(words));
    fieldOf(cell).toggleAttribute("aria-invalid", false);
    if (words) fieldOf(cell).setAttribute("aria-invalid", "true");
  };
  const say = (what, words = "") => {
    for (const line of status.querySelectorAll("[data-stands]")) {
      line.hidden = line.dataset.stands !== what;
      const place = line.querySelector("[data-says]");
      if (place && !line.hidden) place.textContent = words;
    }
  };

  const saySaved = () => {
    if (unsaved.size) say("");
    else say("saved", says.saysSaved.replace("{time}", new Date().toTimeString().slice(0, 5)));
  };

  // --- What the server does not have yet ---------------------------------------------------------------------------------
  const unsaved = new Set();
  let leaving = false;
  const keep = () => {
    const cells = {};
    for (const cell of unsaved) cells[cell.dataset.cell] = { text: textOf(cell), seen: cell.dataset.kept };
    const at = document.activeElement?.closest?.("[data-cell]")?.dataset.cell || "";
    try {
      if (unsaved.size) store.setItem(key, JSON.stringify({ cells, at }));
      else store.removeItem(key);
    } catch {
      // Full or switched off: leaving the page asks.
    }
  };
  const sent = new Map();
  for (const cell of form.querySelectorAll("[data-cell]")) if (fieldOf(cell)) sent.set(cell, textOf(cell));
  const isTouched = (cell) => textOf(cell) !== (sent.get(cell) ?? "");
  const touched = (cell) => {
    if (isTouched(cell)) unsaved.add(cell);
    else if (!waiting.has(cell) && !onItsWay.has(cell) && !cell.hasAttribute("data-clash")) unsaved.delete(cell);
    keep();
  };

  // --- Sending: one request at a time, so that no save meets another of this window ----------------------------------------
  const waiting = new Set();
  const onItsWay = new Set();
  let busy = false;
  let failed = false;
  let retry = 0;
  const commit = (cell) => {
    if (!fieldOf(cell) || cell.hasAttribute("data-clash") || (!isTouched(cell) && !onItsWay.has(cell))) return;
    unsaved.add(cell);
    waiting.add(cell);
    mark(cell, "saving");
    say("saving");
    keep();
    clearTimeout(retry);
    retry = setTimeout(flush, 30);
  };

  const post = (body) =>
    fetch(form.dataset.cells, {
      method: "POST",
      body,
      credentials: "same-origin",
      // As htmx would say it: a script that meets the end of its session is told so, and not led to a page.
      headers: { "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
  const postOnce = async (body) => {
    const answer = await post(body);
    const isOurs = (answer.headers.get("Content-Type") || "").includes("json");
    if (answer.status !== 403 || isOurs) return answer;
    // Signed in again in another tab: this page's token is of the session before.
    await window.portalDrafts?.renewToken();
    return post(body);
  };
  const flush = async () => {
    if (busy || !waiting.size) return;
    busy = true;
    const batch = [...waiting].slice(0, AT_ONCE);
    const texts = new Map(batch.map((cell) => [cell, textOf(cell)]));
    for (const cell of batch) {
      waiting.delete(cell);
      onItsWay.add(cell);
    }
    say("saving");
    const body = new FormData();
    const writes = batch.map((cell) => ({ cell: cell.dataset.cell, text: texts.get(cell), seen: cell.dataset.kept }));
    body.set("writes", JSON.stringify(writes));
    const done = await settle(body, batch, texts);
    busy = false;
    onItsWay.clear();
    if (done && waiting.size) return flush();
    if (done) saySaved();
    form.dispatchEvent(new CustomEvent("sheet:settled", { detail: { done } }));
  };
  const settle = async (body, batch, texts) => {
    let answer;
    try {
      answer = await postOnce(body);
      if (answer.ok) {
        failed = false;
        take(await answer.json(), texts);
        return true;
      }
      const refused = await answer.json().catch(() => null);
      give(batch, answer.status === 401 ? "ended" : refused ? "refused" : "lost", refused?.refused);
    } catch {
      give(batch, "lost");
    }
    return false;
  };
  const give = (batch, why, words = "") => {
    failed = true;
    for (const cell of [...batch, ...waiting]) {
      waiting.add(cell);
      mark(cell, "unsaved", words);
    }
    keep();
    say(why, words);
    if (why === "lost") retry = setTimeout(flush, RETRY);
  };
  window.addEventListener("online", () => failed && flush());

  const take = (answer, texts) => {
    for (const told of answer.cells) {
      const cell = cellAt(told.cell);
      if (told.theirs) clash(cell, told);
      else taken(cell, told, texts.get(cell));
    }
    follow(answer);
    keep();
  };
  const taken = (cell, told, text) => {
    cell.dataset.kept = told.value;
    const isBeingTyped = document.activeElement === fieldOf(cell) && cell.hasAttribute("data-typing-in");
    if (textOf(cell) === text) {
      if (!isBeingTyped) setText(cell, told.text);
      // Written anew, the text is no longer selected: what is typed next would be added to it.
      if (!isBeingTyped && document.activeElement === fieldOf(cell)) fieldOf(cell).select?.();
      sent.set(cell, textOf(cell));
    } else sent.set(cell, text);
    if (!isTouched(cell)) {
      unsaved.delete(cell);
      mark(cell, told.complaint ? "" : "saved");
    } else if (!isBeingTyped) waiting.add(cell);
    complain(cell, told.complaint);
  };
  const follow = (answer) => {
    for (const [place, sum] of Object.entries(answer.sums || {})) {
      const shown = form.querySelector(`[data-sum="${CSS.escape(place)}"]`);
      if (shown) shown.textContent = sum;
    }
    for (const [place, share] of Object.entries(answer.ratios || {})) {
      const shown = form.querySelector(`[data-ratio="${CSS.escape(place)}"]`);
      if (shown) shown.textContent = share || "–";
    }
    for (const cell of form.querySelectorAll("[data-cell]")) {
      const words = (answer.imbalances || {})[cell.dataset.cell] || "";
      if (cell.querySelector("[data-imbalance]").textContent.trim() !== words) note(cell, "imbalance", words);
    }
  };

  // --- Somebody else wrote the cell meanwhile ----------------------------------------------------------------------------------
  const clash = (cell, told) => {
    unsaved.add(cell);
    cell.setAttribute("data-clash", "");
    mark(cell, "unsaved");
    const both = marks.querySelector("[data-mark='both']").cloneNode(true);
    both.querySelector("[data-theirs]").textContent = told.text || "–";
    both.addEventListener("click", (event) => {
      const which = event.target.closest("[data-take]")?.dataset.take;
      if (!which) return;
      cell.querySelector("[data-both]").replaceChildren();
      cell.removeAttribute("data-clash");
      cell.dataset.kept = told.value;
      if (which === "theirs") {
        setText(cell, told.text);
        taken(cell, told, told.text);
        keep();
      } else {
        sent.set(cell, told.text);
        unsaved.add(cell);
        waiting.add(cell);
        flush();
      }
      fieldOf(cell).focus();
    });
    cell.querySelector("[data-both]").replaceChildren(both);
  };

  // --- Files: each goes by itself as soon as it is chosen -----------------------------------------------------------------------
  form.addEventListener("change", (event) => {
    if (!event.target.matches(".cell-file") || !event.target.files.length) return;
    // A file is sent with the page's own form: the answer shows it with its link.
    form.requestSubmit();
  });

  // --- The page's buttons: what is on its way arrives first ---------------------------------------------------------------------
  const settled = () => new Promise((done) => form.addEventListener("sheet:settled", (event) => done(event.detail.done), { once: true }));
  let passing = false;
  const saveAll = async () => {
    for (const cell of [...unsaved]) if (!cell.hasAttribute("data-clash")) waiting.add(cell);
    if (busy) await settled();
    if (waiting.size) {
      const done = settled();
      flush();
      await done;
    }
    const clashing = form.querySelector("[data-clash] [data-take]");
    clashing?.focus();
    return !unsaved.size && !clashing;
  };
  const pass = (target, submitter) => {
    const files = [...form.querySelectorAll(".cell-file")].some((field) => field.files.length);
    const drops = form.querySelector("[name^='drop:']:checked");
    if (target === form && !submitter?.name && !files && !drops) return saySaved();
    passing = true;
    // All cells are saved: a large table need not travel once more, and would be more than a form may hold.
    const cells = [...form.elements].filter((field) => field.name?.startsWith("cell:"));
    for (const field of cells) field.disabled = true;
    target.requestSubmit(submitter);
    for (const field of cells) field.disabled = false;
    return setTimeout(() => (passing = false));
  };
  document.addEventListener(
    "submit",
    (event) => {
      const ours = event.target === form || event.target.id === "certify";
      if (!ours || passing) return;
      event.preventDefault();
      event.stopPropagation();
      const { target, submitter } = event;
      // After this event: a form that is being sent cannot be sent.
      setTimeout(() => saveAll().then((saved) => saved && pass(target, submitter)));
    },
    true,
  );
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size && !leaving && !passing) event.preventDefault();
  });
  status.addEventListener("click", (event) => {
    if (event.target.closest("a")) {
      keep();
      leaving = true;
    }
  });

  window.portalSheet = { form, cellAt, fieldOf, textOf, setText, touched, commit, flush, unsaved };

  // --- Coming back: after signing in again, a lost connection or a reload ---------------------------------------------------------
  const comeBack = () => {
    const copy = JSON.parse(store.getItem(key) || "null");
    if (!copy?.cells) return;
    for (const [address, { text, seen }] of Object.entries(copy.cells)) {
      const cell = cellAt(address) || window.portalSheet.grow?.(address);
      if (!cell || !fieldOf(cell) || textOf(cell) === text) continue;
      setText(cell, text);
      // What was seen then: where somebody wrote since, mine and theirs are shown.
      cell.dataset.kept = seen;
      unsaved.add(cell);
      waiting.add(cell);
    }
    if (!unsaved.size) return void store.removeItem(key);
    say("back");
    const at = copy.at && cellAt(copy.at);
    if (at) fieldOf(at)?.focus();
    flush();
  };
  document.addEventListener("DOMContentLoaded", comeBack);
})();
