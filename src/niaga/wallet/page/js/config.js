/** Where the authority is and which roots are believed, as whoever runs this wallet has set it. */
export const config = await (await fetch(new URL("../config.json", import.meta.url))).json();
