/* What the pages do beyond links and forms. Everything here has a way without it; docs/look.md lists the attributes it reads. */
(() => {
  "use strict";
  const strings = JSON.parse(document.body.dataset.strings);
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (names, act, capture) => names.split(", ").forEach((name) => document.addEventListener(name, act, capture));
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const remember = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`; };

  /* Notices: flashed by the page, sent as the HX-Trigger event `notice`, or made of an error. */
  function notice(text, tone = "green") {
    const box = byId("notice_part").content.firstElementChild.cloneNode(true), drawing = box.querySelector("use");
    box.className = `notice tone-${tone}`;
    box.querySelector(".notice-text").textContent = text;
    if (tone === "red") {
      box.setAttribute("role", "alert");
      drawing.setAttribute("href", drawing.getAttribute("href").replace("#info-circle", "#alert-circle"));
    }
    (all("dialog[open]").pop()?.querySelector("[data-notices]") || byId("notices")).prepend(box);
    fade(box);
  }
  const fade = (box) => box.matches(".tone-green, .tone-blue") && setTimeout(() => box.matches(":hover, :focus-within") ? fade(box) : box.remove(), 7000);
  on("notice", (e) => notice(e.detail.text ?? e.detail.value, e.detail.tone));
  all("[data-notice]").forEach(fade);

  /* Errors. 422 is a form with its errors and is swapped; other refusals show their reason, unless the server or the element names a target. */
  const failures = { 403: "forbidden", 404: "missing", 409: "conflict", 413: "toolarge", 429: "toomany" };
  on("htmx:response:error", (e) => {
    const { ctx } = e.detail, { status } = ctx.response;
    ctx.sourceElement.refused = true;
    if (ctx.hx.retarget === "#notices" && dialog.open) ctx.hx.retarget = "#dialog [data-notices]";  // those of the page lie behind it
    if (ctx.hx.retarget && !ctx.hx.reswap) ctx.swap = "innerHTML";
    if (status === 422 || (status < 500 && (ctx.hx.retarget || ctx.sourceElement.hasAttribute(`hx-status:${status}`)))) return;
    ctx.swap = "none";
    if (ctx.hx.trigger?.includes("notice")) return;
    const reason = new DOMParser().parseFromString(ctx.text, "text/html").querySelector("[data-reason]")?.textContent.trim();
    notice(reason || strings[failures[status]] || strings.failed, "red");
  });
  on("htmx:error", (e) => {
    const { ctx, error } = e.detail;
    if (ctx) ctx.sourceElement.refused = true;
    if (ctx?.response) console.error(error);
    else notice(ctx?.request?.signal?.reason === "timeout" ? strings.slow : strings.offline, "red");
  });
  on("htmx:before:response", (e) => {
    // A session that ended answers with the sign-in page: go there instead of showing it inside a panel.
    const { raw } = e.detail.ctx.response;
    if (!raw.redirected || new URL(raw.url).pathname !== "/login") return;
    e.preventDefault();
    location.assign(raw.url);
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
  dialog.addEventListener("close", () => [byId("dialog_body"), dialog.querySelector("[data-notices]")].forEach((part) => part.replaceChildren()));
  dialog.addEventListener("cancel", (e) => {
    if (!dialog.querySelector("form[data-changed]")) return;
    e.preventDefault();
    ask(strings.leave).then((yes) => yes && dialog.close());
  });

  /* Questions before a step that can't be taken back. */
  function ask(text, verb) {
    const box = byId("ask"), yes = box.querySelector("[value=yes]");
    byId("ask_text").textContent = text;
    yes.textContent = verb?.textContent.trim() || yes.dataset.label;
    yes.className = verb?.matches(".btn-danger, .menu-item-danger") ? "btn btn-danger" : "btn btn-primary";
    box.returnValue = "no"; box.showModal();
    return new Promise((done) => box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }));
  }
  on("htmx:confirm", (e) => {
    e.preventDefault();
    ask(e.detail.ctx.confirm).then((yes) => e.detail[yes ? "issueRequest" : "dropRequest"]());
  });
  on("submit", (e) => {
    const form = e.target;
    if (!form.dataset.confirm || form.confirmed) return;
    e.preventDefault(); e.stopImmediatePropagation();
    ask(form.dataset.confirm, e.submitter).then((yes) => { form.confirmed = yes; if (yes) form.requestSubmit(e.submitter); form.confirmed = false; });
  }, true);

  /* Forms: sent once, and nothing typed is lost by leaving. */
  const lock = (form, off) => all(off ? "button:not([type=button], :disabled)" : "button[data-locked]", form)
    .forEach((button) => { button.disabled = off; button.toggleAttribute("data-locked", off); });
  on("submit", (e) => {
    e.target.removeAttribute("data-changed");
    if (!e.defaultPrevented && e.target.matches("[method=post]:not([data-download])")) setTimeout(() => lock(e.target, true));
  });
  on("htmx:before:request", (e) => e.target.matches?.("form") && lock(e.target, true));
  on("htmx:finally:request", (e) => {
    const form = e.target;
    if (!form.matches?.("form")) return;
    lock(form, false);
    if (!form.matches("[data-reset]") || !e.detail.ctx.response?.raw.ok) return;
    form.reset();
    all("input[name=_key]", form).forEach((input) => { input.value = newKey(); });
    form.querySelector("[data-quick-text]")?.focus();
  });
  addEventListener("pageshow", () => lock(document, false));
  on("input", (e) => e.target.closest("form[data-guard]")?.setAttribute("data-changed", ""));
  addEventListener("beforeunload", (e) => { if (document.querySelector("form[data-changed]")) e.preventDefault(); });

  /* Listboxes: the picker and the palette move through [role=option] alike. */
  const listed = ":is([role=combobox], [data-mentions])", picker = `[data-picker] ${listed}`;
  const optionsOf = (input) => byId(input.getAttribute("aria-controls")), chosenIn = (list) => list.querySelector("[aria-selected=true]");
  /* The "@An" before the caret of a text in which colleagues may be named. */
  const naming = (input) => input.matches("[data-mentions]") && /(?<![\w.])[@＠]([^\s@＠]{0,20})$/.exec(input.value.slice(0, input.selectionStart));
  function highlight(input, option) {
    all("[aria-selected]", optionsOf(input)).forEach((other) => other.setAttribute("aria-selected", "false"));
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.id ||= `option_${newKey()}`;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }
  function step(input, by) {
    const options = all("[role=option]", optionsOf(input)), next = options.indexOf(chosenIn(optionsOf(input))) + by;
    highlight(input, options.at(next < 0 ? -1 : next % options.length));
  }
  function show(input, visible) {
    if (!input.matches(picker)) return;
    optionsOf(input).hidden = !visible;
    if (input.role) input.setAttribute("aria-expanded", String(visible));
    if (!visible) highlight(input, null);
  }
  function pick(input, value, label) {
    const hidden = input.closest("[data-picker]").querySelector("input[type=hidden]"), at = naming(input);
    show(input, false);
    if (at) return input.setRangeText(`@${label} `, at.index, input.selectionStart, "end");
    input.value = label;
    hidden.value = value;
    for (const name of ["input", "change"]) hidden.dispatchEvent(new Event(name, { bubbles: true }));
  }
  on("htmx:config:request", (e) => {
    const { sourceElement: input, request } = e.detail.ctx;
    if (!input.matches(picker)) return;
    const at = naming(input);
    if (input.matches("[data-mentions]") && !at) { e.preventDefault(); return show(input, false); }
    request.body.delete(input.name);
    request.body.set("q", at ? at[1] : input.value.trim());
  });
  on("htmx:after:swap", (e) => {
    const input = document.activeElement;
    if (!input?.matches(listed) || e.detail.ctx.sourceElement !== input) return;
    const first = optionsOf(input).querySelector("[role=option]");
    show(input, input.role ? optionsOf(input).childElementCount > 0 : Boolean(first && naming(input)));
    if (input.value.trim() && !optionsOf(input).hidden) highlight(input, first);
  });
  on("input", (e) => { if (e.target.role && e.target.matches(picker)) e.target.closest("[data-picker]").querySelector("input[type=hidden]").value = ""; });
  on("focusout", (e) => e.target.matches?.(picker) && show(e.target, false));
  on("mousedown", (e) => e.target.closest("[data-picker] .options") && e.preventDefault());
  on("click", (e) => {
    const input = e.target.closest("[data-picker]")?.querySelector(listed), option = e.target.closest("[data-value]");
    if (!input) return;
    if (option) pick(input, option.dataset.value, option.dataset.label);
    else if (e.target.closest("[data-clear]")) { pick(input, "", ""); input.focus(); }
    else if (e.target === input && optionsOf(input).hidden) input.dispatchEvent(new Event("pick"));
  });
  on("keydown", (e) => {
    const input = e.target;
    if (!input.matches?.(listed) || e.isComposing) return;
    const list = optionsOf(input), chosen = list.hidden ? null : chosenIn(list), steps = Boolean(input.role) || !list.hidden;
    const taken = { ArrowDown: steps, ArrowUp: steps, Enter: chosen, Escape: !list.hidden }[e.key];
    if (e.key === "Tab" && chosen?.dataset.value) pick(input, chosen.dataset.value, chosen.dataset.label);
    if (!taken) return;
    e.preventDefault(); e.stopPropagation();
    if (e.key === "Enter") chosen.click();
    else if (e.key === "Escape") input.matches(picker) ? show(input, false) : input.closest("dialog").close();
    else if (list.hidden) input.dispatchEvent(new Event("pick"));
    else step(input, e.key === "ArrowDown" ? 1 : -1);
  });

  /* A column of figures: Enter goes to the next one, as Tab does. */
  on("keydown", (e) => {
    if (e.key !== "Enter" || e.ctrlKey || e.metaKey || e.isComposing || !e.target.matches?.("[data-column] input")) return;
    const column = all("[data-column] input:not([type=hidden], :disabled)"), next = column[column.indexOf(e.target) + 1];
    e.preventDefault(); e.target.blur(); next?.focus(); next?.select();
  });

  /* Keys. data-shortcut="n" or "Ctrl+K" presses that button, link or radio; the help lists them. */
  on("keydown", (e) => {
    const writing = e.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    const command = (e.ctrlKey || e.metaKey) && !e.altKey;
    if (e.key === "Enter" && command && writing) return writing.form?.requestSubmit();
    if (e.key === "Escape") return all("[data-notice]").forEach((box) => box.remove());
    if ((!command && (writing || localStorage.singleKeys === "off")) || e.altKey || e.isComposing || e.key.length > 1) return;
    const key = CSS.escape(command ? `Ctrl+${e.key.toUpperCase()}` : e.key);
    const target = all(`[data-shortcut="${key}"]`, all("dialog[open]").pop()).find((one) => one.checkVisibility()), search = document.querySelector("[data-list-search]");
    if (target) { target.click(); if (target.type === "radio") target.form.querySelector("[data-quick-text]")?.focus(); }
    else if (e.key === "/" && !command) search ? search.focus() : openBox("palette");
    else if (e.key === "?" && !command) openBox("shortcuts");
    else return;
    e.preventDefault();
  });
  function openBox(id) {
    const box = byId(id), list = box.querySelector("[data-shortcut-list]");
    if (box.open) return box.close();
    all("[data-added]", box).forEach((row) => row.remove());
    for (const target of list ? all("[data-shortcut]") : []) {
      const row = list.firstElementChild.cloneNode(true); row.dataset.added = "";
      row.querySelector("kbd").textContent = target.dataset.shortcut;
      row.querySelector("dd").textContent = target.dataset.shortcutLabel || target.textContent.trim();
      list.append(row);
    }
    box.showModal();
    if (id === "palette") { byId("palette_text").select(); byId("palette_text").dispatchEvent(new Event("pick")); }
  }
  all("[data-single-keys]").forEach((box) => { box.checked = localStorage.singleKeys !== "off"; });
  on("change", (e) => { if (e.target.matches("[data-single-keys]")) localStorage.singleKeys = e.target.checked ? "on" : "off"; });

  /* What is pressed. */
  on("click", (e) => {
    const target = e.target.closest("[data-open], [data-close], [data-dismiss], [data-set-theme], [data-nav-toggle], [data-select-none], [data-print]");
    if (e.target.closest(".menu-panel :is(a, button)")) setTimeout(() => e.target.closest(".menu-panel:popover-open")?.hidePopover());
    if (!target || e.ctrlKey || e.metaKey) return;
    const root = document.documentElement, { open, setTheme } = target.dataset;
    if (target.matches("[data-print]")) print(); else if (open) { e.preventDefault(); openBox(open); }
    else if (target.matches("[data-close]")) { if (target.closest("dialog")) { e.preventDefault(); target.closest("dialog").close(); } }
    else if (target.matches("[data-dismiss]")) target.closest("[data-notice]").remove();
    else if (target.matches("[data-select-none]")) count(target.closest("[data-list]"), false);
    else if (setTheme) {
      root.dataset.bsTheme = setTheme;
      all("[data-set-theme]").forEach((button) => { button.ariaPressed = String(button === target); button.classList.toggle("active", button === target); });
      remember("theme", setTheme);
    } else {
      remember("nav", root.dataset.nav = root.dataset.nav === "rail" ? "full" : "rail");
    }
  });
  on("toggle", (e) => e.target.matches?.(".nav-group") && remember("folded", all(".nav-group:not([open])").map((group) => group.dataset.group).join(".")), true);

  /* Selected rows of a list. */
  function count(list, checked) {
    if (checked !== undefined) all("input[name=ids]", list).forEach((box) => { box.checked = checked; });
    const boxes = all("input[name=ids]", list), page = list.querySelector("[data-select-page]");
    const chosen = boxes.filter((box) => box.checked).length, whole = chosen > 0 && chosen === boxes.length;
    if (page) { page.checked = whole; page.indeterminate = chosen > 0 && !whole; }
    list.toggleAttribute("data-page-selected", whole);
    all("input[name=all_matching]", list).forEach((box) => { box.checked &&= whole; });
    all("[data-selected-count]", list).forEach((text) => { text.textContent = strings.selected.replace("{n}", chosen); });
  }
  let lastBox = null;
  on("click", (e) => {
    const list = e.target.closest("[data-list]");
    if (e.target.matches("[data-select-page]")) count(list, e.target.checked);
    if (!e.target.matches("[data-list] input[name=ids]")) return;
    const boxes = all("input[name=ids]", list);
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(e.target)].sort((a, b) => a - b);
    if (e.shiftKey && from >= 0) boxes.slice(from, to).forEach((box) => { box.checked = e.target.checked; });
    lastBox = e.target; count(list);
  });

  /* Boards: a card dragged, moved by Alt and an arrow or by its form is posted; refused, it goes back and the reason is shown. */
  async function move(card, list, putBack) {
    card.refused = false;
    await htmx.ajax("POST", card.dataset.moveUrl, { source: card, swap: "none", values: { stage: list.dataset.stage, version: card.dataset.version, _key: newKey() } });
    if (card.refused) putBack();
    byId("announcer").textContent = (card.refused ? strings.movedBack : strings.moved.replace("{name}", list.dataset.stageLabel));
  }
  const holder = (card, list = card.parentElement, next = card.nextElementSibling) => () => list.insertBefore(card, next?.parentElement === list ? next : null);
  async function send(card, list) {
    const putBack = holder(card);
    list.prepend(card);
    await move(card, list, putBack);
    byId(card.id)?.querySelector(".board-title")?.focus();
  }
  function armBoards() {
    for (const list of window.Sortable ? all("[data-board] .board-cards") : []) {
      let putBack = null;
      if (!Sortable.get(list)) new Sortable(list, {
        group: "board", draggable: ".board-card:not([data-fixed])", filter: "button, form", preventOnFilter: false, ghostClass: "board-ghost",
        animation: 120, delay: 150, delayOnTouchOnly: true, touchStartThreshold: 5, scrollSensitivity: 60,
        onStart: (e) => { putBack = holder(e.item); },
        onEnd: (e) => { if (e.from !== e.to) move(e.item, e.to, putBack); },
      });
    }
  }
  on("htmx:after:process", armBoards); armBoards();
  on("keydown", (e) => {
    const card = e.target.closest?.(".board-card:not([data-fixed])"), way = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!card || !way || !e.altKey) return;
    e.preventDefault();
    const lists = all(".board-cards", card.closest("[data-board]")), list = lists[lists.indexOf(card.parentElement) + way];
    if (list) send(card, list);
  });
  on("submit", (e) => {
    const card = byId(e.target.dataset.cardMove), list = e.submitter && card?.closest("[data-board]").querySelector(`[data-stage="${CSS.escape(e.submitter.value)}"]`);
    if (list) { e.preventDefault(); send(card, list); }
  });
})();
