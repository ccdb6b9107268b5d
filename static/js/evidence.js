/* Attaching files: each on its own way, with progress, to be cancelled and tried again. The page is never loaded anew,
   so nothing typed beside it is lost. Without this script the form is sent as a whole. form[data-upload] */
"use strict";
(() => {
  const queue = [];
  let busy = false;

  const send = (job) =>
    new Promise((done) => {
      const { form, file, row } = job;
      const says = row.querySelector(".upload-says");
      const bar = row.querySelector("progress");
      const cancel = row.querySelector("[data-cancel]");
      const again = row.querySelector("[data-again]");
      const failed = (words) => {
        says.textContent = words;
        says.className = "upload-says late";
        bar.hidden = true;
        cancel.hidden = true;
        again.hidden = false;
        done();
      };
      const words = form.dataset;
      const body = new FormData();
      body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.set("evidence_note", job.note);
      body.set("file", file);
      const request = new XMLHttpRequest();
      job.request = request;
      request.open("POST", form.action);
      request.setRequestHeader("HX-Request", "true");
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = (100 * event.loaded) / event.total;
        says.textContent = event.loaded < event.total ? `${Math.round(bar.value)} %` : words.saysChecking;
      });
      request.addEventListener("abort", () => failed(words.saysCancelled));
      request.addEventListener("error", () => failed(words.saysLost));
      request.addEventListener("load", () => {
        const { status } = request;
        if (status === 200) {
          const list = document.getElementById(words.upload);
          list.innerHTML = request.responseText;
          window.htmx?.process(list);
          row.remove();
          done();
        } else if (status === 422) {
          const answer = new DOMParser().parseFromString(request.responseText, "text/html");
          failed(answer.querySelector("[role='status']").textContent.trim());
        } else if (status === 401) failed(words.saysSignedOut);
        else if (status === 413) failed(words.saysTooLarge);
        else failed(words.saysFailed);
      });
      request.send(body);
    });

  const work = async () => {
    if (busy) return;
    busy = true;
    while (queue.length) await send(queue.shift());
    busy = false;
  };

  const enqueue = (job) => {
    const { row, form } = job;
    const says = row.querySelector(".upload-says");
    const bar = row.querySelector("progress");
    says.textContent = form.dataset.saysWaiting;
    says.className = "upload-says";
    bar.hidden = false;
    bar.value = 0;
    row.querySelector("[data-cancel]").hidden = false;
    row.querySelector("[data-again]").hidden = true;
    queue.push(job);
    work();
  };

  const add = (form, files) => {
    const note = form.elements.evidence_note.value;
    for (const file of files) {
      const row = form.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
      const job = { form, file, row, note };
      row.querySelector(".upload-name").textContent = file.name;
      row.querySelector("progress").setAttribute("aria-label", file.name);
      for (const button of row.querySelectorAll("button")) {
        button.setAttribute("aria-label", `${button.textContent}: ${file.name}`);
      }
      row.querySelector("[data-cancel]").addEventListener("click", () => {
        const waiting = queue.indexOf(job);
        if (waiting < 0) return job.request?.abort();
        queue.splice(waiting, 1);
        row.querySelector(".upload-says").textContent = form.dataset.saysCancelled;
        row.querySelector("progress").hidden = true;
        row.querySelector("[data-cancel]").hidden = true;
        row.querySelector("[data-again]").hidden = false;
      });
      row.querySelector("[data-again]").addEventListener("click", async () => {
        await window.portalDrafts?.renewToken();
        enqueue(job);
      });
      form.querySelector("[data-uploads]").append(row);
      enqueue(job);
    }
  };

  // Before the portal's own listener, which would hold the buttons of a form that is sent.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches("[data-upload]")) return;
      const inputs = [...form.querySelectorAll("input[type='file']")];
      const files = inputs.flatMap((input) => [...input.files]);
      if (!files.length) return;
      event.preventDefault();
      add(form, files);
      for (const input of inputs) {
        input.value = "";
        input.parentElement.querySelector(":scope > .file-names")?.remove();
      }
    },
    true,
  );
  // A photo is taken for this very result; there is nothing to choose any more.
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-upload] input[capture]") && event.target.files.length) {
      event.target.form.requestSubmit();
    }
  });

  // --- Drag: onto the area, which says so while something is over it ---------------------------------------------------
  const areaOf = (event) => event.target.closest?.("[data-drop]");
  const isFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    // Beside the area as well: a file let go there would replace the page, and what was typed with it.
    event.preventDefault();
    for (const area of document.querySelectorAll("[data-drop]")) {
      area.classList.toggle("is-over", area === areaOf(event));
    }
  });
  document.addEventListener("dragleave", (event) => {
    const area = areaOf(event);
    if (area && !area.contains(event.relatedTarget)) area.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    const area = areaOf(event);
    if (!area) return;
    area.classList.remove("is-over");
    add(area.closest("form"), event.dataTransfer.files);
  });
})();
