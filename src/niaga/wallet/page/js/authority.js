/* The authority, from which certificates and status lists come. */
import { config } from "./config.js";
import { call, callJson, post } from "./http.js";

const at = (path) => `${config.authority}/${path}`;

export const challenge = () => post(at("enrolments/challenge"));
export const enrol = (request) => post(at("enrolments"), request);
export const renew = (token) =>
  callJson(at("renewals"), { method: "POST", body: token, type: "application/jose" });
export const statusList = (thumbprint) => call(at(`status/${thumbprint}`));
