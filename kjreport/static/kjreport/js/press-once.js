// Lets a double click send a form once: a second sign-up would answer with another letter, and be turned away.
// Without this file nothing is lost but that; the server counts either way.

const PAUSE = 5000; // milliseconds; after that a reader may try again, whatever became of the first

for (const form of document.querySelectorAll("form[method=post]:not([data-passkey])")) {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < PAUSE) event.preventDefault();
    else sentAt = event.timeStamp;
  });
}
