/*
 * What this browser keeps: cards (with keys that can't leave it), payments, status lists.
 *
 * The database is the wallet: nothing of it is anywhere else. A payment is written before it is
 * sent, and its number (xid) is the key, so that no second one can be written beside it.
 */
const NAME = "niaga-wallet";
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("cards", { keyPath: "id" });
      database.createObjectStore("payments", { keyPath: "xid" }).createIndex("url", "url");
      database.createObjectStore("statuses", { keyPath: "thumbprint" });
      database.createObjectStore("settings", { keyPath: "name" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Run `work` on one object store in one transaction; its result once all is written to disk. */
async function within(name, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: "strict" });
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error);
  });
}

const get = (name, key) => within(name, "readonly", (store) => store.get(key));
const all = (name) => within(name, "readonly", (store) => store.getAll());
const put = (name, value) => within(name, "readwrite", (store) => store.put(value));

/** Cards, the last used first. */
export const cards = async () => (await all("cards")).sort((a, b) => b.usedAt - a.usedAt);
export const card = (id) => get("cards", id);
export const keepCard = (value) => put("cards", value);
export const removeCard = (id) => within("cards", "readwrite", (store) => store.delete(id));

/** Payments, the newest first. */
export const payments = async () => (await all("payments")).sort((a, b) => b.signedAt - a.signedAt);
export const payment = (xid) => get("payments", xid);
export const paymentsAt = (url) =>
  within("payments", "readonly", (store) => store.index("url").getAll(url));
/** Keep a payment that was not there; false if its xid was signed before. */
export async function addPayment(value) {
  try {
    await within("payments", "readwrite", (store) => store.add(value));
    return true;
  } catch (error) {
    if (error?.name === "ConstraintError") return false;
    throw error;
  }
}
export const changePayment = (value) => put("payments", value);

export const status = (thumbprint) => get("statuses", thumbprint);
export const keepStatus = (value) => put("statuses", value);

export const setting = async (name) => (await get("settings", name))?.value;
export const keepSetting = (name, value) => put("settings", { name, value });
