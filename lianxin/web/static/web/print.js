"use strict";
// Opens the print dialogue; without script the browser's own menu does the same.
document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
