/* Typing is never lost: form[data-draft] keeps what was typed in this window until the server has it.
   It comes back after signing in again, a lost connection or a reload, at the same field. The copy lies in
   sessionStorage, for this window and this person alone: it ends with the window, with signing out, and as soon as
   somebody else signs in, because office computers are shared. */
"use strict";
(() => {
  const PREFIX = "typing:";
  const RETRY = 10000;
  const reader = document.body.dataset.reader || "";
  const store = window.sessionStorage;
  const keyOf = (form) => `${PREFIX}${reader}:${form.getAttribute("action") || location.pathname}`;
  const copies = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  const forget = () => copies().forEach((key) => store.removeItem(key));
  const read = (key) => JSON.parse(store.getItem(key) || "null");
  const write = (key, copy) => {
    try {
      store.setItem(key, JSON.stringify(copy));
    } catch {
      // Full or switched off: the page's own question about unsaved changes is still there.
    }
  };
  const isOurs = (field) => field.name && field.type !== "file" && field.type !== "password" && field.type !== "hidden";
  const valuesOf = (form) =>
    [...form.elements]
      .filter((field) => isOurs(field) && !field.matches("button"))
      .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
      .map((field) => [field.name, field.value]);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const seenOf = (form) => form.querySelector("input[name='seen']");
  const say = (form, what) => {
    for (const line of form.querySelectorAll("[data-typing]")) line.hidden = line.dataset.typing !== what;
  };

  // The field that was typed in last, by form.
  const last = new WeakMap();

  // --- Keeping -----------------------------------------------------------------------------------------------------------
  const keep = (form, more = {}) => {
    write(keyOf(form), {
      values: valuesOf(form),
      seen: seenOf(form)?.value,
      at: document.activeElement?.form === form && isOurs(document.activeElement) ? document.activeElement.id : last.get(form) || "",
      ...more,
    });
  };
  const onTyping = (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-draft]") || !isOurs(event.target)) return;
    last.set(form, event.target.id);
    keep(form);
  };
  document.addEventListener("input", onTyping);
  document.addEventListener("change", onTyping);

  // --- Saved, or why not ---------------------------------------------------------------------------------------------------
  const sent = new WeakMap();
  const draftOf = (event) => event.detail.elt?.closest?.("form[data-draft]");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = draftOf(event);
    if (form) sent.set(form, valuesOf(form));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = draftOf(event);
    if (!form || event.detail.xhr.status !== 200) return;
    say(form, "");
    if (same(sent.get(form), valuesOf(form))) store.removeItem(keyOf(form));
  });
  // Where typing went on while it saved, the copy must know the newer state that the page has seen by now.
  document.addEventListener("htmx:afterSettle", (event) => {
    const form = event.target.closest?.("form[data-draft]") || document.querySelector("form[data-draft]");
    if (form && store.getItem(keyOf(form))) keep(form);
  });
  let retry = 0;
  const saveAgain = (form) => {
    clearTimeout(retry);
    if (form.isConnected) window.htmx?.trigger(form, "change");
  };
  const failed = (event, what) => {
    const form = draftOf(event);
    if (!form) return;
    // Said beside the form; the general message would only say it again.
    event.stopPropagation();
    keep(form);
    say(form, what);
    clearTimeout(retry);
    if (what === "lost") retry = setTimeout(() => saveAgain(form), RETRY);
  };
  document.addEventListener("htmx:sendError", (event) => failed(event, "lost"), true);
  document.addEventListener("htmx:timeout", (event) => failed(event, "lost"), true);
  document.addEventListener(
    "htmx:responseError",
    (event) => {
      if (event.detail.xhr.status === 401) failed(event, "ended");
    },
    true,
  );
  window.addEventListener("online", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (!form.querySelector("[data-typing='lost']")?.hidden) saveAgain(form);
    }
  });

  // --- Sending -------------------------------------------------------------------------------------------------------------
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.action.endsWith("/sign-out/")) {
        forget();
        new BroadcastChannel("portal").postMessage("signed out");
      } else if (form.matches("[data-draft]")) {
        if (!navigator.onLine) {
          event.preventDefault();
          event.stopPropagation();
          keep(form);
          say(form, "lost");
        } else if (store.getItem(keyOf(form))) keep(form, { sent: true });
      }
    },
    true,
  );
  new BroadcastChannel("portal").addEventListener("message", forget);
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-typing='ended'] a")?.closest("form");
    if (form) {
      keep(form);
      form.dataset.kept = "";
    }
    if (event.target.closest("[data-drop-typing]")) store.removeItem(`${PREFIX}${reader}:${location.pathname}`);
  });

  // --- Coming back -----------------------------------------------------------------------------------------------------------
  const fill = (form, values) => {
    const left = values.map(([name, value]) => ({ name, value }));
    const take = (name, value) => {
      const at = left.findIndex((one) => one.name === name && (value === undefined || one.value === value));
      return at < 0 ? undefined : left.splice(at, 1)[0].value;
    };
    for (const field of form.elements) {
      if (!isOurs(field) || field.matches("button")) continue;
      if (["checkbox", "radio"].includes(field.type)) field.checked = take(field.name, field.value) !== undefined;
      else field.value = take(field.name) ?? field.value;
      const folded = field.closest("details");
      if (folded && field.value) folded.open = true;
    }
  };
  const comeBack = (form) => {
    const key = keyOf(form);
    const copy = read(key);
    if (!copy) return;
    const succeeded = document.querySelector("#messages .alert-success");
    if (same(copy.values, valuesOf(form)) || (copy.sent && succeeded)) return store.removeItem(key);
    // Answered on this very page, which says what came of it.
    if (copy.sent && document.querySelector("[data-answers-sent]")) return store.removeItem(key);
    // Refused in words: the server has shown what was sent, with what is wrong with it.
    if (copy.sent && document.querySelector(".error-summary")) return keep(form);
    const before = valuesOf(form);
    fill(form, copy.values);
    // Another page of the same list, say: nothing of it stands here.
    if (same(before, valuesOf(form))) return;
    // What was seen then: where somebody wrote since, saving leads to mine and theirs.
    if (copy.seen && seenOf(form)) seenOf(form).value = copy.seen;
    say(form, "back");
    const field = copy.at && document.getElementById(copy.at);
    write(key, { ...copy, sent: false });
    (field || form).dispatchEvent(new Event("input", { bubbles: true }));
    field?.focus();
    // Once htmx is there too: what came back is saved like anything typed, or it is said why not.
    setTimeout(() => form.dispatchEvent(new Event("change", { bubbles: true })));
  };
  const arrive = () => {
    // The sign-in page belongs to nobody yet: what lies here waits for the same person.
    if (!reader) return copies().forEach((key) => write(key, { ...read(key), sent: false }));
    const mine = copies().filter((key) => key.startsWith(`${PREFIX}${reader}:`));
    copies()
      .filter((key) => !mine.includes(key))
      .forEach((key) => store.removeItem(key));
    const here = [...document.querySelectorAll("form[data-draft]")];
    if (document.querySelector("#messages .alert-success")) {
      const open = here.map(keyOf);
      mine.filter((key) => read(key).sent && !open.includes(key)).forEach((key) => store.removeItem(key));
    }
    here.forEach(comeBack);
  };
  arrive();

  // --- A new session has a new token: fetched by the page itself, so that it need not be loaded anew ----------------------------
  window.portalDrafts = {
    renewToken: async () => {
      const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
      const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
      const token = page?.querySelector("input[name='csrfmiddlewaretoken']")?.value;
      if (!token || page.body.dataset.reader !== reader) return;
      for (const field of document.querySelectorAll("input[name='csrfmiddlewaretoken']")) field.value = token;
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    },
  };
})();
