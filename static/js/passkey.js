// A passkey that was not given, or that this device cannot make, is said beside the button.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const words = document.getElementById("passkey_error");
  if (words) words.hidden = false;
});
