"use strict";
(() => {
  const marked = [...document.querySelectorAll("[data-event]")].map((node) => [node, node.dataset.event.split(" ")]);
  const show = (from) => {
    const one = from instanceof Element ? from.closest("[data-event]") : null;
    const wanted = one ? one.dataset.event.split(" ") : [];
    for (const [node, numbers] of marked) {
      node.classList.toggle("lit", numbers.some((number) => wanted.includes(number)));
    }
  };
  document.addEventListener("mouseover", (event) => show(event.target));
  document.addEventListener("focusin", (event) => show(event.target));
  document.addEventListener("mouseleave", () => show(document.activeElement));
  document.addEventListener("focusout", () => show(null));
})();
