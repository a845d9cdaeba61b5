// A closed explanation does not print. Open it for the paper and close it afterwards.
(function () {
  let opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details.keys:not([open])"));
    opened.forEach((details) => { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach((details) => { details.open = false; });
  });
})();
