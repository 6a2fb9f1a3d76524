// Lets a form be answered by a passkey. Forms say what for: data-passkey="sign-in", "add" or "use".
// Without this file they stay hidden, and a code by e-mail does the same.

const forms = document.querySelectorAll("form[data-passkey]");

const sentences = {
  NotAllowedError: "Nothing was chosen, or it took too long. You can try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  NotSupportedError: "This device cannot make passkeys.",
  SecurityError: "Passkeys need a secure address with a name, such as https://… or http://localhost.",
};

function say(form, failure) {
  form.querySelector(".passkey__says").textContent =
    sentences[failure.name] ?? "That did not work. A code by e-mail always does.";
}

async function askForOptions(form) {
  if (form.dataset.passkey !== "sign-in") {
    return JSON.parse(document.getElementById("passkey-options").textContent);
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("The options did not come.");
  return (await answer.json()).request_options;
}

async function fetchCredential(form) {
  const options = await askForOptions(form);
  if (form.dataset.passkey !== "add") return window.webauthnJSON.get(options);
  // A passkey of ours signs in alone: it must be found without a name, and check who holds it.
  Object.assign(options.publicKey.authenticatorSelection, {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  });
  return window.webauthnJSON.create(options);
}

async function answer(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    form.elements.credential.value = JSON.stringify(await fetchCredential(form));
    form.submit();
  } catch (failure) {
    say(form, failure);
    button.disabled = false;
  }
}

if (window.PublicKeyCredential && window.webauthnJSON) {
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", answer);
  }
}
