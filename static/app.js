/* What the pages do beyond links and forms. Everything here has a way without it; see docs/look.md for the attributes. */
(() => {
  "use strict";
  const strings = JSON.parse(document.body.dataset.strings);
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const remember = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`; };
  const say = (text) => { byId("announcer").textContent = text; };

  /* Notices: flashed by the page, sent as the HX-Trigger event `notice`, or made of an error. */
  function notice(text, tone = "green") {
    const box = document.createElement("div");
    box.className = `notice tone-${tone}`;
    box.dataset.notice = "";
    if (tone === "red") box.setAttribute("role", "alert");
    const words = Object.assign(document.createElement("span"), { className: "notice-text", textContent: text });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "notice-close", textContent: "×" });
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", strings.dismiss);
    box.append(words, close);
    const open = all("dialog[open]").pop();
    (open?.querySelector("[data-notices]") || byId("notices")).prepend(box);
    fade(box);
  }
  function fade(box) {
    if (box.matches(".tone-green, .tone-blue")) setTimeout(() => box.matches(":hover, :focus-within") ? fade(box) : box.remove(), 7000);
  }
  on("notice", (e) => notice(e.detail.text ?? e.detail.value, e.detail.tone));
  all("[data-notice]").forEach(fade);

  /* Errors. 422 is a form with its errors and is swapped; other refusals show their reason, unless the server names a target. */
  const failures = { 403: "forbidden", 404: "missing", 409: "conflict", 413: "toolarge", 429: "toomany" };
  on("htmx:response:error", (e) => {
    const { ctx } = e.detail;
    const status = ctx.response.status;
    if (ctx.hx.retarget && !ctx.hx.reswap) ctx.swap = "innerHTML";
    if (status === 422 || (status < 500 && (ctx.hx.retarget || ctx.sourceElement.hasAttribute(`hx-status:${status}`)))) return;
    ctx.swap = "none";
    if (ctx.hx.trigger?.includes("notice")) return;
    const reason = new DOMParser().parseFromString(ctx.text, "text/html").querySelector("[data-reason]")?.textContent.trim();
    notice(reason || strings[failures[status]] || strings.failed, "red");
  });
  on("htmx:error", (e) => {
    const { ctx, error } = e.detail;
    if (!ctx?.response) notice(ctx?.request?.signal?.reason === "timeout" ? strings.slow : strings.offline, "red");
    if (ctx?.response) console.error(error);
  });
  on("htmx:before:response", (e) => {
    // A session that ended answers with the sign-in page: go there instead of showing it inside a panel.
    const { raw } = e.detail.ctx.response;
    if (raw.redirected && new URL(raw.url).pathname === "/login") { e.preventDefault(); location.assign(raw.url); }
  });

  /* Dialogs. What is swapped into #dialog_body opens the dialog; the event close-dialog closes it. */
  const dialog = byId("dialog");
  new MutationObserver(() => {
    if (!byId("dialog_body").childElementCount) return;
    if (!dialog.open) dialog.showModal();
    const field = ":is(input:not([type=hidden]), select, textarea)";
    (dialog.querySelector(`.has-error ${field}`) || dialog.querySelector("[autofocus]") || dialog.querySelector(`form:not(.inline-form) ${field}`))?.focus();
  }).observe(byId("dialog_body"), { childList: true });
  on("close-dialog", () => dialog.close());
  dialog.addEventListener("close", () => byId("dialog_body").replaceChildren());
  dialog.addEventListener("cancel", (e) => {
    if (!dialog.querySelector("form[data-changed]")) return;
    e.preventDefault();
    ask(strings.leave).then((yes) => yes && dialog.close());
  });

  /* Questions before a step that can't be taken back. */
  function ask(text) {
    const box = byId("ask");
    byId("ask_text").textContent = text;
    box.returnValue = "no";
    box.showModal();
    return new Promise((done) => box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }));
  }
  on("htmx:confirm", (e) => {
    e.preventDefault();
    ask(e.detail.ctx.confirm).then((yes) => yes ? e.detail.issueRequest() : e.detail.dropRequest());
  });
  on("submit", (e) => {
    const form = e.target;
    if (!form.dataset.confirm || form.confirmed) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    ask(form.dataset.confirm).then((yes) => { if (yes) { form.confirmed = true; form.requestSubmit(e.submitter); form.confirmed = false; } });
  }, true);

  /* Forms: sent once, and nothing typed is lost by leaving. */
  const lock = (form, off) => all("button:not([type=button])", form).forEach((button) => { button.disabled = off; });
  on("submit", (e) => {
    const form = e.target;
    form.removeAttribute("data-changed");
    if (!e.defaultPrevented && form.method === "post") setTimeout(() => lock(form, true));
  });
  on("htmx:before:request", (e) => e.target.matches?.("form") && lock(e.target, true));
  on("htmx:finally:request", (e) => {
    const form = e.target;
    if (!form.matches?.("form")) return;
    lock(form, false);
    if (form.matches("[data-reset]") && e.detail.ctx.response?.raw.ok) {
      form.reset();
      all("input[name=_key]", form).forEach((input) => { input.value = newKey(); });
      form.querySelector("[data-quick-text]")?.focus();
    }
  });
  addEventListener("pageshow", () => all("form").forEach((form) => lock(form, false)));
  on("input", (e) => e.target.closest("form[data-guard]")?.setAttribute("data-changed", ""));
  addEventListener("beforeunload", (e) => { if (document.querySelector("form[data-changed]")) e.preventDefault(); });

  /* Listboxes: the picker and the palette move through [role=option] alike. */
  const optionsOf = (input) => byId(input.getAttribute("aria-controls"));
  const chosenIn = (list) => list.querySelector("[aria-selected=true]");
  function highlight(input, option) {
    const list = optionsOf(input);
    all("[aria-selected]", list).forEach((other) => other.setAttribute("aria-selected", "false"));
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.id ||= `option_${newKey()}`;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }
  function step(input, by) {
    const options = all("[role=option]", optionsOf(input));
    const next = options.indexOf(chosenIn(optionsOf(input))) + by;
    highlight(input, options.at(next < 0 ? -1 : next % options.length));
  }
  function show(input, visible) {
    if (input.id === "palette_text") return;
    optionsOf(input).hidden = !visible;
    input.setAttribute("aria-expanded", String(visible));
    if (!visible) highlight(input, null);
  }
  function pick(input, value, label) {
    const hidden = input.closest("[data-picker]").querySelector("input[type=hidden]");
    input.value = label;
    hidden.value = value;
    show(input, false);
    hidden.dispatchEvent(new Event("input", { bubbles: true }));
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }
  on("htmx:config:request", (e) => {
    const input = e.detail.ctx.sourceElement;
    if (!input.matches("[data-picker] [role=combobox]")) return;
    e.detail.ctx.request.body.delete(input.name);
    e.detail.ctx.request.body.set("q", input.value.trim());
  });
  on("htmx:after:swap", (e) => {
    const input = document.activeElement;
    if (!input?.matches("[role=combobox]") || e.detail.ctx.sourceElement !== input) return;
    show(input, optionsOf(input).childElementCount > 0);
    if (input.value.trim()) highlight(input, optionsOf(input).querySelector("[role=option]"));
  });
  on("input", (e) => {
    if (!e.target.matches("[data-picker] [role=combobox]")) return;
    e.target.closest("[data-picker]").querySelector("input[type=hidden]").value = "";
  });
  on("focusout", (e) => e.target.matches("[data-picker] [role=combobox]") && show(e.target, false));
  on("mousedown", (e) => e.target.closest(".options") && e.target.closest("[data-picker]") && e.preventDefault());
  on("click", (e) => {
    const box = e.target.closest("[data-picker]");
    const input = box?.querySelector("[role=combobox]");
    const option = e.target.closest("[data-value]");
    if (box && option) pick(input, option.dataset.value, option.dataset.label);
    else if (e.target.closest("[data-clear]")) { pick(input, "", ""); input.focus(); }
    else if (e.target === input && optionsOf(input).hidden) input.dispatchEvent(new Event("pick"));
  });
  on("keydown", (e) => {
    const input = e.target;
    if (!input.matches?.("[role=combobox]") || e.isComposing) return;
    const list = optionsOf(input);
    const chosen = list.hidden ? null : chosenIn(list);
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (list.hidden) input.dispatchEvent(new Event("pick"));
      else step(input, e.key === "ArrowDown" ? 1 : -1);
    } else if (e.key === "Enter" && chosen) {
      e.preventDefault();
      chosen.click();
    } else if (e.key === "Tab" && chosen?.dataset.value) {
      pick(input, chosen.dataset.value, chosen.dataset.label);
    } else if (e.key === "Escape" && !list.hidden && input.id !== "palette_text") {
      e.preventDefault();
      e.stopPropagation();
      show(input, false);
    }
  });

  /* Keys. data-shortcut="n", "Ctrl+K" or "g c" presses that button, link or radio. */
  let typed = "";
  let typedAt = 0;
  on("keydown", (e) => {
    const writing = e.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && writing) return writing.form?.requestSubmit();
    if (e.key === "Escape") return all("[data-notice]").forEach((box) => box.remove());
    const command = (e.ctrlKey || e.metaKey) && !e.altKey;
    if ((writing && !command) || e.altKey || e.isComposing || e.key.length > 1) return;
    typed = command ? `Ctrl+${e.key.toUpperCase()}` : (e.timeStamp - typedAt < 900 && typed.length === 1 ? `${typed} ` : "") + e.key;
    typedAt = e.timeStamp;
    const within = all("dialog[open]").pop() || document;
    const press = (key) => all(`[data-shortcut="${CSS.escape(key)}"]`, within).find((target) => target.offsetParent !== null || target.type === "radio");
    const target = press(typed) || press(e.key);
    if (target && (command || !e.ctrlKey)) { e.preventDefault(); target.type === "radio" ? (target.click(), target.form.querySelector("[data-quick-text]")?.focus()) : target.click(); }
    else if (e.key === "/" && !command) { e.preventDefault(); (document.querySelector("[data-list-search]") || document.querySelector("[data-open=palette]"))?.[document.querySelector("[data-list-search]") ? "focus" : "click"](); }
    else if (e.key === "?" && !command) open("shortcuts");
  });
  function open(id) {
    const box = byId(id);
    if (box.open) return box.close();
    if (id === "shortcuts") {
      const list = box.querySelector("dl");
      all("[data-added]", list).forEach((row) => row.remove());
      for (const target of all("[data-shortcut]")) {
        const row = document.createElement("div");
        row.dataset.added = "";
        const key = Object.assign(document.createElement("kbd"), { textContent: target.dataset.shortcut });
        const name = Object.assign(document.createElement("dd"), { textContent: target.dataset.shortcutLabel || target.textContent.trim() });
        row.append(document.createElement("dt"), name);
        row.firstChild.append(key);
        list.append(row);
      }
    }
    box.showModal();
    if (id === "palette") { byId("palette_text").select(); byId("palette_text").dispatchEvent(new Event("pick")); }
  }
  on("click", (e) => {
    const target = e.target.closest("[data-open], [data-close], [data-dismiss], [data-set-theme], [data-nav-toggle], [data-select-none]");
    if (e.target.closest(".menu-panel a, .menu-panel button")) setTimeout(() => e.target.closest(".menu-panel:popover-open")?.hidePopover());
    if (!target || e.ctrlKey || e.metaKey) return;
    const data = target.dataset;
    if ("open" in data) { e.preventDefault(); open(data.open); }
    else if ("close" in data && target.closest("dialog")) { e.preventDefault(); target.closest("dialog").close(); }
    else if ("dismiss" in data) target.closest("[data-notice]").remove();
    else if ("setTheme" in data) {
      document.documentElement.dataset.bsTheme = data.setTheme;
      all("[data-set-theme]").forEach((button) => { button.classList.toggle("active", button === target); button.setAttribute("aria-pressed", String(button === target)); });
      remember("theme", data.setTheme);
    } else if ("navToggle" in data) {
      const rail = document.documentElement.toggleAttribute("data-nav");
      if (rail) document.documentElement.dataset.nav = "rail";
      remember("nav", rail ? "rail" : "full");
    } else if ("selectNone" in data) select(target.closest("[data-list]"), false);
  });
  // Browsers without anchor positioning would put a menu in the middle of the window.
  on("toggle", (e) => {
    if (!e.target.matches?.(".menu-panel") || e.newState !== "open" || CSS.supports("position-area", "bottom")) return;
    const from = document.querySelector(`[popovertarget="${e.target.id}"]`).getBoundingClientRect();
    e.target.style.inset = `${Math.min(from.bottom + 4, innerHeight - e.target.offsetHeight - 8)}px auto auto ${Math.max(8, Math.min(from.right - e.target.offsetWidth, innerWidth - e.target.offsetWidth - 8))}px`;
  }, true);

  /* Selected rows of a list. */
  function select(list, checked) {
    all("input[name=ids], [data-select-page], input[name=all_matching]", list).forEach((box) => { box.checked = checked && box.name !== "all_matching"; });
    count(list);
  }
  function count(list) {
    const boxes = all("input[name=ids]", list);
    const chosen = boxes.filter((box) => box.checked).length;
    const page = list.querySelector("[data-select-page]");
    if (page) { page.checked = chosen > 0 && chosen === boxes.length; page.indeterminate = chosen > 0 && chosen < boxes.length; }
    list.toggleAttribute("data-page-selected", chosen > 0 && chosen === boxes.length);
    const text = list.querySelector("[data-selected-count]");
    if (text) text.textContent = strings.selected.replace("{n}", chosen);
  }
  let lastBox = null;
  on("click", (e) => {
    const list = e.target.closest("[data-list]");
    if (e.target.matches("[data-select-page]")) select(list, e.target.checked);
    if (!e.target.matches("[data-list] input[name=ids]")) return;
    const boxes = all("input[name=ids]", list);
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(e.target)].sort((a, b) => a - b);
    if (e.shiftKey && from >= 0) boxes.slice(from, to).forEach((box) => { box.checked = e.target.checked; });
    lastBox = e.target;
    count(list);
  });

  /* Boards: a card dragged, or moved by Alt and an arrow, is posted; refused, it goes back and the reason is shown. */
  function move(card, list, putBack) {
    const back = () => { putBack(); say(strings.movedBack); };
    const failed = (e) => e.detail.ctx?.sourceElement === card && (card.refused = true);
    ["htmx:response:error", "htmx:error"].forEach((name) => on(name, failed));
    return htmx.ajax("POST", card.dataset.moveUrl, { source: card, swap: "none", values: { stage: list.dataset.stage, version: card.dataset.version, _key: newKey() } }).then(() => {
      ["htmx:response:error", "htmx:error"].forEach((name) => document.removeEventListener(name, failed));
      if (card.refused) back(); else say(strings.moved.replace("{name}", list.dataset.stageLabel));
      card.refused = false;
    });
  }
  const holder = (card) => { const [list, next] = [card.parentElement, card.nextElementSibling]; return () => list.insertBefore(card, next?.parentElement === list ? next : null); };
  function armBoards() {
    if (!window.Sortable) return;
    for (const list of all("[data-board] .board-cards")) {
      if (Sortable.get(list)) continue;
      let putBack = null;
      new Sortable(list, { group: "board", draggable: ".board-card:not([data-fixed])", animation: 120, delay: 150, delayOnTouchOnly: true, touchStartThreshold: 5, ghostClass: "board-ghost", scrollSensitivity: 60, filter: "button, form", preventOnFilter: false,
        onStart: (e) => { putBack = holder(e.item); document.body.classList.add("dragging"); },
        onEnd: (e) => { document.body.classList.remove("dragging"); if (e.from !== e.to) move(e.item, e.to, putBack); } });
    }
  }
  armBoards();
  on("htmx:after:process", armBoards);
  on("keydown", (e) => {
    const card = e.target.closest?.(".board-card");
    if (!card || !e.key.startsWith("Arrow") || e.target.closest(".menu-panel")) return;
    e.preventDefault();
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    const lists = all(".board-cards", card.closest("[data-board]"));
    const list = sideways ? lists[lists.indexOf(card.parentElement) + sideways] : card.parentElement;
    if (!list) return;
    if (e.altKey && sideways && !("fixed" in card.dataset)) {
      const putBack = holder(card);
      list.prepend(card);
      const focus = () => byId(card.id)?.querySelector(".board-title")?.focus();
      focus();
      move(card, list, putBack).then(focus);
    } else if (!e.altKey) {
      const cards = all(".board-card", list);
      const at = all(".board-card", card.parentElement).indexOf(card);
      cards[sideways ? Math.min(at, cards.length - 1) : at + (e.key === "ArrowDown" ? 1 : -1)]?.querySelector(".board-title")?.focus();
    }
  });
  on("submit", (e) => {
    const card = byId(e.target.dataset.cardMove);
    const list = card && e.submitter && card.closest("[data-board]")?.querySelector(`[data-stage="${CSS.escape(e.submitter.value)}"]`);
    if (!list) return;
    e.preventDefault();
    const putBack = holder(card);
    list.prepend(card);
    move(card, list, putBack);
  });
})();
