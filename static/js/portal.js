/* Small comforts on top of pages that work without them. docs/look.md lists the data attributes. */
"use strict";
(() => {
  const dirty = new Set();
  const on = (type, act, options) => document.addEventListener(type, act, options);

  // --- Menus ---------------------------------------------------------------------------------------------------------
  on("click", (event) => {
    const toggle = event.target.closest(".menu-toggle");
    if (toggle) {
      const open = document.getElementById(toggle.getAttribute("aria-controls")).classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(open));
    }
    for (const menu of document.querySelectorAll(".reader-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(".reader-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // --- Unsaved changes: form[data-guard], told in [data-unsaved] -------------------------------------------------------
  const showUnsaved = (form) => {
    for (const note of form.querySelectorAll("[data-unsaved]")) note.hidden = !dirty.has(form);
  };
  const markDirty = (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-guard]") || event.target.matches("[data-no-guard]")) return;
    dirty.add(form);
    showUnsaved(form);
  };
  const markClean = (form) => {
    dirty.delete(form);
    showUnsaved(form);
  };
  on("input", markDirty);
  on("change", markDirty);
  window.addEventListener("beforeunload", (event) => {
    // drafts.js keeps what stands in a form that is left in order to sign in again.
    for (const form of dirty) if (!form.isConnected || "kept" in form.dataset) dirty.delete(form);
    if (dirty.size) event.preventDefault();
  });

  // --- One click, one act: a form that is on its way cannot be sent again ------------------------------------------------
  const hold = (form, held) => {
    for (const button of form.querySelectorAll("button:not([type='button']), input[type='submit']")) {
      if (held && button.disabled) continue;
      if (held) button.dataset.held = "";
      else if (!("held" in button.dataset)) continue;
      else delete button.dataset.held;
      button.disabled = held;
      button.toggleAttribute("aria-busy", false);
      if (held) button.setAttribute("aria-busy", "true");
    }
  };
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    markClean(form);
    if (form.method !== "post" || form.target === "_blank" || form.matches("[data-repeatable]")) return;
    // After the event, so that the name and value of the clicked button still travel.
    setTimeout(() => hold(form, true));
    setTimeout(() => hold(form, false), 15000);
  });
  // A form that saves by itself waits for the save under way: the page would else meet its own write as somebody's.
  const onTheirWay = new Set();
  on("htmx:beforeRequest", (event) => event.target.matches?.("form[data-autosave]") && onTheirWay.add(event.target));
  on("htmx:afterRequest", (event) => onTheirWay.delete(event.target));
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!onTheirWay.has(form)) return;
      event.preventDefault();
      event.stopPropagation();
      const { submitter } = event;
      const send = () => setTimeout(() => form.isConnected && form.requestSubmit(submitter));
      // What comes back may land anywhere on the page. Where the server refused it, the page says so after sending.
      const answered = (answer) => {
        if (answer.target !== form) return;
        form.removeEventListener("htmx:afterRequest", answered);
        const { status } = answer.detail.xhr;
        if (status === 200 || status === 422) document.addEventListener("htmx:afterSettle", send, { once: true });
        else if (status) send();
      };
      form.addEventListener("htmx:afterRequest", answered);
    },
    true,
  );
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) hold(form, false);
  });

  // --- Running sum of weights: [data-weight-sum] ---------------------------------------------------------------------------
  // Weights have at most a few decimals; whole millionths keep 33.33 + 33.33 + 33.34 at exactly 100.
  const UNIT = 1e6;
  const readNumber = (text) => {
    const plain = text
      .replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50))
      .replace(/[\s,%\u00a0]/g, "");
    return /^\d*\.?\d*$/.test(plain) && /\d/.test(plain) ? Math.round(Number(plain) * UNIT) : 0;
  };
  const writeNumber = (units) => (units / UNIT).toLocaleString("en-US", { maximumFractionDigits: 4 });
  const counts = (input) => {
    const row = input.closest("[data-weight-row]");
    if (!row) return true;
    const use = row.querySelector("[data-weight-use]");
    const drop = row.querySelector("[data-weight-drop]");
    return !(use && !use.checked) && !drop?.checked;
  };
  const sumWeights = (box) => {
    const total = [...box.querySelectorAll("[data-weight]")].reduce(
      (sum, input) => sum + (counts(input) ? readNumber(input.value) : 0),
      0,
    );
    for (const output of box.querySelectorAll("[data-weight-total]")) {
      const gap = total - readNumber(output.dataset.target || "100");
      const says = gap === 0 ? output.dataset.saysExact : gap < 0 ? output.dataset.saysUnder : output.dataset.saysOver;
      output.querySelector("[data-weight-figure]").textContent = writeNumber(total);
      output.querySelector("[data-weight-says]").textContent = (says || "").replace("{gap}", writeNumber(Math.abs(gap)));
      output.dataset.exact = String(gap === 0);
    }
  };
  const sumAll = () => document.querySelectorAll("[data-weight-sum]").forEach(sumWeights);
  const sumAround = (event) => {
    const box = event.target.closest?.("[data-weight-sum]");
    if (box) sumWeights(box);
  };
  on("input", sumAround);
  on("change", sumAround);

  // --- Keyboard: "/" to the search, Ctrl+S to the draft, Enter to the next figure of a column ---------------------------------
  on("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      const save = (event.target.form || document).querySelector("[data-save]");
      if (save) {
        event.preventDefault();
        save.click();
      }
    }
    if (event.key === "Enter" && event.target.matches?.("[data-weight]")) {
      const all = [...event.target.closest("[data-weight-sum]").querySelectorAll("[data-weight]:not([disabled])")];
      const next = all[all.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
      event.preventDefault();
      (next || event.target).select();
    }
  });

  // --- Only what belongs to the choice that was made: [data-shown-for="name=value name=value"] --------------------------------
  const showChosen = () => {
    for (const part of document.querySelectorAll("[data-shown-for]")) {
      const form = new FormData(part.closest("form"));
      part.hidden = !part.dataset.shownFor.split(" ").some((pair) => {
        const [name, value] = pair.split("=");
        return form.getAll(name).includes(value);
      });
    }
  };
  on("change", showChosen);

  // --- Rows of a formset: [data-rows=prefix], its [data-row-template], the button [data-add-row] ------------------------------
  on("click", (event) => {
    const prefix = event.target.closest("[data-add-row]")?.dataset.addRow;
    const template = prefix && document.querySelector(`[data-row-template="${prefix}"]`);
    if (!template) return;
    event.preventDefault();
    const rows = document.querySelector(`[data-rows="${prefix}"]`);
    const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
    rows.insertAdjacentHTML("beforeend", template.innerHTML.replaceAll("__prefix__", total.value));
    total.value = String(Number(total.value) + 1);
    const added = rows.lastElementChild;
    added.querySelector("[data-row-number]").textContent = total.value;
    added.querySelector("textarea, input:not([type='hidden'])").focus();
  });

  // --- Names and signs to pick: [data-insert] into the field that [data-insert-into] around it names ---------------------------
  on("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const field = button && document.getElementById(button.closest("[data-insert-into]").dataset.insertInto);
    if (!field) return;
    const start = field.selectionStart ?? field.value.length;
    const before = field.value.slice(0, start);
    const space = before && !before.endsWith(" ") && !before.endsWith("(") ? " " : "";
    field.setRangeText(space + button.dataset.insert, start, field.selectionEnd ?? start, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // --- Files: what was picked, by name and size ----------------------------------------------------------------------------------
  on("change", (event) => {
    if (!event.target.matches?.("input[type='file'][multiple]")) return;
    let list = event.target.parentElement.querySelector(":scope > .file-names");
    if (!list) {
      list = document.createElement("ul");
      list.className = "file-names";
      event.target.after(list);
    }
    list.replaceChildren(
      ...[...event.target.files].map((file) => {
        const item = document.createElement("li");
        item.textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1024)).toLocaleString("en-US")} KB)`;
        return item;
      }),
    );
  });

  // --- A slider beside a number: each moves the other -----------------------------------------------------------------------------------
  on("input", (event) => {
    const field = event.target.dataset?.mirror && document.getElementById(event.target.dataset.mirror);
    if (!field) return;
    field.value = String(Math.round(Number(event.target.value) * 100) / 100);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // --- Demo accounts: fill the sign-in form -----------------------------------------------------------------------------------------
  on("click", (event) => {
    const button = event.target.closest("[data-fill-username]");
    const form = document.querySelector("form[data-sign-in]");
    if (!button || !form) return;
    form.elements.username.value = button.dataset.fillUsername;
    form.elements.password.value = button.dataset.fillPassword;
    form.querySelector("button").focus();
  });

  // --- htmx -----------------------------------------------------------------------------------------------------------------------------
  on("htmx:afterRequest", (event) => {
    const form = event.target.closest("form");
    if (event.detail.successful && event.detail.xhr.status < 400 && form && event.detail.requestConfig.verb !== "get") markClean(form);
  });
  on("htmx:afterSettle", sumAll);
  const connectionLost = () => {
    const words = document.getElementById("connection-lost");
    const messages = document.getElementById("messages");
    if (words && messages) messages.replaceChildren(words.content.cloneNode(true));
  };
  on("htmx:sendError", connectionLost);
  on("htmx:responseError", connectionLost);
  on("htmx:timeout", connectionLost);

  // --- On arrival ---------------------------------------------------------------------------------------------------------------------------
  const arrive = () => {
    for (const helper of document.querySelectorAll("[data-fill-username], [data-mirror]")) helper.hidden = false;
    for (const note of document.querySelectorAll("[data-unsaved]")) note.hidden = true;
    // A table that scrolls in its box can be scrolled from the keyboard too.
    for (const box of document.querySelectorAll(".table-box")) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    sumAll();
    showChosen();
    document.querySelector(".error-summary")?.focus();
  };
  if (document.readyState === "loading") on("DOMContentLoaded", arrive);
  else arrive();
})();
