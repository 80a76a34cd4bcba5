// A QR code on a receipt carries the code behind "#": browsers keep that part to themselves and never send it.
(() => {
  "use strict";
  const code = decodeURIComponent(location.hash.slice(1));
  const input = document.getElementById("receipt");
  if (!code || !input) return;
  input.value = code;
  history.replaceState(null, "", location.pathname);
})();
