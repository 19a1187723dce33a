"use strict";
(() => {
  const outcomes = JSON.parse(document.getElementById("outcomes").textContent);
  const form = document.querySelector("form");
  const fields = ["q", "family", "level", "role", "version", "outcome"];
  const rows = [...document.querySelectorAll("#matrix tr[data-id]")];
  const families = [...document.querySelectorAll("#matrix tbody")];
  const section = new Map([...document.querySelectorAll(".req")].map(s => [s.id, s]));
  const shown = document.getElementById("shown");

  // The worst outcome of a cell among the roles and versions that are chosen.
  const standing = (cell, role, version) => {
    let worst = -1;
    for (const part of (cell.dataset.by || "").split(" ")) {
      const [of, place] = part.split(":");
      if (place === undefined) continue;
      const [r, v] = of.split(",");
      if ((!role || r === role) && (!version || v === version)) worst = Math.max(worst, +place);
    }
    return worst;
  };

  const paint = (cell, place, narrow) => {
    const mark = cell.querySelector(".o");
    if (!mark) return;
    mark.hidden = place < 0;
    if (place < 0) return;
    const look = outcomes[place];
    mark.className = "o c-" + look.class;
    mark.querySelector("b").textContent = look.symbol;
    mark.querySelector("span").textContent = look.word;
    // What is counted is counted over all roles and versions.
    mark.querySelector("small").hidden = narrow;
  };

  const apply = () => {
    const want = Object.fromEntries(fields.map(name => [name, form.elements[name].value.trim()]));
    const text = want.q.toLowerCase();
    const narrow = !!(want.role || want.version);
    let count = 0;
    for (const row of rows) {
      const data = row.dataset;
      let any = false, wanted = false;
      for (const cell of row.querySelectorAll("td")) {
        const place = standing(cell, want.role, want.version);
        paint(cell, place, narrow);
        any ||= place >= 0;
        wanted ||= place >= 0 && (!want.outcome || outcomes[place].name === want.outcome);
      }
      const fits = any && wanted
        && (!want.family || data.family === want.family)
        && (!want.level || data.level === want.level)
        && (!text || (data.id + " " + data.says).toLowerCase().includes(text));
      row.hidden = !fits;
      const its = section.get(data.id);
      if (its) its.hidden = !fits;
      if (fits) count++;
    }
    for (const family of families) family.hidden = !family.querySelector("tr[data-id]:not([hidden])");
    shown.textContent = count === rows.length ? `${count} requirements` : `${count} of ${rows.length} requirements`;
    const query = new URLSearchParams();
    for (const name of fields) if (want[name]) query.set(name, want[name]);
    const text_query = query.toString();
    history.replaceState(null, "", (text_query ? "?" + text_query : location.pathname) + location.hash);
  };

  const restore = () => {
    const query = new URLSearchParams(location.search);
    for (const name of fields) form.elements[name].value = query.get(name) || "";
    apply();
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("popstate", restore);

  for (const button of document.querySelectorAll("#matrix .family button")) {
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      for (const row of button.closest("tbody").querySelectorAll("tr[data-id]")) row.classList.toggle("folded", open);
    });
  }

  // What a link leads to is shown, whatever is filtered.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    const first = target.querySelector("details.exhibit");
    if (first) first.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  const tip = document.getElementById("hover");
  const show = event => {
    const record = event.target.closest?.("[data-tip]");
    tip.hidden = !record;
    if (!record) return;
    tip.textContent = record.dataset.tip;
    const box = record.getBoundingClientRect();
    const left = Math.min(Math.max(box.left, 8), innerWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(left, 4) + scrollX + "px";
    tip.style.top = box.bottom + scrollY + 6 + "px";
  };
  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, show);
  document.addEventListener("focusout", () => { tip.hidden = true; });
  document.addEventListener("keydown", event => { if (event.key === "Escape") tip.hidden = true; });

  restore();
  reveal();
})();
