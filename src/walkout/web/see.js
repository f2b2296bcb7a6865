"use strict";
(() => {
  const shots = [...document.querySelectorAll(".shot")];
  const scrub = document.getElementById("scrub");
  const instant = document.getElementById("instant");
  const said = document.getElementById("said");
  if (shots.length < 2) return;
  const show = () => {
    shots.forEach((shot, k) => { shot.hidden = k !== Number(instant.value); });
    said.textContent = shots[Number(instant.value)].dataset.when;
  };
  scrub.hidden = false;
  instant.addEventListener("input", show);
  show();
})();
