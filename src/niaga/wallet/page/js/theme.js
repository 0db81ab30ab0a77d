/* Before the first paint, so that a dark room stays dark. */
const theme = localStorage.getItem("niaga-wallet-theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
