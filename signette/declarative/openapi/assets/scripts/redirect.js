/* Passes the response of an authorization server (RFC 6749 §4.1.2) to the page that started the login. A channel finds
   that page also where the server has cut `window.opener` off; pages that started no such login ignore the message. */
"use strict";

const state = document.getElementById("state");
const channel = new BroadcastChannel("signette-login");
const received = Object.fromEntries(new URLSearchParams(location.search));
// The code must not stay in the history.
history.replaceState(null, "", location.pathname);

channel.addEventListener("message", ({ data }) => {
  if (data.taken !== received.state) return;
  state.textContent = "You can close this window.";
  window.close();
});
channel.postMessage({ response: received });
setTimeout(() => {
  if (!window.closed && state.textContent.startsWith("Returning")) {
    state.textContent = "No open page of API docs started this login. Log in there again.";
  }
}, 1000);
