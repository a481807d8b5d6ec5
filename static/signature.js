/* A signature, drawn with a finger, a pen or the mouse, goes as a picture with the form that it is in. */
"use strict";
for (const pad of document.querySelectorAll("canvas[data-signature]")) {
  const pen = pad.getContext("2d"), picture = document.getElementById(pad.dataset.signature);
  const at = (e) => [e.offsetX * pad.width / pad.clientWidth, e.offsetY * pad.height / pad.clientHeight];
  const draw = (e) => { pen.lineTo(...at(e)); pen.stroke(); };
  Object.assign(pen, { lineWidth: 3, lineCap: "round", lineJoin: "round" });
  pad.addEventListener("pointerdown", (e) => { pad.setPointerCapture(e.pointerId); pen.beginPath(); pen.moveTo(...at(e)); draw(e); });
  pad.addEventListener("pointermove", (e) => { if (e.buttons) draw(e); });
  pad.addEventListener("pointerup", () => { picture.value = pad.toDataURL(); });
  document.getElementById(pad.dataset.wipe).addEventListener("click", () => { pen.clearRect(0, 0, pad.width, pad.height); picture.value = ""; });
}
