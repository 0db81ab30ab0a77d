/** What the protocol fixes (messages, roles, lifetimes), as the server writes it from its own code. */
export const protocol = await (await fetch(new URL("../protocol.json", import.meta.url))).json();
