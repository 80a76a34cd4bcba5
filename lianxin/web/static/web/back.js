"use strict";
// Back to the form as it was filled in; without script the browser's own button does the same.
document.querySelectorAll("[data-back]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.history.back());
});
