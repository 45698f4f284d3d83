// What pages do beyond plain HTML: move focus to a refusal, keep scanners in their field, and answer a few keys.
"use strict";

// A refusal or a stop is read first.
const first = () => document.querySelector("#refused, .wrong input, .wrong select, [data-focus]");
document.addEventListener("DOMContentLoaded", () => first()?.focus());

// A scanner types and ends with Enter: in a form that scans, Enter goes to the next empty scan field before it submits.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !(field instanceof HTMLInputElement) || !field.dataset.scan) return;
  const next = [...field.form.querySelectorAll("input[data-scan]")].find((each) => !each.value);
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

// Keys: g then b goes to the board, / to the search field.
let before = "";
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (before === "g" && event.key === "b") location.assign("/board");
  before = event.key;
});

// A form is sent once.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.method === "post" && button) setTimeout(() => (button.disabled = true), 0);
});
