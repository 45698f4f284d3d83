// Scanning with the camera where the browser can read codes, and clocks that count down on the server's time.
"use strict";

// Camera: a button beside every scan field, and one dialog that reads Code 128 and Data Matrix.
const FORMATS = ["code_128", "data_matrix"];
let stream = null;

const closeCamera = (dialog) => {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  dialog.remove();
};

const readInto = async (field) => {
  const dialog = document.createElement("dialog");
  const video = document.createElement("video");
  const close = document.createElement("button");
  const says = document.createElement("p");
  dialog.className = "camera";
  dialog.setAttribute("aria-label", "Camera");
  video.muted = video.playsInline = true;
  close.type = "button";
  close.textContent = "Close";
  says.textContent = "Hold the code in front of the camera.";
  dialog.append(says, video, close);
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    closeCamera(dialog);
    field.focus();
  });
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    const detector = new BarcodeDetector({ formats: FORMATS });
    const look = async () => {
      if (!dialog.open) return;
      const [found] = await detector.detect(video).catch(() => []);
      if (!found) return void setTimeout(look, 150);
      field.value = found.rawValue;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      dialog.close();
      [...field.form.querySelectorAll("input[data-scan]")].find((each) => !each.value)?.focus();
    };
    look();
  } catch {
    says.textContent = "The camera cannot be used here; use a scanner, or type what the label says.";
  }
};

const offerCamera = async () => {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const can = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!FORMATS.some((each) => can.includes(each))) return;
  for (const field of document.querySelectorAll("input[data-scan]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "second";
    button.textContent = "Use the camera";
    button.setAttribute("aria-label", `Read ${field.labels[0]?.textContent.trim()} with the camera`);
    button.addEventListener("click", () => readInto(field));
    field.after(button);
  }
};
document.addEventListener("DOMContentLoaded", offerCamera);

// Clocks: what is left until a moment, counted from the server's time and not from this machine's.
const arrived = performance.now();
const tick = () => {
  for (const clock of document.querySelectorAll("[data-until]")) {
    const seconds = Math.round((Date.parse(clock.dataset.until) - Date.parse(clock.dataset.now) - (performance.now() - arrived)) / 1000);
    const left = Math.abs(seconds);
    const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60].map((each) => String(each).padStart(2, "0"));
    clock.querySelector(".left").textContent = (seconds < 0 ? "−" : "") + (parts[0] === "00" ? parts.slice(1) : parts).join(":");
    clock.querySelector(".word").textContent = seconds <= 0 ? "over" : seconds < 600 ? "nearly over" : "left";
    clock.classList.toggle("stop", seconds <= 0);
    clock.classList.toggle("attention", seconds > 0 && seconds < 600);
  }
};
document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector("[data-until]")) {
    tick();
    setInterval(tick, 1000);
  }
});
