/* Makes the tables of a report work like a sheet: arrows, Tab, Enter, Esc, a block from Excel, undo, rows to add, one row
   at a time on a phone. sheet-saving.js saves what is typed. Without both, the tables are a plain form. */
"use strict";
(() => {
  const sheet = window.portalSheet;
  if (!sheet) return;
  const { form, fieldOf, textOf, setText } = sheet;
  const says = form.dataset;
  const cellOf = (element) => element.closest?.("[data-cell]");
  const panelOf = (element) => element.closest("[data-sheet]");
  const rowsOf = (panel) => [...panel.querySelectorAll("tbody > tr")];
  const cellsOf = (row) => [...row.querySelectorAll("[data-cell]")];

  // --- Typing in a cell, or standing on it: arrows move the caret only in what is being typed ------------------------------
  let before = "";
  // What is typed next takes the place of what stands in the cell, as in any sheet.
  const stand = (cell) => {
    const field = fieldOf(cell);
    before = textOf(cell);
    setTyping(cell, false);
    field.focus();
    if (field.select && field.type !== "checkbox") field.select();
  };
  const isTyping = (cell) => cell.hasAttribute("data-typing-in");
  const setTyping = (cell, on) => cell.toggleAttribute("data-typing-in", on);
  form.addEventListener("focusin", (event) => {
    const cell = event.target.matches(".cell-input") && cellOf(event.target);
    if (!cell) return;
    before = textOf(cell);
    setTyping(cell, false);
    if (event.target.select && event.target.type !== "checkbox") event.target.select();
    show(cell.parentElement);
  });
  form.addEventListener("input", (event) => {
    const cell = event.target.matches(".cell-input") && cellOf(event.target);
    if (!cell) return;
    if (event.target.type !== "checkbox" && event.target.tagName !== "SELECT") setTyping(cell, true);
    sheet.touched(cell);
  });
  // The first click stands on the cell, the next one goes into its text.
  let isFirst = false;
  form.addEventListener("mousedown", (event) => {
    const cell = event.target.matches("input[type='text'].cell-input, textarea.cell-input") && cellOf(event.target);
    if (!cell) return;
    isFirst = document.activeElement !== event.target;
    if (!isFirst) setTyping(cell, true);
  });
  form.addEventListener("click", (event) => {
    if (isFirst && event.target.matches("input[type='text'].cell-input, textarea.cell-input")) event.target.select();
    isFirst = false;
  });
  const leave = (event) => {
    const cell = event.target.matches(".cell-input") && cellOf(event.target);
    if (!cell) return;
    if (event.type === "focusout") setTyping(cell, false);
    changed([cell]);
  };
  form.addEventListener("focusout", leave);
  form.addEventListener("change", leave);

  // --- Undo: one step is a cell that was left, or a whole block ---------------------------------------------------------------
  const known = new Map();
  const knownOf = (cell) => known.get(cell) ?? "";
  for (const cell of form.querySelectorAll("[data-cell]")) if (fieldOf(cell)) known.set(cell, textOf(cell));
  const done = [];
  const undone = [];
  const changed = (cells) => {
    const step = cells.map((cell) => ({ cell, from: knownOf(cell), to: textOf(cell) })).filter(({ from, to }) => from !== to);
    if (step.length) {
      // Why the last block was not pasted is past once something else is written.
      tell("", "");
      done.push(step);
      undone.length = 0;
    }
    for (const cell of cells) {
      known.set(cell, textOf(cell));
      sheet.touched(cell);
      sheet.commit(cell);
    }
  };
  form.addEventListener("sheet:settled", () => {
    // The server writes figures its way ("๑,๒๓๔" comes back as "1,234"): that is no step of anybody's.
    for (const cell of form.querySelectorAll("[data-cell]")) {
      if (fieldOf(cell) && !isTyping(cell) && !sheet.unsaved.has(cell)) known.set(cell, textOf(cell));
    }
  });
  const step = (from, to, side) => {
    const one = from.pop();
    if (!one) return;
    for (const { cell, [side]: text } of one) {
      setText(cell, text);
      known.set(cell, text);
      sheet.touched(cell);
      sheet.commit(cell);
    }
    to.push(one);
    stand(one[0].cell);
  };

  // --- Moving -------------------------------------------------------------------------------------------------------------------
  const goTo = (cell) => {
    const field = cell && fieldOf(cell);
    if (!field) return false;
    show(cell.parentElement);
    field.focus();
    return true;
  };
  const move = (cell, down, across) => {
    const rows = rowsOf(panelOf(cell));
    let row = rows.indexOf(cell.parentElement);
    let at = cellsOf(cell.parentElement).indexOf(cell);
    // Cells without a field (files) are passed over.
    for (;;) {
      row += down;
      at += across;
      const next = rows[row] && cellsOf(rows[row])[at];
      if (!next) return false;
      if (goTo(next)) return true;
    }
  };
  const ends = (cell, key, all) => {
    const rows = rowsOf(panelOf(cell));
    const row = all ? rows[key === "Home" ? 0 : rows.length - 1] : cell.parentElement;
    const cells = cellsOf(row).filter(fieldOf);
    goTo(cells[key === "Home" ? 0 : cells.length - 1]);
  };
  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const arrow = (event, cell, field) => {
    const typing = isTyping(cell);
    const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    if (typing && (sideways || (field.tagName === "TEXTAREA" && field.value.includes("\n")))) return false;
    move(cell, ...ARROWS[event.key]);
    return true;
  };
  const act = (event, cell, field) => {
    const control = event.ctrlKey || event.metaKey;
    const letter = event.key.toLowerCase();
    if (event.key in ARROWS) return arrow(event, cell, field);
    if (event.key === "Enter") {
      if (event.altKey && field.tagName === "TEXTAREA") {
        field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (!control && !move(cell, event.shiftKey ? -1 : 1, 0)) {
        changed([cell]);
        stand(cell);
      }
      return !control;
    }
    if (event.key === "Escape" && !event.isComposing) {
      setText(cell, before);
      setTyping(cell, false);
      sheet.touched(cell);
      fieldOf(cell).select?.();
      return true;
    }
    if (event.key === "F2") {
      setTyping(cell, true);
      field.setSelectionRange?.(field.value.length, field.value.length);
      return true;
    }
    if ((event.key === "Home" || event.key === "End") && !isTyping(cell)) {
      ends(cell, event.key, control);
      return true;
    }
    if (event.key === "Delete" && !isTyping(cell)) {
      setText(cell, "");
      changed([cell]);
      return true;
    }
    // What is being typed is taken back by the field itself.
    const isFresh = isTyping(cell) && textOf(cell) !== before;
    if (control && letter === "z" && !event.shiftKey && !isFresh) {
      step(done, undone, "from");
      return true;
    }
    if (control && (letter === "y" || (letter === "z" && event.shiftKey)) && !isFresh) {
      step(undone, done, "to");
      return true;
    }
    return false;
  };
  form.addEventListener("keydown", (event) => {
    const cell = event.target.matches(".cell-input") && cellOf(event.target);
    if (cell && !event.isComposing && act(event, cell, event.target)) event.preventDefault();
  });

  // --- A block from Excel: rows by lines, cells by tabs; a cell of several lines stands in quotes -----------------------------------
  const parse = (text) => {
    const rows = [[""]];
    let quoted = false;
    const plain = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let at = 0; at < plain.length; at += 1) {
      const char = plain[at];
      const row = rows[rows.length - 1];
      const cell = row.length - 1;
      if (quoted && char === '"' && plain[at + 1] === '"') {
        row[cell] += '"';
        at += 1;
      } else if (quoted && char === '"') quoted = false;
      else if (quoted) row[cell] += char;
      else if (char === '"' && row[cell] === "") quoted = true;
      else if (char === "\t") row.push("");
      else if (char === "\n") rows.push([""]);
      else row[cell] += char;
    }
    // A lone quotation mark is one that was meant.
    return quoted ? plain.split("\n").map((line) => line.split("\t")) : rows;
  };
  const alertBox = document.getElementById("sheet-alert");
  const tell = (words, tone) => {
    const line = document.createElement("div");
    line.className = `note note-${tone}`;
    line.textContent = words;
    alertBox.replaceChildren(...(words ? [line] : []));
  };
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const paste = (cell, block) => {
    const panel = panelOf(cell);
    const rows = rowsOf(panel);
    const top = rows.indexOf(cell.parentElement);
    const left = cellsOf(cell.parentElement).indexOf(cell);
    const wide = Math.max(...block.map((row) => row.length));
    const room = cellsOf(cell.parentElement).length - left;
    if (wide > room) return tell(fill(says.saysWide, { wide, room }), "late");
    const below = Number(panel.dataset.mostRows) - top;
    if (block.length > below) return tell(fill(says.saysLong, { long: block.length, room: below }), "late");
    if (cellsOf(cell.parentElement).slice(left, left + wide).some((one) => !fieldOf(one))) return tell(says.saysFile, "late");
    while (rowsOf(panel).length < top + block.length) addRow(panel);
    const written = [];
    const all = rowsOf(panel);
    block.forEach((texts, down) => {
      const cells = cellsOf(all[top + down]);
      texts.forEach((text, across) => {
        const one = cells[left + across];
        setText(one, asTyped(one, text));
        written.push(one);
      });
    });
    changed(written);
    stand(cell);
    return tell(fill(says.saysPasted, { count: written.length }), "info");
  };
  const TICKED = ["yes", "x", "✓", "✔", "/", "1", "ใช่", "true", "มี"];
  const UNTICKED = ["", "no", "0", "-", "ไม่ใช่", "false", "ไม่มี"];
  const asTyped = (cell, text) => {
    const plain = text.replace(/[\u00a0\u200b]/g, " ").trim();
    if (cell.dataset.type === "tick" && TICKED.includes(plain.toLowerCase())) return "yes";
    if (cell.dataset.type === "tick" && UNTICKED.includes(plain.toLowerCase())) return "";
    return cell.dataset.type === "text" ? text : plain;
  };
  form.addEventListener("paste", (event) => {
    const cell = event.target.matches(".cell-input") && cellOf(event.target);
    if (!cell) return;
    const text = event.clipboardData.getData("text/plain");
    const block = parse(text);
    const isOne = block.length === 1 && block[0].length === 1;
    const isField = event.target.tagName !== "SELECT" && event.target.type !== "checkbox";
    if (isOne && isField) return;
    if (isTyping(cell) && event.target.tagName === "TEXTAREA" && !text.includes("\t")) return;
    event.preventDefault();
    paste(cell, block);
  });

  // --- Rows to add ----------------------------------------------------------------------------------------------------------------
  const addRow = (panel) => {
    const key = rowsOf(panel).length + 1;
    if (key > Number(panel.dataset.mostRows)) return null;
    const blank = panel.querySelector("[data-row-blank]");
    panel.querySelector("tbody").insertAdjacentHTML("beforeend", blank.innerHTML.replaceAll("__row__", String(key)));
    return rowsOf(panel).at(-1);
  };
  sheet.grow = (address) => {
    const [table] = address.split("/");
    const panel = form.querySelector(`[data-sheet="${CSS.escape(table)}"]`);
    if (!panel?.querySelector("[data-row-blank]")) return null;
    while (!sheet.cellAt(address) && addRow(panel));
    return sheet.cellAt(address);
  };
  form.addEventListener("click", (event) => {
    const more = event.target.closest("[data-more]");
    if (!more) return;
    event.preventDefault();
    const row = addRow(panelOf(more));
    if (row) goTo(cellsOf(row).find(fieldOf));
  });

  // --- Comments, one after the other -------------------------------------------------------------------------------------------------
  const commented = () => [...form.querySelectorAll("[data-commented]")].filter(fieldOf);
  const next = form.querySelector("[data-next-comment]");
  if (next && commented().length) {
    next.hidden = false;
    let at = -1;
    next.addEventListener("click", () => {
      const all = commented();
      at = (at + 1) % all.length;
      goTo(all[at]);
      fieldOf(all[at]).scrollIntoView({ block: "center" });
    });
  }
  // A link to a cell leads into its field, also where its row is not shown just now.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#cell-']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    const cell = cellOf(field);
    show(cell.parentElement);
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // --- Row by row, where the window is narrow (the style sheet decides) ------------------------------------------------------------------
  function show(row) {
    const panel = panelOf(row);
    const rows = rowsOf(panel);
    const at = rows.indexOf(row);
    if (at < 0) return;
    for (const one of rows) one.classList.toggle("is-current", one === row);
    const words = panel.querySelector("[data-row-says]");
    const said = fill(says.saysRow, { at: at + 1, all: rows.length });
    if (words && words.textContent !== said) words.textContent = said;
    for (const button of panel.querySelectorAll("[data-step]")) button.disabled = !rows[at + Number(button.dataset.step)];
  }
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const rows = rowsOf(panelOf(button));
    const row = rows[rows.findIndex((one) => one.classList.contains("is-current")) + Number(button.dataset.step)];
    if (row) show(row);
  });
  for (const panel of form.querySelectorAll("[data-sheet]")) {
    const steps = panel.querySelector(".row-steps");
    if (!steps) continue;
    panel.setAttribute("data-by-row", "");
    steps.hidden = false;
    show(rowsOf(panel)[0]);
  }
  for (const words of form.querySelectorAll("[data-with-script]")) words.hidden = false;
})();
