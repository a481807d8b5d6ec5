/* Tickets: the next row of the queue, a canned reply at the cursor, the names of chosen files. docs/look.md lists what it reads. */
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-queue-row]")], ticket = () => document.querySelector("[data-ticket]")?.dataset.ticket;

  /* The list stays as it is while tickets change beside it: its mark goes along, and what was written last is in sight. */
  function mark() {
    for (const row of rows()) {
      if (row.dataset.queueRow === ticket()) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }
  document.addEventListener("htmx:after:swap", mark);

  document.addEventListener("click", (e) => {
    const step = e.target.closest("[data-queue-step]"), text = e.target.closest("[data-insert]");
    if (step) {
      const all = rows(), at = all.findIndex((row) => row.dataset.queueRow === ticket()), next = all[at + Number(step.dataset.queueStep)];
      if (at < 0 ? all.length : next) (next ?? all[0]).click();
      (next ?? all[at])?.scrollIntoView({ block: "nearest" });
    }
    const field = text && document.querySelector("[data-ticket] [data-quick-text]");
    if (!field) return;
    e.preventDefault();
    field.setRangeText(text.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => field.focus());
  });

  document.addEventListener("change", (e) => {
    if (e.target.matches("[data-names]")) document.getElementById(e.target.dataset.names).textContent = [...e.target.files].map((file) => file.name).join(", ");
  });
})();
