"use strict";
(() => {
  const outcomes = JSON.parse(document.getElementById("outcomes").textContent);
  const form = document.querySelector("form");
  const fields = ["q", "family", "level", "role", "version", "subject", "outcome"];
  const rows = [...document.querySelectorAll("#matrix tr[data-id]")];
  const families = [...document.querySelectorAll("#matrix tbody")];
  const section = new Map([...document.querySelectorAll(".req")].map(s => [s.id, s]));
  const headings = [...document.querySelectorAll("h3.family")];
  const shown = document.getElementById("shown");
  const contents = document.getElementById("contents");
  // Without scripts there is nothing to filter with.
  form.hidden = false;

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
    // The count is over all roles and versions.
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
      for (const [i, cell] of row.querySelectorAll("td[data-by]").entries()) {
        const place = standing(cell, want.role, want.version);
        paint(cell, place, narrow);
        if (want.subject && +want.subject !== i + 1) continue;
        any ||= place >= 0;
        wanted ||= place >= 0 && (!want.outcome || outcomes[place].name === want.outcome);
      }
      const fits = any && wanted
        && (!want.family || data.family === want.family)
        && (!want.level || data.level === want.level)
        && (!text || (data.id + " " + (data.says ?? row.querySelector(".says").textContent)).toLowerCase().includes(text));
      row.hidden = !fits;
      const its = section.get(data.id);
      if (its) its.hidden = !fits;
      if (fits) count++;
    }
    for (const heading of headings) {
      const rest = rows.filter(row => row.dataset.family === heading.id.slice(7) && !row.hidden);
      heading.hidden = !rest.length;
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

  // A count in the summary filters the matrix without loading the page again.
  for (const link of document.querySelectorAll("a[data-filter]")) {
    link.addEventListener("click", event => {
      event.preventDefault();
      const query = new URLSearchParams(link.search);
      for (const name of fields) form.elements[name].value = query.get(name) || "";
      apply();
      document.getElementById("matrix-of").scrollIntoView();
    });
  }

  // The target of a link is shown, even if it is filtered out or folded.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const around = target.closest(".req") || target;
    around.hidden = false;
    target.hidden = false;
    const first = target.matches("details") ? target : target.querySelector("details.exhibit");
    if (first) first.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", event => {
    if (event.target.closest?.("#contents a") || !event.target.closest?.("#contents")) contents.open = false;
  });

  const tip = document.getElementById("hover");
  // The browser would show a title by itself, and not on focus.
  const words = record => {
    const svg = record.closest("svg");
    // The picture for phones leaves titles to the one before it.
    const at = [...svg.querySelectorAll(".ev")].indexOf(record);
    const twin = svg.matches(".narrow") ? svg.previousElementSibling.querySelectorAll(".ev")[at] : record;
    if (twin !== record && !record.dataset.tip) {
      record.dataset.tip = words(twin);
      record.setAttribute("aria-label", record.dataset.tip);
    }
    const title = record.querySelector("title");
    if (title) {
      record.dataset.tip = title.textContent;
      record.setAttribute("aria-label", title.textContent);
      title.remove();
    }
    return record.dataset.tip;
  };
  const show = event => {
    const record = event.target.closest?.(".ev[tabindex]");
    tip.hidden = !record;
    if (!record) return;
    tip.textContent = words(record);
    const box = record.getBoundingClientRect();
    const left = Math.min(Math.max(box.left, 8), innerWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(left, 4) + scrollX + "px";
    tip.style.top = box.bottom + scrollY + 6 + "px";
  };
  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, show);
  document.addEventListener("focusout", () => { tip.hidden = true; });
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    tip.hidden = true;
    contents.open = false;
  });

  restore();
  reveal();
})();
